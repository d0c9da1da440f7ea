import { UploadOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal, Upload } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { formatNumber, Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { RateFindings, RateLine, RatesWritten } from "./types";
import styles from "./Settings.module.css";

const EXAMPLE = "USD,2026-11-22,7.1012\nEUR,2026-11-22,8.2305";

function useWrite(onDone: () => void) {
  const { t } = useTranslation("settings");
  const told = useTold();
  return useMutation({
    mutationFn: (csv: string) => api.put<RatesWritten>("/exchange-rates", { csv }),
    onSuccess: ({ written, orders }) => {
      void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/exchange-rates") });
      told.done(t("rates.written", { count: written, orders }));
      onDone();
    },
    onError: told.failed,
  });
}

function Writer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [text, setText] = useState("");
  const write = useWrite(onClose);
  return (
    <Modal open title={t("rates.write")} okText={t("shared:action.save")} cancelText={t("shared:action.cancel")} okButtonProps={{ disabled: !text.trim() }} confirmLoading={write.isPending} onCancel={onClose} onOk={() => write.mutate(text)}>
      <Form layout="vertical">
        <Form.Item label={t("rates.lines")} extra={t("rates.linesHint")}>
          <Input.TextArea rows={8} value={text} placeholder={EXAMPLE} aria-label={t("rates.lines")} onChange={(event) => setText(event.target.value)} />
        </Form.Item>
        <Upload
          accept=".csv,text/csv"
          showUploadList={false}
          beforeUpload={(file) => {
            void file.text().then(setText);
            return false;
          }}
        >
          <Button icon={<UploadOutlined />}>{t("rates.file")}</Button>
        </Upload>
      </Form>
    </Modal>
  );
}

/** What a person should look at first: orders in no total, orders at an earlier day's rate. */
function Findings() {
  const { t } = useTranslation("settings");
  const query = useQuery({ queryKey: ["/exchange-rates/findings"], queryFn: ({ signal }) => api.get<RateFindings>("/exchange-rates/findings", undefined, signal) });
  if (!query.data) return null;
  const { missing, stale } = query.data;
  return (
    <div className={styles.findings}>
      {missing.map((one) => (
        <Alert key={one.currency} type="error" showIcon title={t("rates.missing", { count: one.orders, currency: one.currency, total: formatNumber(Number(one.total), 2), from: one.first_day, to: one.last_day })} description={t("rates.missingHint")} />
      ))}
      {stale.map((one) => (
        <Alert key={one.currency} type="warning" showIcon title={t("rates.stale", { count: one.orders, currency: one.currency, days: one.days_most })} />
      ))}
    </div>
  );
}

/** Exchange rates by day; a corrected one corrects every total behind it. */
export function RatesPage() {
  const { t } = useTranslation("settings");
  const can = useCan();
  const rows = usePages<RateLine>("/exchange-rates");
  const [writing, setWriting] = useState(false);
  const columns = useMemo<Column<RateLine>[]>(
    () => [
      { key: "day", title: t("rates.day"), width: 160, render: (row) => <span className="t-num">{row.day}</span> },
      { key: "currency", title: t("rates.currency"), width: 140, render: (row) => row.currency },
      { key: "rate", title: t("rates.rate"), width: 180, align: "right", render: (row) => <Num value={row.rate} digits={6} /> },
      { key: "updated", title: t("rates.updated"), render: (row) => <Time value={row.updated_at} /> },
    ],
    [t],
  );
  const add = can("settings.write") ? (
    <Button type="primary" onClick={() => setWriting(true)}>
      {t("rates.write")}
    </Button>
  ) : null;
  return (
    <ListPage title={t("rates.title")} lead={t("rates.lead")} actions={add}>
      <Findings />
      <DataTable<RateLine> label={t("rates.title")} rows={rows} columns={columns} rowKey={(row) => `${row.currency}${row.day}`} empty={<EmptyState title={t("rates.emptyTitle")} hint={t("rates.emptyHint")} />} />
      {writing ? <Writer onClose={() => setWriting(false)} /> : null}
    </ListPage>
  );
}
