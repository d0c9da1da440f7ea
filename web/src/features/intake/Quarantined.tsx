import { Drawer } from "antd";
import { useMemo, useState } from "react";
import { usePages } from "@/shared/api";
import { Time, useSourceName } from "@/shared/format";
import { useUrlFilters } from "@/shared/filters";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { Groups } from "./Groups";
import { Record } from "./Record";
import { useToldWhole } from "./where";
import type { QuarantineItem } from "./types";

export function Quarantined() {
  const { t } = useTranslation("intake");
  const toldWhole = useToldWhole();
  const sourceName = useSourceName();
  const filters = useUrlFilters(["source", "reason"]);
  const { source = null, reason = null } = filters.values;
  const rows = usePages<QuarantineItem>("/quarantine", { source: source ?? undefined, reason: reason ?? undefined });
  const [chosen, setChosen] = useState<QuarantineItem | null>(null);
  const columns = useMemo<Column<QuarantineItem>[]>(
    () => [
      { key: "source", title: t("quarantine.source"), width: 150, render: (row) => (row.source ? sourceName(row.source) : t("quarantine.unknown")) },
      { key: "kind", title: t("quarantine.kind"), width: 130, render: (row) => (row.kind ? t(`kind.${row.kind}`, { defaultValue: row.kind }) : "—") },
      { key: "time", title: t("quarantine.time"), width: 160, render: (row) => <Time value={row.received_at} /> },
      { key: "reason", title: t("quarantine.reason"), render: (row) => row.problems.map((one) => toldWhole(one.where, one.what)).join(" · ") },
    ],
    [t, toldWhole, sourceName],
  );
  return (
    <>
      <Groups chosen={{ source: source ?? null, reason: reason ?? null }} onChoose={(next) => filters.set({ source: next.source, reason: next.reason })} />
      <DataTable label={t("quarantine.tab")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={setChosen} empty={<EmptyState drawing="done" title={t("quarantine.noneTitle")} hint={t("quarantine.noneHint")} />} />
      <Drawer open={chosen !== null} onClose={() => setChosen(null)} size={640} title={t("quarantine.tab")} destroyOnHidden>
        {chosen ? <Record key={chosen.id} one={chosen} onClose={() => setChosen(null)} /> : null}
      </Drawer>
    </>
  );
}
