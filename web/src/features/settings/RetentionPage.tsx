import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, InputNumber } from "antd";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import styles from "./Settings.module.css";

type Kept = Schemas["Kept"];
type List = Schemas["KeptList"];

const KEY = ["/settings/retention"];
const DAYS_MAX = 36_500;

/** 400 days as one would say it, beside the number that is typed. */
function useSpan() {
  const { t } = useTranslation("settings");
  return (days: number) => {
    if (days >= 365) return t("retention.years", { days, n: Math.round((days / 365) * 10) / 10 });
    if (days >= 60) return t("retention.months", { days, n: Math.round(days / 30) });
    return t("retention.days", { n: days });
  };
}

function KeptForm({ kept, editable }: { kept: Kept; editable: boolean }) {
  const { t } = useTranslation("settings");
  const say = useSay();
  const span = useSpan();
  const told = useTold();
  const [form] = Form.useForm<{ days: number }>();
  const days = (Form.useWatch("days", form) as number | null | undefined) ?? kept.days;
  const save = useMutation({
    mutationFn: (values: { days: number }) => api.put<List>(`/settings/retention/${kept.what}`, values),
    onSuccess: (list) => {
      queryClient.setQueryData(KEY, list);
      told.done(t("shared:state.saved"));
    },
    onError: told.refused(form),
  });
  const sooner = days < kept.days && days >= kept.least;
  return (
    <Section title={say(kept.label)}>
      <p>{t(`retention.what.${kept.what}`, { defaultValue: "" })}</p>
      <Form<{ days: number }> form={form} name={`retention-${kept.what}`} layout="vertical" disabled={!editable} initialValues={{ days: kept.days }} onFinish={(values) => save.mutate(values)} className={styles.kept ?? ""}>
        <Form.Item name="days" label={t("retention.keep")} extra={t("retention.bounds", { least: span(kept.least), default: span(kept.default) })} rules={[{ required: true, type: "number", min: kept.least, max: DAYS_MAX, message: t("retention.range", { least: kept.least, most: DAYS_MAX }) }]}>
          <InputNumber precision={0} suffix={t("retention.unit")} style={{ width: 160 }} />
        </Form.Item>
        <p className={sooner ? styles.sooner : "t-soft"} aria-live="polite">
          {sooner ? t("retention.sooner", { span: span(days) }) : t("retention.means", { span: span(days) })}
        </p>
        {editable ? (
          <Button type={sooner ? "primary" : "default"} danger={sooner} htmlType="submit" loading={save.isPending} disabled={days === kept.days}>
            {sooner ? t("retention.shorten") : t("shared:action.save")}
          </Button>
        ) : null}
      </Form>
    </Section>
  );
}

/** How long each kind of record is kept; what is older goes within a day and does not come back. */
export function RetentionPage() {
  const { t } = useTranslation("settings");
  const editable = useCan()("settings.write");
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.get<List>("/settings/retention", undefined, signal) });
  return (
    <Page title={t("retention.title")} lead={t("retention.lead")}>
      <Loaded query={query} rows={8}>
        {({ items }) => (
          <div className={styles.keeping}>
            {items.map((kept) => (
              <KeptForm key={`${kept.what}:${kept.days}`} kept={kept} editable={editable} />
            ))}
          </div>
        )}
      </Loaded>
    </Page>
  );
}
