export { api, apiUrl, setCsrfToken, whenSessionEnds } from "./client";
export { ApiError, asApiError, type ErrorPlace } from "./errors";
export { usePages, type Page } from "./paging";
export { queryClient } from "./queries";
export type { Schemas } from "./schemas";
