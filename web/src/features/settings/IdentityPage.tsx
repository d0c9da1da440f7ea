import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Form, InputNumber, Select, Switch } from "antd";
import { api, queryClient, type Schemas } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Facts, Page, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import styles from "./Settings.module.css";

type Answer = Schemas["RulesAnswer"];
type Rules = Schemas["RulesBody"];

interface Values extends Omit<Rules, "weak" | "merge_above"> {
  strong: string[];
  automatic: boolean;
  merge_above: number;
}

const KEY = ["/identity/rules"];
const MERGE_FROM = 0.95;

function asValues({ rules, kinds }: Answer): Values {
  const { weak, merge_above, ...rest } = rules;
  return { ...rest, strong: kinds.map(({ kind }) => kind).filter((kind) => !weak?.includes(kind)), automatic: merge_above != null, merge_above: merge_above ?? MERGE_FROM };
}

function asRules({ strong, automatic, merge_above, ...rest }: Values, kinds: Answer["kinds"]): Rules {
  return { ...rest, weak: kinds.map(({ kind }) => kind).filter((kind) => !strong.includes(kind)), merge_above: automatic ? merge_above : null };
}

function useSave(kinds: Answer["kinds"], onError: (error: unknown) => void) {
  const { t } = useTranslation("settings");
  const told = useTold();
  return useMutation({
    mutationFn: (values: Values) => api.put("/identity/rules", asRules(values, kinds)),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: KEY });
      told.done(t("shared:state.saved"));
    },
    onError,
  });
}

function Night({ night }: { night: Answer["night"] }) {
  const { t } = useTranslation("settings");
  if (!night.installed) return <Alert type="warning" showIcon title={t("identity.missing")} description={t("identity.missingHint")} />;
  if (!night.scored_at) return <p className="t-soft">{t("identity.notYet")}</p>;
  return (
    <Facts
      items={[
        { key: "scored", label: t("identity.scored"), value: <Time key="v" value={night.scored_at} clock="machine" /> },
        { key: "trained", label: t("identity.trained"), value: night.trained_at ? <Time key="v" value={night.trained_at} clock="machine" /> : "—" },
        { key: "customers", label: t("identity.customers"), value: <Num key="v" value={night.customers} /> },
        { key: "proposed", label: t("identity.proposed"), value: <Num key="v" value={night.proposed} /> },
        { key: "merged", label: t("identity.merged"), value: <Num key="v" value={night.merged} /> },
      ]}
    />
  );
}

function Bound({ name, min, max, step = 1 }: { name: keyof Values; min: number; max: number; step?: number }) {
  const { t } = useTranslation("settings");
  return (
    <Form.Item name={name} label={t(`identity.${name}`)} extra={t(`identity.${name}Hint`)} rules={[{ required: true, message: t("identity.needed") }]}>
      <InputNumber min={min} max={max} step={step} />
    </Form.Item>
  );
}

function RulesForm({ answer }: { answer: Answer }) {
  const { t } = useTranslation("settings");
  const say = useSay();
  const told = useTold();
  const [form] = Form.useForm<Values>();
  const save = useSave(answer.kinds, told.refused(form));
  const automatic = Form.useWatch("automatic", form);
  const may = useCan()("settings.write");
  return (
    <Form<Values> form={form} layout="vertical" disabled={!may} initialValues={asValues(answer)} onFinish={(values) => save.mutate(values)} className={styles.identity ?? ""}>
      <Section title={t("identity.joining")}>
        <Form.Item name="strong" label={t("identity.strong")} extra={t("identity.strongHint")}>
          <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} options={answer.kinds.map(({ kind, label }) => ({ value: kind, label: say(label) }))} />
        </Form.Item>
        <Form.Item name="names_speak" valuePropName="checked" extra={t("identity.names_speakHint")}>
          <Checkbox>{t("identity.names_speak")}</Checkbox>
        </Form.Item>
      </Section>
      <Section title={t("identity.guards")}>
        <Bound name="shared_after" min={1} max={100} />
        <Bound name="contradictions_max" min={1} max={100} />
        <Bound name="accounts_max" min={2} max={1000} />
        <Bound name="recycled_days" min={1} max={3650} />
      </Section>
      <Section title={t("identity.nightly")}>
        <Night night={answer.night} />
        <Bound name="review_above" min={0.5} max={0.99} step={0.01} />
        <Form.Item name="automatic" label={t("identity.automatic")} valuePropName="checked" extra={t("identity.automaticHint")}>
          <Switch />
        </Form.Item>
        {automatic ? <Bound name="merge_above" min={0.5} max={1} step={0.01} /> : null}
      </Section>
      {may ? (
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t("identity.save")}
        </Button>
      ) : null}
    </Form>
  );
}

/** What joins two customers of this company, what keeps them apart, and what is asked of a person. */
export function IdentityPage() {
  const { t } = useTranslation("settings");
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.get<Answer>("/identity/rules", undefined, signal) });
  return (
    <Page title={t("identity.title")} lead={t("identity.lead")}>
      <Loaded query={query} rows={8}>
        {(answer) => <RulesForm answer={answer} />}
      </Loaded>
    </Page>
  );
}
