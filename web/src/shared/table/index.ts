export { DataTable, type Column, type Rows } from "./DataTable";
export { useColumns } from "./useColumns";
