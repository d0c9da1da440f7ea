import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { useMemo, useState } from "react";
import { api, usePages, type Page } from "@/shared/api";
import { FilterBar, useUrlFilters, type FilterField } from "@/shared/filters";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Facts, ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, NoMatch } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { AuditLine, Person } from "./types";
import styles from "./Settings.module.css";

function shown(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}

type Word = (key: string, options: { defaultValue: string }) => string;

/** `coupon_template.created` in words; a verb or noun we have no word for stays as it is. */
function actionWords({ action, entity }: AuditLine, t: Word): string {
  const verb = action.slice(action.indexOf(".") + 1);
  return `${t(`audit.entity.${entity}`, { defaultValue: entity })} · ${t(`audit.verb.${verb}`, { defaultValue: verb })}`;
}

/** What the thing is called, where the change itself says so. */
function nameOf({ before, after }: AuditLine): string {
  const name = after?.name ?? before?.name;
  return typeof name === "string" ? name : "";
}

/** Only what differs; a thing that was made or taken away shows everything it had. */
function Difference({ line }: { line: AuditLine }) {
  const { t } = useTranslation("settings");
  const before = line.before ?? {};
  const after = line.after ?? {};
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => shown(before[key]) !== shown(after[key]));
  if (keys.length === 0) return <EmptyState compact title={t("audit.noChange")} />;
  return (
    <table className={styles.diff}>
      <thead>
        <tr>
          <th scope="col" style={{ width: "24%" }}>
            {t("audit.field")}
          </th>
          <th scope="col">{t("audit.before")}</th>
          <th scope="col">{t("audit.after")}</th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            <td className={key in before ? styles.before : undefined}>{shown(before[key])}</td>
            <td className={key in after ? styles.after : undefined}>{shown(after[key])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function useWho(): (line: AuditLine) => string {
  const { t } = useTranslation("settings");
  return (line) => line.api_key_name ?? line.user_name ?? t("audit.system");
}

function useFields(): FilterField[] {
  const { t } = useTranslation("settings");
  const can = useCan();
  const people = useQuery({ queryKey: ["/users", "choices"], queryFn: ({ signal }) => api.get<Page<Person>>("/users", { limit: 200 }, signal), enabled: can("user.read") });
  return [
    { key: "actor", label: t("audit.filter.actor"), kind: "choice", choices: (people.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })) },
    { key: "entity", label: t("audit.filter.entity"), kind: "text" },
    { key: "action", label: t("audit.filter.action"), kind: "text" },
  ];
}

export function AuditPage() {
  const { t } = useTranslation("settings");
  const who = useWho();
  const filters = useUrlFilters(["entity", "actor", "action"]);
  const fields = useFields();
  const rows = usePages<AuditLine>("/audit", filters.values);
  const [open, setOpen] = useState<AuditLine | null>(null);
  const columns = useMemo<Column<AuditLine>[]>(
    () => [
      { key: "at", title: t("audit.column.at"), width: 160, render: (row) => <Time value={row.at} clock="machine" /> },
      { key: "who", title: t("audit.column.who"), width: 160, render: who },
      { key: "action", title: t("audit.column.action"), width: 260, render: (row) => <span title={row.action}>{actionWords(row, t)}</span> },
      {
        key: "entity",
        title: t("audit.column.entity"),
        render: (row) => (
          <>
            {nameOf(row)} <code className="t-faint">{row.entity_id}</code>
          </>
        ),
      },
      { key: "address", title: t("audit.column.address"), width: 140, render: (row) => row.address ?? "—" },
    ],
    [t, who],
  );
  return (
    <ListPage title={t("audit.title")} lead={t("audit.lead")} filters={<FilterBar fields={fields} values={filters.values} onChange={filters.set} onClear={filters.clear} />}>
      <DataTable label={t("audit.title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={setOpen} empty={filters.any ? <NoMatch onClear={filters.clear} /> : <EmptyState title={t("audit.emptyTitle")} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={720} title={open ? `${t("audit.open")} · ${open.action}` : ""} destroyOnHidden>
        {open ? (
          <>
            <Facts
              items={[
                { key: "at", label: t("audit.column.at"), value: <Time value={open.at} clock="machine" /> },
                { key: "who", label: t("audit.column.who"), value: who(open) },
                { key: "id", label: t("audit.id"), value: <code>{open.entity_id}</code> },
                { key: "request", label: t("audit.request"), value: <code>{open.request_id ?? "—"}</code> },
              ]}
            />
            <Difference line={open} />
          </>
        ) : null}
      </Drawer>
    </ListPage>
  );
}
