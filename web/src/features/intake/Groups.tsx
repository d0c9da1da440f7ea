import { useMutation, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { useTold } from "@/shared/states";
import type { QuarantineGroup, ReplayProgress } from "./types";
import { useToldWhole } from "./where";
import styles from "./Intake.module.css";

export interface Chosen {
  source: string | null;
  reason: string | null;
}

export function refreshQuarantine(): void {
  void queryClient.invalidateQueries({ queryKey: ["/quarantine"] });
  void queryClient.invalidateQueries({ queryKey: ["/quarantine/groups"] });
}

/** A replay of many, from the click to its end: what it has done so far while it works, a sentence when it is done. */
function useReplay(chosen: Chosen) {
  const { t } = useTranslation("intake");
  const told = useTold();
  const [job, setJob] = useState<ReplayProgress | null>(null);
  const start = useMutation({
    mutationFn: () => api.post<ReplayProgress>("/quarantine/replays", { source: chosen.source, reason: chosen.reason }),
    onSuccess: setJob,
    onError: told.failed,
  });
  const look = useMutation({
    mutationFn: (id: string) => api.get<ReplayProgress>(`/quarantine/replays/${id}`),
    onSuccess: (found) => {
      if (found.state === "queued" || found.state === "running") {
        setJob(found);
        return;
      }
      setJob(null);
      refreshQuarantine();
      const left = found.refused ?? 0;
      told[left > 0 ? "partly" : "done"](t("quarantine.taken", { taken: found.taken ?? 0, refused: left }));
    },
    onError: told.failed,
  });
  useLive(job ? [`job:${job.id}`] : [], () => {
    if (job) look.mutate(job.id);
  });
  return { job, start: () => start.mutate(), busy: start.isPending || job !== null };
}

/** What lies open, by source and reason: a click narrows the list below, and the button takes all of it again. */
export function Groups({ chosen, onChoose }: { chosen: Chosen; onChoose: (chosen: Chosen) => void }) {
  const { t } = useTranslation("intake");
  const toldWhole = useToldWhole();
  const sourceName = useSourceName();
  const replay = useReplay(chosen);
  const query = useQuery({
    queryKey: ["/quarantine/groups"],
    queryFn: ({ signal }) => api.get<Schemas["Page_QuarantineGroup_"]>("/quarantine/groups", {}, signal),
  });
  const groups: QuarantineGroup[] = query.data?.items ?? [];
  if (groups.length === 0) return null;
  const isChosen = (one: QuarantineGroup) => chosen.source === one.source && chosen.reason === one.reason;
  return (
    <>
      <ul className={styles.groups} aria-label={t("quarantine.groups")}>
        {groups.map((one) => (
          <li key={one.key}>
            <Button
              className={styles.group ?? ""}
              type={isChosen(one) ? "primary" : "default"}
              aria-pressed={isChosen(one)}
              title={one.where}
              onClick={() => onChoose(isChosen(one) ? { source: null, reason: null } : { source: one.source, reason: one.reason })}
            >
              <b>{t("quarantine.count", { count: one.count })}</b> {one.source ? sourceName(one.source) : t("quarantine.unknown")} · {toldWhole(one.where, one.what)}
            </Button>
          </li>
        ))}
      </ul>
      <div className={styles.bar}>
        <span className="t-faint" role="status">
          {replay.job ? t("quarantine.replaying", { done: replay.job.done, total: replay.job.total ?? "…" }) : t("quarantine.replayHint")}
        </span>
        <Button loading={replay.busy} onClick={replay.start}>
          {chosen.reason ? t("quarantine.replayGroup") : t("quarantine.replayAll")}
        </Button>
      </div>
    </>
  );
}
