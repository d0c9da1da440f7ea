import { useQuery } from "@tanstack/react-query";
import { api, ApiError } from "@/shared/api";
import type { Words } from "@/shared/i18n";
import type { ScopeRoots } from "./catalog";
import type { Tree } from "./tree";

/** One mistake; offsets count code points, as the server's language does. */
export interface Problem {
  code: string;
  start: number;
  end: number;
  line: number;
  column: number;
  suggestion: string | null;
  message: Words;
}

/** What one record costs; an expression of more points than `limit` is refused. */
export interface Cost {
  level: "cheap" | "moderate" | "heavy";
  lookups: number;
  parts: number;
  points: number;
  limit: number;
}

/** The answer of `POST /v1/expressions/check`. */
export interface Checked {
  ok: boolean;
  tree: Tree | null;
  text: string;
  type: string | null;
  errors: Problem[];
  plain: Words | null;
  cost?: Cost | null;
  notes?: Words[];
}

export async function checkExpression(text: string, scope: ScopeRoots, returns: string): Promise<Checked> {
  return api.post<Checked>("/expressions/check", { text, scope, returns });
}

/** What the server makes of a text; kept per text, so that undoing an edit costs nothing. */
export function useChecked(text: string, scope: ScopeRoots, returns: string) {
  return useQuery({
    queryKey: ["/expressions/check", text, scope, returns],
    queryFn: () => checkExpression(text, scope, returns),
    enabled: text.trim() !== "",
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
}

/** Reads one condition; what is wrong with it comes as an error to show. */
export async function readCondition(text: string, scope: ScopeRoots): Promise<Tree> {
  const checked = await checkExpression(text, scope, "bool");
  const [problem] = checked.errors;
  if (problem) throw new ApiError(422, problem.code, problem.message);
  if (!checked.tree) throw new ApiError(422, "no_tree", { zh: text, en: text });
  return checked.tree;
}
