import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { api } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { AttachmentsShown } from "@/shared/media";
import { DetailPage, Facts, Section } from "@/shared/pages";
import { ErrorState, LoadingState } from "@/shared/states";
import { Actions } from "./Actions";
import { GroupsTable } from "./GroupsTable";
import styles from "./Playbook.module.css";
import { Status, StepState } from "./Status";
import type { Playbook, Step } from "./types";

const EVERY_MS = 5000;

function Row({ step }: { step: Step }) {
  const { t } = useTranslation("playbook");
  return (
    <li className={styles.shown}>
      <div className={styles.head}>
        <strong>
          {t("dayN", { n: step.day })} {step.at}
        </strong>
        <span>{t(`kind.${step.kind}`)}</span>
        <strong>{step.title}</strong>
        <StepState step={step} />
        {step.state === "begun" || step.state === "done" ? <span className="t-soft">{t("page.doneOf", { n: step.groups_done, of: step.groups })}</span> : null}
        {step.mass_send_id ? <Link to={`/mass-sends/${step.mass_send_id}`}>{t("page.message")}</Link> : null}
      </div>
      {step.coupon ? (
        <p>
          {step.coupon}
          {step.given > 0 ? <span className="t-faint"> {t("page.drops", { given: step.given, doubles: step.doubles })}</span> : null}
        </p>
      ) : null}
      {step.body ? <p className={styles.words}>{step.body}</p> : null}
      {step.attachments.length > 0 ? <AttachmentsShown value={step.attachments} /> : null}
    </li>
  );
}

/** One playbook: what happens when, and where each group stands. */
export function PlaybookPage() {
  const { t } = useTranslation("playbook");
  const { playbookId = "" } = useParams();
  const query = useQuery({
    queryKey: ["/group-playbooks", playbookId],
    queryFn: ({ signal }) => api.get<Playbook>(`/group-playbooks/${playbookId}`, undefined, signal),
    refetchInterval: (found) => (found.state.data?.status === "running" ? EVERY_MS : false),
  });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={8} title />;
  const book = query.data;
  const facts = (
    <Section title={t("page.facts")}>
      <Facts
        items={[
          { key: "groups", label: t("form.groups"), value: <Num value={book.groups.length} /> },
          { key: "begins", label: t("list.begins"), value: book.begins_on ?? t("page.beginsToday") },
          { key: "steps", label: t("list.steps"), value: `${book.steps.filter((one) => one.state === "done").length} / ${book.steps.length}` },
          { key: "started", label: t("page.started"), value: <Time value={book.started_at} /> },
          { key: "finished", label: t("page.finished"), value: <Time value={book.finished_at} /> },
        ]}
      />
    </Section>
  );
  return (
    <DetailPage title={book.name} crumbs={[{ label: t("title"), to: "/group-playbooks" }]} badge={<Status playbook={book} />} actions={<Actions playbook={book} />} facts={facts}>
      <Section title={t("page.plan")}>
        <ol className={`t-plain ${styles.plan}`}>
          {book.steps.map((step) => (
            <Row key={step.id} step={step} />
          ))}
        </ol>
      </Section>
      {book.status === "draft" ? null : <GroupsTable playbook={book} />}
    </DetailPage>
  );
}
