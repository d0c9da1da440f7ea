import { App } from "antd";
import { useCallback } from "react";
import { asApiError } from "@/shared/api";
import { say } from "@/shared/i18n";

/** Tells the reader how an action went: `told.done(text)`, `told.failed(error)`. Nothing fails silently. */
export function useTold() {
  const { message, notification } = App.useApp();
  const done = useCallback((text: string) => void message.success(text), [message]);
  const failed = useCallback(
    (error: unknown) => {
      const problem = asApiError(error);
      const places = problem.places.slice(0, 5).map((place) => `${place.where}: ${say(place.what)}`);
      notification.error({
        title: say(problem.words),
        description: [...places, ...(problem.id ? [problem.id] : [])].join("\n") || undefined,
        style: { whiteSpace: "pre-line" },
        duration: 8,
      });
    },
    [notification],
  );
  return { done, failed };
}
