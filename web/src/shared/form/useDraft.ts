import { Form, type FormInstance } from "antd";

/** What a form holds now, with the parts that are not shown; `first` before it is drawn. */
export function useDraft<T extends object>(form: FormInstance<T>, first: T): T {
  const held = Form.useWatch((values: T) => values, { form, preserve: true }) as T | undefined;
  return { ...first, ...held };
}
