export { SchemaForm, type SchemaFormProps } from "./SchemaForm";
export { useDraft } from "./useDraft";
export { TemplateInput } from "./TemplateInput";
export { half, initialValues, type FieldFinding, type Schema, type UiHints, type Values } from "./schema";
export { joinSeconds, split as splitSeconds, toSeconds } from "./duration";
