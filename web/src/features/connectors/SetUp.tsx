import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Space, Steps, Typography } from "antd";
import { useState } from "react";
import { api, asApiError } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import type { Account, Sample } from "./types";
import styles from "./Connectors.module.css";

/** Where the platform sends the seller back to. */
export const back = () => `${window.location.origin}/connectors/authorised`;

function Samples({ samples }: { samples: Sample[] }) {
  const { t } = useTranslation("connectors");
  const say = useSay();
  if (samples.length === 0) return <Typography.Text type="secondary">{t("sampleNone")}</Typography.Text>;
  return samples.map((one) => (
    <div key={one.resource}>
      <Typography.Text strong>{t(`resource.${one.resource}`, { defaultValue: one.resource })}</Typography.Text>
      {one.problems.map((problem) => (
        <Alert key={problem.where} type="warning" title={`${problem.where}: ${say(problem.what)}`} />
      ))}
      <pre className={styles.payload}>{one.records.map((record) => `${record.kind} ${JSON.stringify(record.payload, null, 1)}`).join("\n")}</pre>
    </div>
  ));
}

function useSteps(account: Account, onChanged: () => void) {
  const base = `/connector-accounts/${account.id}`;
  const authorise = useMutation({
    mutationFn: () => api.post<{ url: string | null }>(`${base}/authorise`, { redirect: back() }),
    onSuccess: ({ url }) => (url ? window.location.assign(url) : check.mutate()),
  });
  const check = useMutation({ mutationFn: () => api.post<{ shop: string; id: string }>(`${base}/check`), onSuccess: onChanged });
  const sample = useMutation({ mutationFn: () => api.post<{ samples: Sample[] }>(`${base}/sample`) });
  const start = useMutation({ mutationFn: () => api.post(`${base}/start`, { days: 90 }), onSuccess: onChanged });
  return { authorise, check, sample, start };
}

/** What is left to do until an account works: authorise, check, look at a sample, begin. */
export function SetUp({ account, onChanged }: { account: Account; onChanged: () => void }) {
  const { t } = useTranslation("connectors");
  const { authorise, check, sample, start } = useSteps(account, onChanged);
  const [shown, setShown] = useState<number | null>(null);
  const reached = account.state === "authorised" || check.data ? (sample.data ? 3 : check.data ? 2 : 1) : 0;
  const current = shown ?? reached;
  const failed = authorise.error ?? check.error ?? sample.error ?? start.error;
  const deeds = [
    { title: t("step.authorise"), label: t("authorise"), run: authorise },
    { title: t("step.check"), label: t("check"), run: check },
    { title: t("step.sample"), label: t("lookAtSample"), run: sample },
    { title: t("step.start"), label: t("start"), run: start },
  ];
  const deed = deeds[Math.min(current, 3)];
  return (
    <Section title={t("setUp")}>
      <Steps size="small" current={reached} onChange={(step) => setShown(step <= reached ? step : null)} items={deeds.map((one) => ({ title: one.title }))} />
      <Space orientation="vertical" className={styles.step}>
        <span>{t(`hint.${String(Math.min(current, 3))}`)}</span>
        {failed ? <Alert type="error" showIcon title={asApiError(failed).sentence} /> : null}
        {check.data ? <Alert type="success" showIcon title={t("checked", { shop: check.data.shop })} /> : null}
        <Button type="primary" loading={deed?.run.isPending} onClick={() => (setShown(null), deed?.run.mutate())}>
          {deed?.label}
        </Button>
        {sample.data ? <Samples samples={sample.data.samples} /> : null}
      </Space>
    </Section>
  );
}
