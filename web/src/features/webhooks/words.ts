import { usePages } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import type { EventType } from "./types";

/** Event types by the name the catalogue gives them. */
export function useTypeNames(): (type: string) => string {
  const say = useSay();
  const { t } = useTranslation("webhooks");
  const types = usePages<EventType>("/webhook-event-types", {}, 200);
  const names = new Map(types.items.map((one) => [one.name, say(one.label)]));
  names.set("*", t("everyType")).set("webhook.test", t("testEvent"));
  return (type) => names.get(type) ?? type;
}

const PROBLEMS: [RegExp, string][] = [
  [/^answered (?<code>\d+)$/, "problem.answered"],
  [/^timed out$/, "problem.timedOut"],
  [/^cannot resolve (?<host>.+)$/, "problem.noHost"],
  [/^(?<host>.+) resolves to a private or local address$/, "problem.private"],
];

/** What went wrong in the reader's words; what the network said itself stays as it was said. */
export function useProblem(): (problem: string) => string {
  const { t } = useTranslation("webhooks");
  return (problem) => {
    for (const [pattern, key] of PROBLEMS) {
      const found = pattern.exec(problem);
      if (found) return t(key, { ...found.groups });
    }
    return t("problem.network", { what: problem });
  };
}
