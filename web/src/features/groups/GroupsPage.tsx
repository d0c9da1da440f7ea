import { useMutation } from "@tanstack/react-query";
import { Button, Input, Segmented, Tag, Tooltip } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { MachineTimeHint, Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, NoMatch, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { Figures } from "./Figures";
import type { Double, Group, GroupAccount } from "./types";

type View = "here" | "ended" | "doubles" | "figures";

function useGroupColumns(): Column<Group>[] {
  const { t } = useTranslation("groups");
  return useMemo(
    () => [
      {
        key: "name",
        title: t("group.name"),
        render: (row) => (
          <Link to={`/groups/${row.id}`} tabIndex={-1}>
            {row.name || t("group.nameless")}
          </Link>
        ),
      },
      { key: "owner", title: t("group.owner"), width: 120, render: (row) => row.owner_name },
      {
        key: "people",
        title: t("group.people"),
        width: 170,
        align: "right",
        render: (row) => (
          <>
            {row.people >= row.size_max ? <Tag color="warning">{t("group.full")}</Tag> : null}
            <Num value={row.people} /> / <Num value={row.size_max} />
          </>
        ),
      },
      { key: "customers", title: t("group.customers"), width: 90, align: "right", render: (row) => <Num value={row.customers} /> },
      { key: "joined", title: t("group.joinedWeek"), width: 100, align: "right", render: (row) => <Num value={row.joined_week} /> },
      { key: "left", title: t("group.leftWeek"), width: 100, align: "right", render: (row) => <Num value={row.left_week} /> },
      {
        key: "read",
        title: t("group.read"),
        width: 190,
        render: (row) =>
          row.problem ? (
            <Tooltip title={row.problem}>
              <Tag color="error">{t("group.stuck")}</Tag>
            </Tooltip>
          ) : row.catching_up ? (
            <Tag color="processing">{t("group.catchingUp")}</Tag>
          ) : (
            <Time value={row.read_at} clock="machine" />
          ),
      },
    ],
    [t],
  );
}

function Doubles() {
  const { t } = useTranslation("groups");
  const rows = usePages<Double>("/group-chats/doubles");
  const columns: Column<Double>[] = [
    { key: "name", title: t("people.name"), width: 220, render: (row) => <Link to={`/customers/${row.customer_id}`}>{row.name ?? t("people.nameless")}</Link> },
    { key: "n", title: t("people.groups"), width: 110, align: "right", render: (row) => <Num value={row.groups.length} /> },
    { key: "groups", title: t("people.which"), render: (row) => row.groups.map((one, index) => <Tag key={index}>{one}</Tag>) },
  ];
  return <DataTable label={t("view.doubles")} rows={rows} columns={columns} rowKey={(row) => row.customer_id} to={(row) => `/customers/${row.customer_id}`} empty={<EmptyState title={t("doubles.none")} hint={t("doubles.noneHint")} />} />;
}

/** Customer groups as the platform has them, and who is in several. */
export function GroupsPage() {
  const { t } = useTranslation("groups");
  const can = useCan();
  const told = useTold();
  const [view, setView] = useState<View>("here");
  const [q, setQ] = useState("");
  const accounts = usePages<GroupAccount>("/group-accounts");
  const rows = usePages<Group>("/group-chats", { q: q.trim() || undefined, ended: view === "ended" }, 50, view === "here" || view === "ended");
  const columns = useGroupColumns();
  const read = useMutation({
    mutationFn: () => api.post("/group-accounts/read", {}),
    onSuccess: () => (void queryClient.invalidateQueries({ queryKey: ["/group-chats"] }), told.done(t("group.reading"))),
    onError: told.failed,
  });
  const none = q.trim() ? <NoMatch onClear={() => setQ("")} /> : <EmptyState title={t(view === "ended" ? "group.noneEnded" : "group.none")} hint={t("group.noneHint")} />;
  return (
    <ListPage
      title={t("title")}
      lead={<>{t("lead")}<MachineTimeHint /></>}
      actions={
        can("contact.write") && accounts.items.length > 0 ? (
          <Button onClick={() => read.mutate()} loading={read.isPending}>
            {t("group.readNow")}
          </Button>
        ) : null
      }
      filters={
        <>
          <Segmented<View> aria-label={t("view.label")} value={view} onChange={setView} options={(["here", "figures", "doubles", "ended"] as const).map((value) => ({ value, label: t(`view.${value}`) }))} />
          {view === "doubles" || view === "figures" ? null : <Input.Search allowClear aria-label={t("group.search")} placeholder={t("group.search")} style={{ width: 220 }} value={q} onChange={(event) => setQ(event.target.value)} />}
        </>
      }
      tools={accounts.items.map((one) => (
        <span key={one.account_id} className="t-faint">
          {t("group.readAt", { name: one.name })} <Time value={one.read_at} clock="machine" />
        </span>
      ))}
    >
      {view === "figures" ? <Figures /> : view === "doubles" ? <Doubles /> : <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/groups/${row.id}`} empty={none} />}
    </ListPage>
  );
}
