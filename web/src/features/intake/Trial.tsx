import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Tag } from "antd";
import { useState } from "react";
import { api, type Schemas } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import styles from "./Intake.module.css";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Try the mapping on something the source sent: which records it gives and what the door thinks of each. */
export function Trial({ mapping }: { mapping: unknown }) {
  const { t } = useTranslation("intake");
  const say = useSay();
  const told = useTold();
  const [sample, setSample] = useState("");
  const trial = useMutation({
    mutationFn: () => api.post<Schemas["TrialAnswer"]>("/source-mappings/try", { mapping, sample: JSON.parse(sample) as unknown }),
    onError: told.failed,
  });
  const bad = sample !== "" && !isJson(sample);
  return (
    <>
      <Form.Item label={t("sources.sample")} htmlFor="source-sample" extra={t("sources.sampleHint")} {...(bad ? { validateStatus: "error", help: t("sources.badJson") } : {})}>
        <Input.TextArea id="source-sample" className={styles.code ?? ""} rows={5} value={sample} onChange={(event) => setSample(event.target.value)} />
      </Form.Item>
      <div className={styles.links}>
        <Button disabled={bad || sample === "" || mapping === undefined} loading={trial.isPending} onClick={() => trial.mutate()}>
          {t("sources.try")}
        </Button>
      </div>
      {trial.data?.problems.map((one) => <Alert key={`${one.where}${one.what.en}`} type="warning" showIcon title={one.where} description={say(one.what)} />)}
      {trial.data?.records.map((one, place) => (
        <div key={`${one.external_id ?? ""}#${String(place)}`} className={styles.problem}>
          <Tag color={one.problem ? "warning" : "success"}>{one.problem ? `${one.problem.where}: ${say(one.problem.what)}` : t("sources.noProblem")}</Tag>
          {one.changes.map((change) => (
            <p key={change.where} className={styles.change}>
              <code>{change.where}</code> <del>{change.before}</del> → <ins>{change.after}</ins>
            </p>
          ))}
          <pre className={styles.payload}>{JSON.stringify({ kind: one.kind, external_id: one.external_id, time: one.time, ...one.payload }, null, 2)}</pre>
        </div>
      ))}
    </>
  );
}
