import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input, InputNumber, Select, Switch } from "antd";
import { api, asApiError, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { refreshShown } from "./useDesk";
import styles from "./Sidebar.module.css";

type Flow = Schemas["StartableFlow"];
type Question = Flow["questions"][number];

function Answer({ question }: { question: Question }) {
  const { t } = useTranslation("sidebar");
  const rules = [{ required: question.required, message: t("start.needed", { name: question.label }) }];
  const plain = question.type === "text" || question.type === "date" || question.type === "timestamp";
  return (
    <Form.Item name={question.name} label={question.label} rules={rules} {...(question.type === "bool" ? { valuePropName: "checked" } : {})}>
      {question.options.length > 0 ? (
        <Select allowClear options={question.options.map((one) => ({ value: one, label: one }))} />
      ) : question.type === "bool" ? (
        <Switch />
      ) : plain ? (
        <Input maxLength={500} {...(question.type === "date" ? { type: "date" } : {})} />
      ) : (
        <InputNumber style={{ width: "100%" }} />
      )}
    </Form.Item>
  );
}

function OneFlow({ customer, flow }: { customer: string; flow: Flow }) {
  const { t } = useTranslation("sidebar");
  const say = useSay();
  const told = useTold();
  const start = useMutation({
    mutationFn: (answers: Record<string, unknown>) => api.post(`/sidebar/customers/${customer}/flows`, { flow_id: flow.flow_id, block: flow.block, answers }),
    onSuccess: () => {
      told.done(t("start.started", { name: flow.title }));
      refreshShown(customer);
    },
  });
  const error = start.error ? asApiError(start.error) : null;
  return (
    <article className={styles.card}>
      <strong>{flow.title}</strong>
      {flow.about ? <p className="t-faint">{flow.about}</p> : null}
      <Form layout="vertical" size="small" requiredMark="optional" onFinish={(answers: Record<string, unknown>) => start.mutate(answers)}>
        {flow.questions.map((one) => (
          <Answer key={one.name} question={one} />
        ))}
        {error ? <Alert type="error" showIcon style={{ marginBottom: 8 }} title={error.sentence} description={error.places.map((one) => say(one.what)).join(" · ")} /> : null}
        <Button type="primary" htmlType="submit" loading={start.isPending}>
          {t("start.go")}
        </Button>
      </Form>
    </article>
  );
}

/** Flows that their authors let colleagues start for one customer (F10). */
export function StartFlows({ customer }: { customer: string }) {
  const { t } = useTranslation("sidebar");
  const query = useQuery({ queryKey: ["/sidebar/flows"], queryFn: ({ signal }) => api.get<{ items: Flow[] }>("/sidebar/flows", undefined, signal) });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState />;
  if (query.data.items.length === 0) return <EmptyState title={t("start.none")} hint={t("start.noneHint")} />;
  return query.data.items.map((one) => <OneFlow key={`${one.flow_id}${one.block}`} customer={customer} flow={one} />);
}
