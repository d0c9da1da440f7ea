import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Segmented, Tag } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { DetailPage, Facts, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { GroupDetail, Person } from "./types";

const AGAIN_MS = 5000;

function People({ id }: { id: string }) {
  const { t } = useTranslation("groups");
  const [where, setWhere] = useState<"here" | "left">("here");
  const rows = usePages<Person>(`/group-chats/${id}/people`, { where });
  const columns: Column<Person>[] = [
    { key: "name", title: t("people.name"), render: (row) => <Link to={`/customers/${row.customer_id}`}>{row.name ?? t("people.nameless")}</Link> },
    { key: "joined", title: t("people.joined"), width: 170, render: (row) => <Time value={row.joined_at} /> },
    { key: "scene", title: t("people.scene"), width: 130, render: (row) => t(`scene.${row.scene}`, { defaultValue: t("scene.other") }) },
    { key: "code", title: t("people.code"), width: 150, render: (row) => row.live_code ?? "—" },
    where === "here"
      ? { key: "groups", title: t("people.groups"), width: 110, align: "right", render: (row) => <Num value={row.groups} /> }
      : { key: "left", title: t("people.left"), width: 170, render: (row) => <Time value={row.left_at} /> },
  ];
  return (
    <Section
      title={t("people.title")}
      flush
      extra={
        <Segmented
          aria-label={t("people.which")}
          value={where}
          onChange={setWhere}
          options={[
            { value: "here", label: t("people.here") },
            { value: "left", label: t("people.gone") },
          ]}
        />
      }
    >
      <DataTable label={t("people.title")} rows={rows} columns={columns} rowKey={(row) => row.customer_id} to={(row) => `/customers/${row.customer_id}`} empty={<EmptyState compact title={t(where === "here" ? "people.none" : "people.noneLeft")} />} minWidth={640} />
    </Section>
  );
}

/** One customer group: who owns it, who is in it, who left. */
export function GroupPage() {
  const { t } = useTranslation("groups");
  const { groupId = "" } = useParams();
  const can = useCan();
  const told = useTold();
  const query = useQuery({
    queryKey: ["/group-chats", groupId],
    queryFn: ({ signal }) => api.get<GroupDetail>(`/group-chats/${groupId}`, undefined, signal),
    refetchInterval: (found) => (found.state.data?.catching_up ? AGAIN_MS : false),
  });
  const read = useMutation({
    mutationFn: () => api.post(`/group-chats/${groupId}/read`, {}),
    onSuccess: () => (void queryClient.invalidateQueries({ queryKey: ["/group-chats"] }), told.done(t("group.reading"))),
    onError: told.failed,
  });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={8} title />;
  const group = query.data;
  const facts = (
    <Section title={t("group.facts")}>
      <Facts
        items={[
          { key: "owner", label: t("group.owner"), value: group.owner_name },
          { key: "people", label: t("group.people"), value: `${group.people} / ${group.size_max}` },
          { key: "customers", label: t("group.customers"), value: <Num value={group.customers} /> },
          { key: "joined", label: t("group.joinedWeek"), value: <Num value={group.joined_week} /> },
          { key: "left", label: t("group.leftWeek"), value: <Num value={group.left_week} /> },
          { key: "staff", label: t("group.staff"), value: group.staff.map((one) => <Tag key={one.member}>{one.name}</Tag>) },
          { key: "notice", label: t("group.notice"), value: group.notice || "—" },
          { key: "opened", label: t("group.opened"), value: <Time value={group.opened_at} /> },
          { key: "read", label: t("group.read"), value: <Time value={group.read_at} clock="machine" /> },
        ]}
      />
    </Section>
  );
  return (
    <DetailPage
      title={group.name || t("group.nameless")}
      crumbs={[{ label: t("title"), to: "/groups" }]}
      badge={group.ended ? <Tag>{t("group.ended")}</Tag> : group.catching_up ? <Tag color="processing">{t("group.catchingUp")}</Tag> : null}
      actions={
        can("contact.write") ? (
          <Button onClick={() => read.mutate()} loading={read.isPending}>
            {t("group.readNow")}
          </Button>
        ) : null
      }
      facts={facts}
    >
      {group.problem ? <Alert type="error" showIcon title={t("group.stuck")} description={group.problem} style={{ marginBottom: 12 }} /> : null}
      <People id={group.id} />
    </DetailPage>
  );
}
