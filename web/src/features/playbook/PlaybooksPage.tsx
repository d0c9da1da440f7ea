import { Button, Drawer } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { usePages } from "@/shared/api";
import { MachineTimeHint, Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { PlaybookForm } from "./PlaybookForm";
import { Status } from "./Status";
import type { Account, Playbook } from "./types";

function useColumns(): Column<Playbook>[] {
  const { t } = useTranslation("playbook");
  return [
    {
      key: "name",
      title: t("list.name"),
      render: (row) => (
        <Link to={`/group-playbooks/${row.id}`} tabIndex={-1}>
          {row.name}
        </Link>
      ),
    },
    { key: "status", title: t("list.status"), width: 120, render: (row) => <Status playbook={row} /> },
    { key: "groups", title: t("form.groups"), width: 100, align: "right", render: (row) => <Num value={row.groups.length} /> },
    { key: "days", title: t("list.days"), width: 100, align: "right", render: (row) => <Num value={Math.max(0, ...row.steps.map((one) => one.day))} /> },
    { key: "steps", title: t("list.steps"), width: 120, align: "right", render: (row) => `${row.steps.filter((one) => one.state === "done").length} / ${row.steps.length}` },
    { key: "begins", title: t("list.begins"), width: 140, render: (row) => row.begins_on ?? "—" },
    { key: "created", title: t("list.created"), width: 170, render: (row) => <Time value={row.created_at} clock="machine" /> },
  ];
}

/** What happens in customer groups over days. */
export function PlaybooksPage() {
  const { t } = useTranslation("playbook");
  const can = useCan();
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const accounts = usePages<Account>("/mass-accounts");
  const rows = usePages<Playbook>("/group-playbooks");
  const columns = useColumns();
  const create =
    can("contact.send") && accounts.items.length > 0 ? (
      <Button type="primary" onClick={() => setCreating(true)}>
        {t("list.create")}
      </Button>
    ) : null;
  return (
    <ListPage title={t("title")} lead={<>{t("lead")}<MachineTimeHint /></>} actions={create}>
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/group-playbooks/${row.id}`} empty={<EmptyState title={t("list.none")} hint={t("list.noneHint")} />} />
      <Drawer open={creating} onClose={() => setCreating(false)} size={760} title={t("list.create")} destroyOnHidden>
        <PlaybookForm accounts={accounts.items} onDone={(id) => (setCreating(false), void navigate(`/group-playbooks/${id}`))} />
      </Drawer>
    </ListPage>
  );
}
