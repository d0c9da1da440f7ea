import { useQuery } from "@tanstack/react-query";
import { Alert, Tag } from "antd";
import { useParams } from "react-router";
import { api } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { AttachmentsShown } from "@/shared/media";
import { DetailPage, Facts, Section } from "@/shared/pages";
import { ErrorState, LoadingState } from "@/shared/states";
import { Actions } from "./Actions";
import { Groups, People, Posts, Tasks } from "./Parts";
import { Status, count } from "./Status";
import styles from "./Sending.module.css";
import type { MassSend } from "./types";

const WORKING_MS = 1500;
const RUNNING_MS = 10_000;
const WORKING = new Set(["gathering", "checking", "booking", "making"]);

function every(send: MassSend | undefined): number | false {
  if (!send) return false;
  return WORKING.has(send.status) ? WORKING_MS : send.status === "running" || send.status === "cancelled" ? RUNNING_MS : false;
}

function Numbers({ send }: { send: MassSend }) {
  const { t } = useTranslation("sending");
  const parts = [
    ["waiting", count(send, "waiting", "booking")],
    ["ready", count(send, "ready")],
    ["asked", count(send, "asked", "booked")],
    ["sent", count(send, "sent")],
    ["refused", count(send, "refused", "cancelled")],
    ["held", count(send, "held")],
  ] as const;
  return (
    <div className={styles.numbers}>
      {parts.map(([key, n]) => (
        <div key={key} className={styles.number}>
          <span className="t-faint">{t(`number.${key}`)}</span>
          <strong>
            <Num value={n} />
          </strong>
        </div>
      ))}
    </div>
  );
}

function Why({ send }: { send: MassSend }) {
  const { t } = useTranslation("sending");
  const reasons = send.counts.filter((one) => one.reason);
  if (reasons.length === 0) return null;
  return (
    <ul className={styles.reasons}>
      {reasons.map((one) => (
        <li key={`${one.state}:${one.reason}`}>
          <Tag>{t(`state.${one.state}`)}</Tag> {t(`reason.${one.reason}`, { defaultValue: one.reason ?? "" })}
          {t("colon")}
          <Num value={one.n} />
        </li>
      ))}
    </ul>
  );
}

function Summary({ send }: { send: MassSend }) {
  const { t } = useTranslation("sending");
  return (
    <>
      <Section title={t("page.words")}>
        <p className={styles.words}>{send.body || "—"}</p>
        {send.attachments.length > 0 ? <AttachmentsShown value={send.attachments} /> : null}
      </Section>
      <Section title={t("page.facts")}>
        <Facts
          items={[
            { key: "kind", label: t("form.kind"), value: t(`kind.${send.kind}`) },
            ...(send.kind === "customers" ? [{ key: "segment", label: t("form.segment"), value: send.segment ?? "—" }] : []),
            { key: "at", label: t("page.audienceAt"), value: <Time value={send.audience_at} /> },
            { key: "started", label: t("page.started"), value: <Time value={send.started_at} /> },
            { key: "tasks", label: t("list.confirmed"), value: send.tasks > 0 ? `${send.tasks_confirmed} / ${send.tasks}` : "—" },
            { key: "finished", label: t("page.finished"), value: <Time value={send.finished_at} /> },
          ]}
        />
      </Section>
    </>
  );
}

/** One mass message or post: who is written to, who is held back and why, what staff did. */
export function MassSendPage() {
  const { t } = useTranslation("sending");
  const { sendId = "" } = useParams();
  const query = useQuery({ queryKey: ["/mass-sends", sendId], queryFn: ({ signal }) => api.get<MassSend>(`/mass-sends/${sendId}`, undefined, signal), refetchInterval: (found) => every(found.state.data) });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={8} title />;
  const send = query.data;
  const stamp = `${send.status}:${JSON.stringify(send.counts)}:${send.tasks_confirmed}`;
  return (
    <DetailPage title={send.name} crumbs={[{ label: t("title"), to: "/mass-sends" }]} badge={<Status send={send} />} actions={<Actions send={send} />} facts={<Summary send={send} />}>
      {send.problem ? <Alert type="warning" showIcon title={t("page.problem")} description={send.problem} style={{ marginBottom: 12 }} /> : null}
      {send.status === "checked" && send.kind !== "moments" ? <Alert type="info" showIcon title={t("page.checkedHint")} style={{ marginBottom: 12 }} /> : null}
      {send.kind === "moments" ? null : (
        <Section title={t("page.standing")}>
          <Numbers send={send} />
          <Why send={send} />
        </Section>
      )}
      {send.kind === "moments" ? <Posts send={send} stamp={stamp} /> : <Tasks send={send} stamp={stamp} />}
      {send.kind === "customers" ? <People send={send} stamp={stamp} /> : null}
      {send.kind === "groups" ? <Groups send={send} stamp={stamp} /> : null}
    </DetailPage>
  );
}
