import { Button, Drawer, Segmented } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { usePages } from "@/shared/api";
import { MachineTimeHint, Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { AccountForm } from "./AccountForm";
import { SendForm } from "./SendForm";
import { Status, count } from "./Status";
import type { MassAccount, MassSend } from "./types";

type Kind = MassSend["kind"] | "all";

function useSendColumns(): Column<MassSend>[] {
  const { t } = useTranslation("sending");
  return [
    {
      key: "name",
      title: t("list.name"),
      render: (row) => (
        <Link to={`/mass-sends/${row.id}`} tabIndex={-1}>
          {row.name}
        </Link>
      ),
    },
    { key: "kind", title: t("form.kind"), width: 124, render: (row) => t(`kind.${row.kind}`) },
    { key: "status", title: t("list.status"), width: 110, render: (row) => <Status send={row} /> },
    { key: "sent", title: t("state.sent"), width: 76, align: "right", render: (row) => <Num value={count(row, "sent")} /> },
    { key: "asked", title: t("state.asked"), width: 104, align: "right", render: (row) => <Num value={count(row, "asked", "booked")} /> },
    { key: "refused", title: t("list.refused"), width: 76, align: "right", render: (row) => <Num value={count(row, "refused", "cancelled")} /> },
    { key: "held", title: t("state.held"), width: 76, align: "right", render: (row) => <Num value={count(row, "held")} /> },
    { key: "tasks", title: t("list.confirmed"), width: 92, align: "right", render: (row) => (row.tasks > 0 ? `${row.tasks_confirmed} / ${row.tasks}` : "—") },
    { key: "created", title: t("list.created"), width: 150, render: (row) => <Time value={row.created_at} clock="machine" /> },
  ];
}

/** Mass messages and posts: prepared here, confirmed by staff, counted person by person. */
export function MassSendsPage() {
  const { t } = useTranslation("sending");
  const can = useCan();
  const navigate = useNavigate();
  const [kind, setKind] = useState<Kind>("all");
  const [creating, setCreating] = useState(false);
  const [account, setAccount] = useState<MassAccount | null>(null);
  const accounts = usePages<MassAccount>("/mass-accounts");
  const rows = usePages<MassSend>("/mass-sends", { kind: kind === "all" ? undefined : kind });
  const columns = useSendColumns();
  const may = can("contact.write") && accounts.items.length > 0;
  const create = may ? (
    <Button type="primary" onClick={() => setCreating(true)}>
      {t("list.create")}
    </Button>
  ) : null;
  return (
    <ListPage
      title={t("title")}
      lead={<>{t("lead")}<MachineTimeHint /></>}
      actions={create}
      filters={<Segmented<Kind> aria-label={t("form.kind")} value={kind} onChange={setKind} options={(["all", "customers", "groups", "moments"] as const).map((value) => ({ value, label: t(`kind.${value}`) }))} />}
      tools={
        may
          ? accounts.items.map((one) => (
              <Button key={one.account_id} type="link" size="small" onClick={() => setAccount(one)}>
                {t("list.limits", { name: one.name })}
              </Button>
            ))
          : null
      }
    >
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/mass-sends/${row.id}`} empty={<EmptyState title={t("list.none")} hint={t("list.noneHint")} />} />
      <Drawer open={creating} onClose={() => setCreating(false)} size={640} title={t("list.create")} destroyOnHidden>
        <SendForm accounts={accounts.items} onDone={(id) => (setCreating(false), void navigate(`/mass-sends/${id}`))} />
      </Drawer>
      <Drawer open={account !== null} onClose={() => setAccount(null)} size={480} title={account ? t("list.limits", { name: account.name }) : null} destroyOnHidden>
        {account ? <AccountForm account={account} onDone={() => setAccount(null)} /> : null}
      </Drawer>
    </ListPage>
  );
}
