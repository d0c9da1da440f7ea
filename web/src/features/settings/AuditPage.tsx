import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { api, usePages, type Page } from "@/shared/api";
import { FilterBar, useUrlFilters, type FilterField } from "@/shared/filters";
import { MachineTimeHint, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ExportButton, Facts, ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, NoMatch } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { Difference } from "./audit/Difference";
import { nameOf, placeOf, useDeed } from "./audit/words";
import type { AuditLine, Person } from "./types";

const ENTITIES = ["customer", "flow", "segment", "tag", "coupon_template", "coupon", "message_template", "frequency_cap", "import", "org_unit", "staff_user", "staff_role", "api_key", "staff_session", "tenant"];
/** What people look for; the rest is found by its kind of thing. */
const ACTIONS = [
  ["flow", "flow.published"],
  ["flow", "flow.paused"],
  ["customer", "customer.revealed"],
  ["customer", "customer.exported"],
  ["customer", "customer.merged"],
  ["customer", "customer.tagged_many"],
  ["coupon", "coupon.redeemed"],
  ["staff_user", "user.changed"],
  ["staff_role", "role.changed"],
  ["org_unit", "org_unit.changed"],
  ["staff_session", "session.opened"],
  ["tenant", "clock.moved"],
] as const;

function useWho(): (line: AuditLine) => string {
  const { t } = useTranslation("settings");
  return (line) => line.api_key_name ?? line.user_name ?? t("audit.system");
}

function useFields(): FilterField[] {
  const { t } = useTranslation("settings");
  const can = useCan();
  const deed = useDeed();
  const people = useQuery({ queryKey: ["/users", "choices"], queryFn: ({ signal }) => api.get<Page<Person>>("/users", { limit: 200 }, signal), enabled: can("user.read") });
  return [
    { key: "actor", label: t("audit.filter.actor"), kind: "choice", choices: (people.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })) },
    { key: "entity", label: t("audit.filter.entity"), kind: "choice", choices: ENTITIES.map((value) => ({ value, label: t(`audit.entity.${value}`) })) },
    { key: "action", label: t("audit.filter.action"), kind: "choice", choices: ACTIONS.map(([entity, action]) => ({ value: action, label: deed({ entity, action }) })) },
  ];
}

/** The thing by its name, as a way to it; the click does not open the entry as well. */
function Thing({ line }: { line: AuditLine }) {
  const { t } = useTranslation("settings");
  const name = nameOf(line);
  const place = placeOf(line);
  const words = name || (place ? t("audit.openIt") : "");
  if (!words) return null;
  return place ? (
    <Link to={place} style={{ textDecoration: "underline" }} onClick={(event) => event.stopPropagation()}>
      {words}
    </Link>
  ) : (
    <>{words}</>
  );
}

/** Who did what to which thing, as one would say it. */
function Sentence({ line }: { line: AuditLine }) {
  const who = useWho();
  const deed = useDeed();
  return (
    <>
      <strong>{who(line)}</strong> {deed(line)} <Thing line={line} />
    </>
  );
}

export function AuditPage() {
  const { t } = useTranslation("settings");
  const who = useWho();
  const deed = useDeed();
  const filters = useUrlFilters(["entity", "actor", "action"]);
  const fields = useFields();
  const rows = usePages<AuditLine>("/audit", filters.values);
  const [open, setOpen] = useState<AuditLine | null>(null);
  const columns = useMemo<Column<AuditLine>[]>(
    () => [
      { key: "at", title: t("audit.column.at"), width: 160, render: (row) => <Time value={row.at} clock="machine" /> },
      { key: "deed", title: t("audit.column.deed"), render: (row) => <Sentence line={row} /> },
      { key: "address", title: t("audit.column.address"), width: 140, render: (row) => row.address ?? "—" },
    ],
    [t],
  );
  return (
    <ListPage title={t("audit.title")} lead={
        <>
          {t("audit.lead")}<MachineTimeHint />
        </>
      }
      filters={<FilterBar fields={fields} values={filters.values} onChange={filters.set} onClear={filters.clear} />}
      tools={rows.items.length > 0 ? <ExportButton list="audit" filters={filters.values} /> : null}
    >
      <DataTable label={t("audit.title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={setOpen} empty={filters.any ? <NoMatch onClear={filters.clear} /> : <EmptyState title={t("audit.emptyTitle")} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={720} title={open ? deed(open) : ""} destroyOnHidden>
        {open ? (
          <>
            <Facts
              items={[
                { key: "at", label: t("audit.column.at"), value: <Time value={open.at} clock="machine" /> },
                { key: "who", label: t("audit.column.who"), value: who(open) },
                { key: "what", label: t("audit.column.entity"), value: <Thing line={open} /> },
                { key: "address", label: t("audit.column.address"), value: open.address ?? "—" },
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
