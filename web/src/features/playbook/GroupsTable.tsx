import { useMutation } from "@tanstack/react-query";
import { Button, Tag, Tooltip } from "antd";
import { Link } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { GroupPlaces, Playbook, Step } from "./types";

const COLORS = { waiting: "default", open: "processing", done: "success", held: "warning", skipped: "default" } as const;

function Place({ group, step, playbook }: { group: GroupPlaces; step: Step; playbook: Playbook }) {
  const { t } = useTranslation("playbook");
  const told = useTold();
  const may = useCan()("contact.write");
  const done = useMutation({
    mutationFn: () => api.post(`/group-playbooks/${playbook.id}/steps/${step.id}/groups/${group.group_id}/done`, {}),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["/group-playbooks"] }),
    onError: told.failed,
  });
  const place = group.places.find((one) => one.step_id === step.id);
  if (!place) return <span className="t-faint">—</span>;
  const why = place.reason ? t(`reason.${place.reason}`, { defaultValue: t("reason.other") }) : null;
  const drops = step.kind === "coupon" && place.state === "done" ? t("place.drops", { given: place.given, doubles: place.doubles }) : null;
  return (
    <>
      <Tooltip title={why ?? drops}>
        <Tag color={COLORS[place.state]}>{t(step.kind === "task" ? `place.task.${place.state}` : `place.${place.state}`)}</Tag>
      </Tooltip>
      {drops ? <span className="t-faint">{drops}</span> : null}
      {step.kind === "task" && place.state === "open" && may ? (
        <Button size="small" type="link" loading={done.isPending} onClick={() => done.mutate()} aria-label={t("place.finishOf", { group: group.group })}>
          {t("place.finish")}
        </Button>
      ) : null}
    </>
  );
}

/** Where every group stands, step by step. */
export function GroupsTable({ playbook }: { playbook: Playbook }) {
  const { t } = useTranslation("playbook");
  const stamp = playbook.steps.map((one) => `${one.state}${one.groups_done}`).join();
  const rows = usePages<GroupPlaces>(`/group-playbooks/${playbook.id}/groups`, { limit: 500, stamp });
  const columns: Column<GroupPlaces>[] = [
    { key: "group", title: t("form.groups"), width: 180, render: (row) => <Link to={`/groups/${row.group_id}`}>{row.group || row.owner}</Link> },
    { key: "owner", title: t("place.owner"), width: 110, render: (row) => row.owner },
    ...playbook.steps.map((step): Column<GroupPlaces> => ({ key: step.id, title: `${t("dayN", { n: step.day })} ${step.title}`, width: 170, render: (row) => <Place group={row} step={step} playbook={playbook} /> })),
  ];
  return (
    <Section title={t("page.groups")} flush>
      <DataTable label={t("page.groups")} rows={rows} columns={columns} rowKey={(row) => row.group_id} empty={<EmptyState compact title={t("page.noGroups")} />} minWidth={290 + playbook.steps.length * 170} />
    </Section>
  );
}
