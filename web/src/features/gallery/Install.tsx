import { CheckCircleFilled } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input, InputNumber, Modal } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { ApiError } from "@/shared/api";
import { CUSTOMER_SCOPE, ExpressionEditor } from "@/shared/expression";
import { useLanguage, useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { install, useAsks, useKinds, type Answer, type Ask, type TemplateLine } from "./api";
import { Preview } from "./Preview";
import styles from "./gallery.module.css";

type Made = Record<string, unknown>;

interface FieldsProps {
  ask: Ask;
  value: Made;
  onChange: (value: Made) => void;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** What is asked of something that is not there yet; everything is filled in with the suggestion. */
function Fields({ ask, value, onChange }: FieldsProps) {
  const { t } = useTranslation("gallery");
  const set = (change: Made) => onChange({ ...value, ...change });
  const name = <Input aria-label={t("field.name")} prefix={<span className={styles.meta}>{t("field.name")}</span>} value={text(value.name)} maxLength={100} onChange={(event) => set({ name: event.target.value })} />;
  // Formulas and events of the drawing call it by its key: it is made as it is.
  if (ask.what === "thing_type") return <p className={styles.meta}>{text(value.name)}</p>;
  if (ask.what === "message_template") {
    return (
      <>
        {name}
        <Input.TextArea aria-label={t("field.body")} style={{ marginTop: 8 }} autoSize={{ minRows: 2, maxRows: 6 }} value={text(value.body)} onChange={(event) => set({ body: event.target.value })} />
      </>
    );
  }
  if (ask.what === "coupon_template") {
    const gift = value.kind === "gift";
    return (
      <>
        {name}
        <div className={styles.two} style={{ marginTop: 8 }}>
          {gift ? (
            <Input aria-label={t("field.gift")} prefix={<span className={styles.meta}>{t("field.gift")}</span>} value={text(value.gift)} onChange={(event) => set({ gift: event.target.value })} />
          ) : (
            <InputNumber aria-label={t("field.value")} prefix={<span className={styles.meta}>{t("field.value")}</span>} min="0.01" stringMode style={{ width: "100%" }} value={text(value.value)} onChange={(amount) => set({ value: amount ?? "" })} />
          )}
          <InputNumber aria-label={t("field.days")} prefix={<span className={styles.meta}>{t("field.days")}</span>} min={1} max={3650} style={{ width: "100%" }} value={Number(value.valid_days)} onChange={(days) => set({ valid_days: days ?? 30 })} />
        </div>
      </>
    );
  }
  if (ask.what === "segment" || (ask.what === "tag" && text(value.text) !== "")) {
    return (
      <>
        {name}
        {ask.what === "tag" ? <p className={styles.meta}>{t("byRule")}</p> : null}
        <div style={{ marginTop: 8 }}>
          <ExpressionEditor compact value={text(value.text)} scope={CUSTOMER_SCOPE} onChange={(expression) => set({ text: expression })} />
        </div>
      </>
    );
  }
  return name;
}

interface Answers {
  made: Record<string, Made>;
  fresh: ReadonlySet<string>;
}

function AskLine({ ask, answers, onChange }: { ask: Ask; answers: Answers; onChange: (answers: Answers) => void }) {
  const { t } = useTranslation("gallery");
  const say = useSay();
  const own = ask.found !== null && !answers.fresh.has(ask.key);
  return (
    <section className={styles.ask}>
      <h3>
        {say(ask.label)} <span>{t(`what.${ask.what}`)}</span>
      </h3>
      {own ? (
        <p className={styles.there}>
          <CheckCircleFilled aria-hidden /> {t("there")}{" "}
          {ask.what === "thing_type" ? null : <Button type="link" size="small" onClick={() => onChange({ made: { ...answers.made, [ask.key]: { ...ask.suggest, name: t("another", { name: text(ask.suggest.name) }) } }, fresh: new Set([...answers.fresh, ask.key]) })}>
            {t("makeAnother")}
          </Button>}
        </p>
      ) : (
        <Fields ask={ask} value={answers.made[ask.key] ?? ask.suggest} onChange={(value) => onChange({ ...answers, made: { ...answers.made, [ask.key]: value } })} />
      )}
    </section>
  );
}

function given(asks: readonly Ask[], { made, fresh }: Answers): Record<string, Answer> {
  return Object.fromEntries(
    asks.flatMap((ask): [string, Answer][] => {
      if (ask.found !== null && !fresh.has(ask.key)) return [[ask.key, { use: ask.found }]];
      const make = made[ask.key];
      return make ? [[ask.key, { make }]] : [];
    }),
  );
}

/** What the template does, what it needs that is not here, and the one press that makes a draft of it. */
export function Install({ template, onClose }: { template: TemplateLine; onClose: () => void }) {
  const { t } = useTranslation("gallery");
  const say = useSay();
  const language = useLanguage();
  const can = useCan();
  const told = useTold();
  const navigate = useNavigate();
  const client = useQueryClient();
  const kinds = useKinds();
  const asks = useAsks(template.id, language);
  const [name, setName] = useState(say(template.name));
  const [answers, setAnswers] = useState<Answers>({ made: {}, fresh: new Set() });
  const [wrong, setWrong] = useState<readonly string[]>([]);
  const items = asks.data?.asks ?? [];
  const made = useMutation({
    mutationFn: () => install(template.id, name.trim(), language, given(items, answers)),
    onSuccess: async ({ flow_id }) => {
      await client.invalidateQueries({ queryKey: ["/flows"] });
      told.done(t("installed"));
      await navigate(`/flows/${flow_id}`);
    },
    onError: (error) => {
      if (error instanceof ApiError && error.places.length > 0) setWrong(error.places.map((one) => say(one.what)));
      else told.failed(error);
    },
  });
  const missing = items.filter((ask) => ask.found === null || answers.fresh.has(ask.key)).length;
  return (
    <Modal open width={960} title={say(template.name)} onCancel={onClose} okText={t("install")} cancelText={t("close")} okButtonProps={{ loading: made.isPending, disabled: !can("flow.write") || name.trim() === "" || !asks.data }} onOk={() => made.mutate()}>
      <div className={styles.install}>
        <div className={styles.large}>{kinds.size > 0 ? <Preview worded graph={template.graph} kinds={kinds} label={t("drawing", { name: say(template.name) })} /> : null}</div>
        <div>
          <p>{say(template.about)}</p>
          <Input aria-label={t("flowName")} prefix={<span className={styles.meta}>{t("flowName")}</span>} value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
          <p className={styles.meta}>{t(missing === 0 ? "nothingMissing" : "needs", { count: missing })}</p>
          {asks.error ? <ErrorState compact error={asks.error} onRetry={() => void asks.refetch()} /> : null}
          {asks.isPending ? <LoadingState rows={4} /> : null}
          {items.map((ask) => (
            <AskLine key={ask.key} ask={ask} answers={answers} onChange={setAnswers} />
          ))}
          {wrong.length > 0 ? <Alert type="error" showIcon title={wrong.join(" ")} /> : null}
        </div>
      </div>
    </Modal>
  );
}
