import { App, type FormInstance } from "antd";
import i18next from "i18next";
import { useCallback } from "react";
import { asApiError, type ApiError, type ErrorPlace } from "@/shared/api";
import { say } from "@/shared/i18n";
import { partsOf, placeText } from "./places";

/** A form of any values: only the names of its fields matter here. */
type AnyForm = FormInstance;

type NamePath = (string | number)[];

/** The fields that the form shows, by the last part of their names. */
function shownFields(form: AnyForm): Map<string, NamePath> {
  return new Map(form.getFieldsError().map(({ name }) => [String(name.at(-1)), name]));
}

/** Puts what was refused beside the fields it is about; gives back the places that have no field here. */
function besideFields(form: AnyForm, problem: ApiError): ErrorPlace[] {
  const fields = shownFields(form);
  const said = new Map<NamePath, string[]>();
  const left: ErrorPlace[] = [];
  for (const place of problem.places) {
    const part = partsOf(place.where).findLast((one) => fields.has(one));
    const name = part === undefined ? undefined : fields.get(part);
    if (name) said.set(name, [...(said.get(name) ?? []), say(place.what)]);
    else left.push(place);
  }
  form.setFields([...said].map(([name, errors]) => ({ name, errors })));
  const [first] = said.keys();
  if (first) form.scrollToField(first, { focus: true });
  return left;
}

/**
 * Tells the reader how an action went: `told.done(text)`, `told.partly(text)` where something is left to do, `told.failed(error)`. Nothing fails silently.
 * `told.refused(form)` is a handler of errors that names what was refused beside its field.
 */
export function useTold() {
  const { message, notification } = App.useApp();
  const done = useCallback((text: string) => void message.success(text), [message]);
  const partly = useCallback((text: string) => void message.warning(text, 6), [message]);
  const show = useCallback(
    (problem: ApiError, places: readonly ErrorPlace[] = problem.places) =>
      notification.error({
        title: say(problem.words),
        description: [...places.slice(0, 5).map(placeText), ...(problem.id ? [i18next.t("shared:state.errorId", { id: problem.id })] : [])].join("\n") || undefined,
        style: { whiteSpace: "pre-line" },
        duration: 8,
      }),
    [notification],
  );
  const failed = useCallback(
    (error: unknown) => {
      show(asApiError(error));
    },
    [show],
  );
  const refused = useCallback(
    (form: AnyForm) => (error: unknown) => {
      const problem = asApiError(error);
      const left = besideFields(form, problem);
      if (left.length > 0 || problem.places.length === 0) show(problem, left);
    },
    [show],
  );
  return { done, partly, failed, refused };
}
