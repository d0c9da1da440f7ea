import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./errors";

function worthRetrying(failures: number, error: Error): boolean {
  const status = error instanceof ApiError ? error.status : 0;
  return failures < 2 && (status === 0 || status >= 500);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    // Half a minute: going back to a page shows it at once, and it is still refreshed behind the reader's back.
    queries: { staleTime: 30_000, gcTime: 10 * 60_000, retry: worthRetrying, refetchOnWindowFocus: false },
    mutations: { retry: false },
  },
});
