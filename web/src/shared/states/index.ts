export { EmptyState, ErrorState, Loaded, LoadingState, NoMatch } from "./States";
export { ErrorBoundary } from "./ErrorBoundary";
export { Drawing, type DrawingName } from "./Drawing";
export { useTold } from "./told";
