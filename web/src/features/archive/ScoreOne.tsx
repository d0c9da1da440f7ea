import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import { Talked } from "./Talked";
import type { Message, Sample, ScoreForm } from "./types";

interface Draft {
  scores: Record<string, number>;
  fatal?: string[];
  comment?: string;
}

function Marks({ sample, form, onDone }: { sample: Sample; form: ScoreForm; onDone: () => void }) {
  const { t } = useTranslation("archive");
  const told = useTold();
  const done = () => {
    void queryClient.invalidateQueries({ queryKey: ["/score-samples"] });
    void queryClient.invalidateQueries({ queryKey: ["/score-figures"] });
    onDone();
  };
  const save = useMutation({ mutationFn: (draft: Draft) => api.post(`/score-samples/${sample.id}/score`, { ...draft, fatal: draft.fatal ?? [], comment: draft.comment ?? "" }), onSuccess: done, onError: told.failed });
  const full = Object.fromEntries(form.criteria.map((one) => [one.key, one.points]));
  const scores = Object.keys(sample.scores).length > 0 ? sample.scores : full;
  return (
    <Form<Draft> layout="vertical" requiredMark="optional" initialValues={{ scores, fatal: sample.fatal, comment: sample.comment }} onFinish={(draft) => save.mutate(draft)}>
      {form.criteria.map((one) => (
        <Form.Item key={one.key} name={["scores", one.key]} label={t("score.of", { name: one.name, points: one.points })} rules={[{ required: true, message: t("list.needed") }]}>
          <InputNumber min={0} max={one.points} precision={0} />
        </Form.Item>
      ))}
      <Form.Item name="fatal" label={t("score.fatalItems")} extra={t("score.fatalHint")}>
        <Checkbox.Group options={form.fatal} />
      </Form.Item>
      <Form.Item name="comment" label={t("score.comment")}>
        <Input.TextArea rows={3} maxLength={1000} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t(sample.state === "appealed" ? "score.settle" : "score.save")}
      </Button>
    </Form>
  );
}

function Appeal({ sample, onDone }: { sample: Sample; onDone: () => void }) {
  const { t } = useTranslation("archive");
  const told = useTold();
  const [reason, setReason] = useState("");
  const send = useMutation({
    mutationFn: () => api.post(`/score-samples/${sample.id}/appeal`, { reason }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/score-samples"] });
      onDone();
    },
    onError: told.failed,
  });
  return (
    <div style={{ marginTop: 20 }}>
      <Input.TextArea aria-label={t("score.appealWhy")} placeholder={t("score.appealWhy")} rows={2} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      <Button style={{ marginTop: 8 }} disabled={!reason.trim()} loading={send.isPending} onClick={() => send.mutate()}>
        {t("score.appeal")}
      </Button>
    </div>
  );
}

/** A talk that was drawn: what was said in its week, and the marks. */
export function ScoreOne({ sample, onDone }: { sample: Sample; onDone: () => void }) {
  const { t } = useTranslation("archive");
  const can = useCan();
  const form = useQuery({ queryKey: ["/score-samples", sample.id, "form"], queryFn: ({ signal }) => api.get<ScoreForm>(`/score-samples/${sample.id}/form`, undefined, signal) });
  const rows = usePages<Message>(`/score-samples/${sample.id}/messages`, {}, 100);
  const marks = can("archive.score") && sample.state !== "settled";
  return (
    <div style={{ display: "grid", gridTemplateColumns: "minmax(0, 1fr) 300px", gap: 24 }}>
      <Loaded query={rows} rows={8}>
        {() => <Talked messages={rows.items} talk={sample.talk_id} customer={sample.customer ?? t("talk.nameless")} adviser={sample.adviser} />}
      </Loaded>
      <div>
        {sample.appeal ? <Alert style={{ marginBottom: 12 }} type="warning" showIcon title={t("score.appealed")} description={sample.appeal} /> : null}
        {sample.total !== null ? (
          <p>
            {t("score.total")} <strong>{sample.total}</strong> {sample.first_total !== null ? <span className="t-faint">{t("score.before", { total: sample.first_total })}</span> : null}
          </p>
        ) : null}
        {marks ? (
          <Loaded query={form} compact>
            {(found) => <Marks sample={sample} form={found} onDone={onDone} />}
          </Loaded>
        ) : null}
        {sample.state === "scored" ? <Appeal sample={sample} onDone={onDone} /> : null}
      </div>
    </div>
  );
}
