import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, DatePicker, Form, Input, Radio, Select, Switch } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { ActorSelect, CouponSelect, SegmentSelect, StatusSelect, StoreSelect } from "./filters";
import styles from "./Exports.module.css";
import type { Begun, ExportableList, ExportChoices, ExportLine } from "./types";

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

/** What a list was narrowed by, as far as its export can be: what was searched for stays behind. */
function firstFilters(begun: Begun | null, chosen: ExportableList | undefined): Values["filters"] {
  const told = Object.entries(begun?.filters ?? {}).filter(([name]) => chosen?.filters.includes(name));
  return Object.fromEntries(told.map(([name, value]) => [name, name === "from" || name === "to" ? dayjs(value) : value]));
}

/** Where it comes from the comparison of segments it is kept as it is; it cannot be typed. */
function Region(shared: { label: string; name: string[] }) {
  const { t } = useTranslation("exports");
  const given = Form.useWatch(shared.name) as string | undefined;
  return (
    <>
      <Form.Item {...shared} hidden>
        <Input />
      </Form.Item>
      {given ? <Alert type="info" showIcon title={t("regionHint")} style={{ marginBottom: 16 }} /> : null}
    </>
  );
}

function Filter({ name, list }: { name: string; list: string }) {
  const { t } = useTranslation("exports");
  const label = t(`filter.${name}`);
  const shared = { label, name: ["filters", name] };
  if (name === "region") return <Region {...shared} />;
  if (name === "segment_id") return <Form.Item {...shared}><SegmentSelect label={label} /></Form.Item>;
  if (name === "store_id") return <Form.Item {...shared}><StoreSelect label={label} /></Form.Item>;
  if (name === "template_id") return <Form.Item {...shared}><CouponSelect label={label} /></Form.Item>;
  if (name === "actor") return <Form.Item {...shared}><ActorSelect label={label} /></Form.Item>;
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
export function NewExport({ begun = null, onDone }: { begun?: Begun | null; onDone: () => void }) {
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
  const first = (choices.lists.find((one) => one.name === begun?.list) ?? choices.lists[0])?.name ?? "";
  const chosen = choices.lists.find((one) => one.name === (list ?? first));
  const begins = choices.lists.find((one) => one.name === begun?.list);
  return (
    <Form form={form} layout="vertical" initialValues={{ list: first, format: "csv", filters: firstFilters(begun, begins) }} onFinish={(values: Values) => make.mutate(values)} onValuesChange={(changed: Partial<Values>) => (changed.list ? form.setFieldsValue({ filters: {}, plain: false }) : undefined)}>
      <Form.Item name="list" label={t("list")}>
        <Select options={choices.lists.map((one) => ({ value: one.name, label: say(one.label) }))} />
      </Form.Item>
      <Form.Item name="format" label={t("format")}>
        <Radio.Group optionType="button" options={[{ value: "csv", label: "CSV" }, { value: "xlsx", label: "Excel" }]} />
      </Form.Item>
      {begun?.filters.q && begins === chosen && !chosen?.filters.includes("q") ? <Alert type="warning" showIcon title={t("searchStays")} style={{ marginBottom: 16 }} /> : null}
      <Fields chosen={chosen} choices={choices} />
      <Form.Item>
        <Button type="primary" htmlType="submit" loading={make.isPending} style={{ marginTop: 16 }}>
          {t("make")}
        </Button>
      </Form.Item>
    </Form>
  );
}
