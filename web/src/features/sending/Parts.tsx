import { useMutation } from "@tanstack/react-query";
import { Button, Select, Tag, Tooltip } from "antd";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { MassGroup, MassPerson, MassPost, MassSend, MassTask } from "./types";

interface Props {
  send: MassSend;
  /** Changes whenever the lists below may have changed. */
  stamp: string;
}

const STATES = ["waiting", "ready", "held", "booking", "booked", "asked", "sent", "refused", "cancelled"] as const;

function useFresh(path: string, stamp: string): void {
  useEffect(() => void queryClient.invalidateQueries({ queryKey: [path] }), [path, stamp]);
}

/** Lets a simulated adviser do what a real one would do on her phone. */
function Pretend({ send, what, given }: { send: MassSend; what: string; given: Record<string, string> }) {
  const { t } = useTranslation("sending");
  const can = useCan();
  const told = useTold();
  const act = useMutation({
    mutationFn: () => api.post(`/connector-accounts/${send.account_id}/acts`, { what, given }),
    onSuccess: () => told.done(t("simulated.done")),
    onError: told.failed,
  });
  if (!send.simulated || !can("source.write")) return null;
  return (
    <Tooltip title={t("simulated.hint")}>
      <Button size="small" loading={act.isPending} onClick={() => act.mutate()}>
        {t(`simulated.${what}`)}
      </Button>
    </Tooltip>
  );
}

function Reason({ reason, until }: { reason: string | null; until?: string | null }) {
  const { t } = useTranslation("sending");
  if (!reason) return <>—</>;
  return (
    <>
      {t(`reason.${reason}`, { defaultValue: reason })}
      {until ? (
        <span className="t-faint">
          {" "}
          {t("page.until")} <Time value={until} />
        </span>
      ) : null}
    </>
  );
}

export function Tasks({ send, stamp }: Props) {
  const { t } = useTranslation("sending");
  const path = `/mass-sends/${send.id}/tasks`;
  const rows = usePages<MassTask>(path);
  useFresh(path, stamp);
  const columns: Column<MassTask>[] = [
    { key: "adviser", title: t("task.adviser"), render: (row) => row.adviser },
    { key: "size", title: t("task.size"), width: 72, align: "right", render: (row) => <Num value={row.size} /> },
    {
      key: "state",
      title: t("list.status"),
      width: 132,
      render: (row) => (
        <Tooltip title={row.problem}>
          <Tag color={row.confirmed ? "success" : row.state === "refused" ? "error" : "default"}>{t(row.confirmed ? "task.confirmed" : `task.${row.state}`)}</Tag>
        </Tooltip>
      ),
    },
    { key: "read", title: t("task.read"), width: 152, render: (row) => <Time value={row.read_at} clock="machine" /> },
    { key: "reminders", title: t("task.reminders"), width: 104, align: "right", render: (row) => <Num value={row.reminders_left} /> },
    { key: "act", title: "", width: 108, render: (row) => (row.ref && row.state === "made" && !row.confirmed ? <Pretend send={send} what="confirm" given={{ msgid: row.ref, member: row.member }} /> : null) },
  ];
  if (send.tasks === 0) return null;
  return (
    <Section title={t("task.title")} flush>
      <DataTable label={t("task.title")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState compact title={t("task.none")} />} minWidth={720} />
    </Section>
  );
}

export function People({ send, stamp }: Props) {
  const { t } = useTranslation("sending");
  const [state, setState] = useState<MassPerson["state"] | undefined>();
  const path = `/mass-sends/${send.id}/people`;
  const rows = usePages<MassPerson>(path, { state });
  useFresh(path, stamp);
  const columns: Column<MassPerson>[] = [
    { key: "name", title: t("person.name"), render: (row) => <Link to={`/customers/${row.customer_id}`}>{row.name ?? t("person.nameless")}</Link> },
    { key: "adviser", title: t("task.adviser"), width: 100, render: (row) => row.adviser ?? "—" },
    { key: "state", title: t("list.status"), width: 120, render: (row) => <Tag>{t(`state.${row.state}`)}</Tag> },
    { key: "reason", title: t("person.reason"), width: 220, render: (row) => <Reason reason={row.reason} until={row.until} /> },
    { key: "settled", title: t("person.settled"), width: 160, render: (row) => <Time value={row.settled_at} /> },
  ];
  if (send.status === "draft") return null;
  return (
    <Section
      title={t("person.title")}
      flush
      extra={<Select allowClear aria-label={t("list.status")} placeholder={t("person.any")} style={{ width: 150 }} value={state} onChange={(value: MassPerson["state"] | undefined) => setState(value)} options={STATES.map((value) => ({ value, label: t(`state.${value}`) }))} />}
    >
      <DataTable label={t("person.title")} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/customers/${row.customer_id}`} empty={<EmptyState compact title={t("person.none")} />} minWidth={760} />
    </Section>
  );
}

export function Groups({ send, stamp }: Props) {
  const { t } = useTranslation("sending");
  const path = `/mass-sends/${send.id}/groups`;
  const rows = usePages<MassGroup>(path, {}, 1000);
  useFresh(path, stamp);
  const columns: Column<MassGroup>[] = [
    { key: "group", title: t("form.groups"), render: (row) => <Link to={`/groups/${row.group_id}`}>{row.group}</Link> },
    { key: "adviser", title: t("task.owner"), width: 140, render: (row) => row.adviser },
    { key: "state", title: t("list.status"), width: 120, render: (row) => <Tag>{t(`state.${row.state}`)}</Tag> },
    { key: "reason", title: t("person.reason"), width: 220, render: (row) => <Reason reason={row.reason} /> },
  ];
  if (send.status === "draft") return null;
  return (
    <Section title={t("form.groups")} flush>
      <DataTable label={t("form.groups")} rows={rows} columns={columns} rowKey={(row) => row.group_id} empty={<EmptyState compact title={t("person.none")} />} minWidth={640} />
    </Section>
  );
}

export function Posts({ send, stamp }: Props) {
  const { t } = useTranslation("sending");
  const path = `/mass-sends/${send.id}/posts`;
  const rows = usePages<MassPost>(path);
  const tasks = usePages<MassTask>(`/mass-sends/${send.id}/tasks`, {}, 50, send.simulated);
  useFresh(path, stamp);
  useFresh(`/mass-sends/${send.id}/tasks`, stamp);
  const moment = tasks.items[0]?.ref;
  const columns: Column<MassPost>[] = [
    { key: "adviser", title: t("task.adviser"), render: (row) => row.adviser },
    { key: "published", title: t("list.status"), width: 130, render: (row) => <Tag color={row.published ? "success" : "default"}>{t(row.published ? "post.published" : "post.waiting")}</Tag> },
    { key: "likes", title: t("post.likes"), width: 100, align: "right", render: (row) => <Num value={row.likes} /> },
    { key: "comments", title: t("post.comments"), width: 100, align: "right", render: (row) => <Num value={row.comments} /> },
    { key: "act", title: "", width: 130, render: (row) => (moment && !row.published ? <Pretend send={send} what="publish" given={{ moment_id: moment, member: row.member }} /> : null) },
  ];
  return (
    <Section title={t("post.title")} flush>
      <DataTable label={t("post.title")} rows={rows} columns={columns} rowKey={(row) => row.member} empty={<EmptyState compact title={t("post.none")} hint={t("post.noneHint")} />} minWidth={560} />
    </Section>
  );
}
