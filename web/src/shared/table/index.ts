export { DataTable, type Column, type Picking, type Rows } from "./DataTable";
export { useColumns } from "./useColumns";
