import { useMutation } from "@tanstack/react-query";
import { Button, Segmented, Space, Typography } from "antd";
import { useState } from "react";
import { api } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { useTold } from "@/shared/states";

const RATES = [0, 1, 10, 60, 300];

/** What happens in a simulated shop: dialled up and down by whoever tries things out. */
export function Simulated({ accountId }: { accountId: string }) {
  const { t } = useTranslation("connectors");
  const told = useTold();
  const [rate, setRate] = useState<number>();
  const dial = useMutation({
    mutationFn: (wanted: { per_minute?: number; orders?: number }) => api.post(`/connector-accounts/${accountId}/simulated`, wanted),
    onSuccess: (_, { per_minute }) => {
      if (per_minute !== undefined) setRate(per_minute);
      told.done(t("dialled"));
    },
    onError: told.failed,
  });
  return (
    <Section title={t("dial")}>
      <Space wrap>
        <span id="per-minute">{t("perMinute")}</span>
        <Segmented aria-labelledby="per-minute" value={rate ?? -1} options={RATES.map((one) => ({ value: one, label: String(one) }))} onChange={(one) => dial.mutate({ per_minute: one })} />
        <Button loading={dial.isPending} onClick={() => dial.mutate({ orders: 10 })}>
          {t("orderNow")}
        </Button>
      </Space>
      <Typography.Paragraph type="secondary" style={{ margin: "8px 0 0" }}>
        {t("dialHint")}
      </Typography.Paragraph>
    </Section>
  );
}
