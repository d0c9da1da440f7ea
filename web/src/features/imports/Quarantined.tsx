import { useMutation } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Facts } from "@/shared/pages";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { QuarantineItem } from "./types";
import styles from "./Imports.module.css";

const refresh = () => void queryClient.invalidateQueries({ queryKey: ["/quarantine"] });

/** Rounds until the server says there are no more; each is bounded. */
async function replayAll(): Promise<{ taken: number; refused: number }> {
  const sum = { taken: 0, refused: 0 };
  let after: string | null = null;
  do {
    const round: Schemas["RoundAnswer"] = await api.post<Schemas["RoundAnswer"]>("/quarantine/replay", { after });
    sum.taken += round.taken;
    sum.refused += round.refused;
    after = round.next;
  } while (after !== null);
  return sum;
}

function pretty(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload; // what came was not JSON: show it as it came
  }
}

function Record({ one, onClose }: { one: QuarantineItem; onClose: () => void }) {
  const { t } = useTranslation("imports");
  const say = useSay();
  const told = useTold();
  const shown = useMutation({ mutationFn: () => api.post<Schemas["QuarantinePayload"]>(`/quarantine/${one.id}/reveal`) });
  const replay = useMutation({
    mutationFn: () => api.post<Schemas["EventsAnswer"]>(`/quarantine/${one.id}/replay`),
    onSuccess: ({ refused }) => {
      refresh();
      told.done(refused[0] ? t("quarantine.still", { reason: say(refused[0].what) }) : t("quarantine.done"));
      onClose();
    },
    onError: told.failed,
  });
  return (
    <>
      <Facts
        items={[
          { key: "source", label: t("quarantine.source"), value: one.source || t("quarantine.unknown") },
          { key: "id", label: "ID", value: one.external_id || "—" },
          { key: "time", label: t("quarantine.time"), value: <Time value={one.received_at} /> },
        ]}
      />
      <ul className="t-plain">
        {one.problems.map((problem) => (
          <li key={`${problem.where}${problem.what.en}`} className={styles.problem}>
            <code>{problem.where}</code> {say(problem.what)}
          </li>
        ))}
      </ul>
      <div className={styles.links}>
        {one.kind ? (
          <Button type="primary" title={t("quarantine.replayHint")} loading={replay.isPending} onClick={() => replay.mutate()}>
            {t("quarantine.replay")}
          </Button>
        ) : null}
        {shown.data ? null : (
          <Button loading={shown.isPending} onClick={() => shown.mutate()}>
            {t("quarantine.show")}
          </Button>
        )}
      </div>
      <p className={styles.hint}>{t("quarantine.showHint")}</p>
      {shown.isPending ? <LoadingState rows={4} /> : null}
      {shown.error ? <ErrorState error={shown.error} onRetry={() => shown.mutate()} /> : null}
      {shown.data ? (
        <pre className={styles.payload} aria-label={t("quarantine.payload")}>
          {pretty(shown.data.payload)}
        </pre>
      ) : null}
    </>
  );
}

export function Quarantined() {
  const { t } = useTranslation("imports");
  const say = useSay();
  const told = useTold();
  const rows = usePages<QuarantineItem>("/quarantine");
  const [chosen, setChosen] = useState<QuarantineItem | null>(null);
  const all = useMutation({ mutationFn: replayAll, onSuccess: (sum) => told.done(t("quarantine.taken", sum)), onError: told.failed, onSettled: refresh });
  const columns = useMemo<Column<QuarantineItem>[]>(
    () => [
      { key: "source", title: t("quarantine.source"), width: 150, render: (row) => row.source || t("quarantine.unknown") },
      { key: "kind", title: t("quarantine.kind"), width: 130, render: (row) => (row.kind ? t(`kind.${row.kind}`, { defaultValue: row.kind }) : "—") },
      { key: "time", title: t("quarantine.time"), width: 160, render: (row) => <Time value={row.received_at} /> },
      { key: "reason", title: t("quarantine.reason"), render: (row) => row.problems.map((one) => say(one.what)).join(" · ") },
    ],
    [t, say],
  );
  return (
    <>
      {rows.items.length > 0 ? (
        <div className={styles.bar}>
          <span className="t-faint">{t("quarantine.replayHint")}</span>
          <Button loading={all.isPending} onClick={() => all.mutate()}>
            {t("quarantine.replayAll")}
          </Button>
        </div>
      ) : null}
      <DataTable label={t("quarantine.tab")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={setChosen} empty={<EmptyState drawing="done" title={t("quarantine.noneTitle")} hint={t("quarantine.noneHint")} />} />
      <Drawer open={chosen !== null} onClose={() => setChosen(null)} size={520} title={t("quarantine.tab")} destroyOnHidden>
        {chosen ? <Record key={chosen.id} one={chosen} onClose={() => setChosen(null)} /> : null}
      </Drawer>
    </>
  );
}
