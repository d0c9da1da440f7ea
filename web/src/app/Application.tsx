import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "react-router";
import { queryClient } from "@/shared/api";
import { addWords } from "@/shared/i18n";
import { ThemeProvider } from "@/shared/theme";
import en from "./i18n/en.json";
import zh from "./i18n/zh.json";
import { router } from "./routes";

addWords("app", { zh, en });

export function Application() {
  return (
    <QueryClientProvider client={queryClient}>
      <ThemeProvider>
        <RouterProvider router={router} />
      </ThemeProvider>
    </QueryClientProvider>
  );
}
