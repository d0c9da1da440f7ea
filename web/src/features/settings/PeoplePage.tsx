import { Button, Drawer, Space, Tag } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { FilterBar, useUrlFilters } from "@/shared/filters";
import { MachineTimeHint, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { PersonForm } from "./PersonForm";
import { useRoleName } from "./roleName";
import type { Person } from "./types";

export function PeoplePage() {
  const { t } = useTranslation("settings");
  const can = useCan();
  const roleName = useRoleName();
  const filters = useUrlFilters(["q"]);
  const rows = usePages<Person>("/users", filters.values);
  const [editing, setEditing] = useState<Person | "new" | null>(null);
  const columns = useMemo<Column<Person>[]>(
    () => [
      { key: "name", title: t("people.column.name"), width: 180, render: (row) => row.name },
      { key: "login", title: t("people.column.login"), width: 180, render: (row) => <code>{row.login}</code> },
      {
        key: "roles",
        title: t("people.column.roles"),
        render: (row) =>
          row.assignments.map((one) => (
            <Tag key={`${one.role_id}${one.scope}${one.org_unit_id ?? ""}`}>
              {roleName(one.role_id, one.role_name)} · {one.org_unit_name ?? t(`people.reach.${one.scope}`)}
            </Tag>
          )),
      },
      { key: "seen", title: t("people.column.seen"), width: 156, render: (row) => <Time value={row.last_seen_at} clock="machine" /> },
      { key: "state", title: t("people.column.state"), width: 96, render: (row) => <Tag color={row.active ? "success" : "default"}>{t(row.active ? "people.active" : "people.inactive")}</Tag> },
    ],
    [t, roleName],
  );
  return (
    <ListPage
      title={t("people.title")}
      lead={<>{t("people.lead")}<MachineTimeHint /></>}
      actions={
        <Space>
          {can("user.write") ? <Link to="/settings/people/directory">{t("people.directory")}</Link> : null}
          {can("user.write") ? (
            <Button type="primary" onClick={() => setEditing("new")}>
              {t("people.create")}
            </Button>
          ) : null}
        </Space>
      }
      filters={<FilterBar fields={[]} values={filters.values} onChange={filters.set} onClear={filters.clear} searchLabel={t("people.search")} />}
    >
      <DataTable label={t("people.title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={setEditing} empty={<EmptyState drawing="search" title={t("people.emptyTitle")} />} />
      <Drawer open={editing !== null} onClose={() => setEditing(null)} size={640} title={editing === "new" ? t("people.create") : t("people.edit")} destroyOnHidden>
        {editing === null ? null : <PersonForm person={editing === "new" ? null : editing} onDone={() => setEditing(null)} />}
      </Drawer>
    </ListPage>
  );
}
