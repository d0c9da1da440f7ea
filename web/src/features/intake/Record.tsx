import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Input } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { Time, useSourceName } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Facts } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { refreshQuarantine } from "./Groups";
import type { QuarantineItem } from "./types";
import { placeInWords } from "./where";
import styles from "./Intake.module.css";

type Mended = Schemas["MendAnswer"];

function pretty(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload; // what came was not JSON: show it as it came
  }
}

/** The record's text, to be mended: the door itself says what is still wrong before anything is changed. */
function Editor({ one, payload, onTaken }: { one: QuarantineItem; payload: string; onTaken: () => void }) {
  const { t } = useTranslation("intake");
  const say = useSay();
  const told = useTold();
  const [text, setText] = useState(() => pretty(payload));
  const mend = useMutation({
    mutationFn: (check: boolean) => api.post<Mended>(`/quarantine/${one.id}/mend`, { payload: text, check }),
    onSuccess: (answer, check) => {
      if (check) return;
      refreshQuarantine();
      if (answer.problems.length === 0) {
        told.done(t("quarantine.done"));
        onTaken();
      }
    },
    onError: told.failed,
  });
  const problems = mend.data?.problems ?? [];
  return (
    <>
      <Input.TextArea className={styles.code ?? ""} aria-label={t("quarantine.mend")} rows={14} value={text} onChange={(event) => setText(event.target.value)} />
      <div className={styles.links}>
        <Button onClick={() => mend.mutate(true)} loading={mend.isPending}>
          {t("quarantine.check")}
        </Button>
        <Button type="primary" disabled={mend.isPending} onClick={() => mend.mutate(false)}>
          {t("quarantine.mendAndReplay")}
        </Button>
      </div>
      {mend.data && problems.length === 0 ? <Alert type="success" showIcon title={t("quarantine.sound")} /> : null}
      {problems.map((problem) => (
        <Alert key={`${problem.where}${problem.what.en}`} type="warning" showIcon title={<span title={problem.where}>{placeInWords(problem.where, t)}</span>} description={say(problem.what)} />
      ))}
    </>
  );
}

/** One quarantined record: why it is here, what it says, and the three ways out. */
export function Record({ one, onClose }: { one: QuarantineItem; onClose: () => void }) {
  const { t } = useTranslation("intake");
  const say = useSay();
  const sourceName = useSourceName();
  const told = useTold();
  const can = useCan();
  const shown = useMutation({ mutationFn: () => api.post<Schemas["QuarantinePayload"]>(`/quarantine/${one.id}/reveal`) });
  const replay = useMutation({
    mutationFn: () => api.post<Schemas["EventsAnswer"]>(`/quarantine/${one.id}/replay`),
    onSuccess: ({ refused }) => {
      refreshQuarantine();
      if (refused[0]) told.partly(t("quarantine.still", { reason: say(refused[0].what) }));
      else told.done(t("quarantine.done"));
      onClose();
    },
    onError: told.failed,
  });
  return (
    <>
      <Facts
        items={[
          { key: "source", label: t("quarantine.source"), value: one.source ? sourceName(one.source) : t("quarantine.unknown") },
          { key: "id", label: "ID", value: one.external_id || "—" },
          { key: "time", label: t("quarantine.time"), value: <Time value={one.received_at} /> },
        ]}
      />
      <ul className="t-plain">
        {one.problems.map((problem) => (
          <li key={`${problem.where}${problem.what.en}`} className={styles.problem}>
            <b title={problem.where}>{placeInWords(problem.where, t)}</b> {say(problem.what)}
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
        {one.kind === "hook" && can("source.write") ? <Link to={`/sources?edit=${encodeURIComponent(one.source)}`}>{t("quarantine.mapping")}</Link> : null}
      </div>
      <p className={styles.hint}>{t("quarantine.showHint")}</p>
      {shown.isPending ? <LoadingState rows={4} /> : null}
      {shown.error ? <ErrorState error={shown.error} onRetry={() => shown.mutate()} /> : null}
      {shown.data?.masked ? <Alert type="info" showIcon title={t("quarantine.masked")} /> : null}
      {shown.data && one.kind && !shown.data.masked ? <Editor one={one} payload={shown.data.payload} onTaken={onClose} /> : null}
      {shown.data && (!one.kind || shown.data.masked) ? (
        <pre className={styles.payload} aria-label={t("quarantine.payload")}>
          {pretty(shown.data.payload)}
        </pre>
      ) : null}
    </>
  );
}
