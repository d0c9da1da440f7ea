import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, DatePicker, Form, Input, Radio, Select, Switch } from "antd";
import type { Dayjs } from "dayjs";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { SegmentSelect, StatusSelect, StoreSelect } from "./filters";
import styles from "./Exports.module.css";
import type { ExportableList, ExportChoices, ExportLine } from "./types";

interface Values {
  list: string;
  format: "csv" | "xlsx";
  plain?: boolean;
  reason?: string;
  filters?: Record<string, string | Dayjs | null | undefined>;
}

function plainFilters(filters: Values["filters"]): Record<string, string> {
  const told = Object.entries(filters ?? {}).map(([name, value]) => [name, typeof value === "string" ? value.trim() : (value?.format("YYYY-MM-DD") ?? "")] as const);
  return Object.fromEntries(told.filter(([, value]) => value !== ""));
}

function Filter({ name, list }: { name: string; list: string }) {
  const { t } = useTranslation("exports");
  const label = t(`filter.${name}`);
  const shared = { label, name: ["filters", name] };
  if (name === "segment_id") return <Form.Item {...shared}><SegmentSelect label={label} /></Form.Item>;
  if (name === "store_id") return <Form.Item {...shared}><StoreSelect label={label} /></Form.Item>;
  if (name === "status") return <Form.Item {...shared}><StatusSelect label={label} list={list} /></Form.Item>;
  if (name === "from" || name === "to") return <Form.Item {...shared}><DatePicker aria-label={label} /></Form.Item>;
  return (
    <Form.Item {...shared}>
      <Input allowClear maxLength={100} />
    </Form.Item>
  );
}

function Fields({ chosen, choices }: { chosen: ExportableList | undefined; choices: ExportChoices }) {
  const { t } = useTranslation("exports");
  const say = useSay();
  const plain = Form.useWatch("plain") as boolean | undefined;
  return (
    <>
      {chosen ? <p className={styles.columns}>{t("columns", { names: chosen.columns.map((one) => say(one)).join(t("comma")) })}</p> : null}
      {chosen?.filters.map((name) => <Filter key={`${chosen.name}${name}`} name={name} list={chosen.name} />)}
      {chosen?.personal && choices.plain ? (
        <Form.Item name="plain" label={t("plainLabel")} valuePropName="checked" extra={t("plainHint")}>
          <Switch />
        </Form.Item>
      ) : null}
      {chosen?.personal && plain ? (
        <Form.Item name="reason" label={t("reason")} rules={[{ required: true, min: 5, message: t("reasonNeeded") }]}>
          <Input.TextArea rows={3} maxLength={500} />
        </Form.Item>
      ) : null}
      {chosen?.personal && !plain ? <Alert type="info" showIcon title={t("maskedHint")} /> : null}
    </>
  );
}

/** Choose a list, narrow it, and have it made in the background. */
export function NewExport({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("exports");
  const say = useSay();
  const told = useTold();
  const [form] = Form.useForm<Values>();
  const list = Form.useWatch("list", form) as string | undefined;
  const query = useQuery({ queryKey: ["/exports", "lists"], queryFn: ({ signal }) => api.get<ExportChoices>("/exports/lists", undefined, signal) });
  const make = useMutation({
    mutationFn: (values: Values) => {
      const body: Schemas["ExportRequest"] = { list: values.list, format: values.format, filters: plainFilters(values.filters), plain: values.plain ?? false, reason: values.reason ?? "" };
      return api.post<ExportLine>("/exports", body);
    },
    onSuccess: (made) => {
      void queryClient.invalidateQueries({ queryKey: ["/exports"] });
      told.done(made.status === "waiting" ? t("filedWaiting") : t("filed"));
      onDone();
    },
    onError: told.refused(form),
  });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={5} />;
  const choices = query.data;
  const first = choices.lists[0]?.name ?? "";
  const chosen = choices.lists.find((one) => one.name === (list ?? first));
  return (
    <Form form={form} layout="vertical" initialValues={{ list: first, format: "csv" }} onFinish={(values: Values) => make.mutate(values)} onValuesChange={(changed: Partial<Values>) => (changed.list ? form.setFieldsValue({ filters: {}, plain: false }) : undefined)}>
      <Form.Item name="list" label={t("list")}>
        <Select options={choices.lists.map((one) => ({ value: one.name, label: say(one.label) }))} />
      </Form.Item>
      <Form.Item name="format" label={t("format")}>
        <Radio.Group optionType="button" options={[{ value: "csv", label: "CSV" }, { value: "xlsx", label: "Excel" }]} />
      </Form.Item>
      <Fields chosen={chosen} choices={choices} />
      <Form.Item>
        <Button type="primary" htmlType="submit" loading={make.isPending} style={{ marginTop: 16 }}>
          {t("make")}
        </Button>
      </Form.Item>
    </Form>
  );
}
