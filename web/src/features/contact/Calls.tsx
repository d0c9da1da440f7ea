import { Select, Tag } from "antd";
import { useMemo, useState } from "react";
import { usePages } from "@/shared/api";
import { Time, formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Call } from "./types";

const COLOURS: Record<string, string> = { sent: "success", expired: "error", refused: "error", taken: "warning", unknown: "warning", waiting: "processing", sending: "processing" };
const STATES = ["sent", "silent", "expired", "taken", "refused", "unknown", "none", "waiting"];

/** New friends as the platform told them, and what became of their welcomes. */
export function Calls() {
  const { t } = useTranslation("contact");
  const [state, setState] = useState<string | null>(null);
  const rows = usePages<Call>("/friend-calls", { state: state ?? undefined });
  const columns = useMemo<Column<Call>[]>(
    () => [
      { key: "at", title: t("calls.at"), width: 170, render: (row) => <Time value={row.told_at} clock="machine" /> },
      { key: "adviser", title: t("seats.adviser"), width: 140, render: (row) => row.adviser },
      { key: "code", title: t("calls.code"), width: 180, render: (row) => row.live_code ?? "—" },
      { key: "state", title: t("calls.state"), width: 150, render: (row) => <Tag color={COLOURS[row.state] ?? "default"}>{t(`welcomeState.${row.state}`)}</Tag> },
      { key: "message", title: t("calls.message"), render: (row) => row.message ?? "—" },
      { key: "seconds", title: t("calls.seconds"), width: 90, align: "right", render: (row) => (row.seconds === null ? "—" : formatNumber(row.seconds, 1)) },
      { key: "why", title: t("calls.why"), width: 220, render: (row) => (row.reason ? t(`calls.reason.${row.reason}`, { defaultValue: row.reason }) : "") },
    ],
    [t],
  );
  return (
    <>
      <Select allowClear aria-label={t("calls.state")} placeholder={t("calls.anyState")} style={{ width: 200, margin: 12 }} value={state} onChange={(value?: string) => setState(value ?? null)} options={STATES.map((one) => ({ value: one, label: t(`welcomeState.${one}`) }))} />
      <DataTable label={t("welcomes.calls")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState compact title={t("calls.emptyTitle")} hint={t("calls.emptyHint")} />} />
    </>
  );
}
