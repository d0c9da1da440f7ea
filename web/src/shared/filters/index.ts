export { FilterBar, type Choice, type FilterField } from "./FilterBar";
export { useUrlFilters } from "./useUrlFilters";
