import { useMutation } from "@tanstack/react-query";
import { Button, DatePicker, Form, Input, InputNumber, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";

type Kind = Schemas["ThingTypeOut"];
type Row = Schemas["ThingRow"];
type Value = string | number | boolean | null;

interface Values {
  number?: string;
  title?: string;
  stage?: string;
  fields?: Record<string, Value | Dayjs | undefined>;
}

function shownAs(type: string, value: unknown): Value | Dayjs | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" && (type === "date" || type === "timestamp") ? dayjs(value) : (value as Value);
}

function keptAs(type: string, value: Value | Dayjs | undefined): Value {
  if (value === undefined || value === null || value === "") return null;
  if (!dayjs.isDayjs(value)) return value;
  return type === "date" ? value.format("YYYY-MM-DD") : value.toISOString();
}

function Input_({ type, ...rest }: { type: string; value?: never; onChange?: never }) {
  const { t } = useTranslation("things");
  switch (type) {
    case "number":
      return <InputNumber style={{ width: "100%" }} {...rest} />;
    case "bool":
      return <Select allowClear options={[{ value: true, label: t("yes") }, { value: false, label: t("no") }]} {...rest} />;
    case "date":
      return <DatePicker style={{ width: "100%" }} {...rest} />;
    case "timestamp":
      return <DatePicker showTime style={{ width: "100%" }} {...rest} />;
    default:
      return <Input maxLength={2000} {...rest} />;
  }
}

/** Makes a thing of a sort, or changes the one given. */
export function ThingForm({ kind, row, onDone }: { kind: Kind; row: Row | null; onDone: (row: Row) => void }) {
  const { t } = useTranslation("things");
  const say = useSay();
  const told = useTold();
  const may = useCan()("thing.write");
  const [form] = Form.useForm<Values>();
  const types = new Map(kind.fields.map((one) => [one.name, one.type]));
  const save = useMutation({
    mutationFn: ({ number, title, stage, fields }: Values) => {
      const told = Object.fromEntries(Object.entries(fields ?? {}).map(([name, value]) => [name, keptAs(types.get(name) ?? "text", value)]));
      const body = { title: title ?? "", stage: stage ?? null, fields: told };
      return row ? api.patch<Row>(`/things/${kind.name}/${row.id}`, body) : api.post<Row>(`/things/${kind.name}`, { ...body, ...(number ? { number } : {}) });
    },
    onSuccess: (saved) => {
      void queryClient.invalidateQueries({ queryKey: [`/things/${kind.name}`] });
      void queryClient.invalidateQueries({ queryKey: ["/thing-types"] });
      told.done(t("shared:state.saved"));
      onDone(saved);
    },
    onError: told.failed,
  });
  const initial: Values = {
    title: row?.title ?? "",
    ...(row?.stage ? { stage: row.stage } : {}),
    fields: Object.fromEntries(kind.fields.map((one) => [one.name, shownAs(one.type, row?.fields[one.name])])),
  };
  return (
    <Form<Values> form={form} layout="vertical" disabled={!may} initialValues={initial} onFinish={(values) => save.mutate(values)}>
      {row ? null : (
        <Form.Item name="number" label={t("number")} extra={t("numberHint")}>
          <Input maxLength={200} />
        </Form.Item>
      )}
      <Form.Item name="title" label={t("thingTitle")}>
        <Input maxLength={200} />
      </Form.Item>
      {kind.stages.length > 0 ? (
        <Form.Item name="stage" label={t("stage")}>
          <Select placeholder={t("firstStage")} options={kind.stages.map((one) => ({ value: one.name, label: say(one.label) }))} />
        </Form.Item>
      ) : null}
      {kind.fields.map((one) => (
        <Form.Item key={one.name} name={["fields", one.name]} label={say(one.label)}>
          <Input_ type={one.type} />
        </Form.Item>
      ))}
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
