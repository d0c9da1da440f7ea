export { FilterBar, type Choice, type FilterField } from "./FilterBar";
export { SavedViews } from "./SavedViews";
export { useUrlFilters } from "./useUrlFilters";
