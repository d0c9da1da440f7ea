import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useMemo } from "react";
import { api, queryClient, usePages, type Page } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Department, OrgUnit } from "./types";

function usePlace(account: string) {
  const { t } = useTranslation("directory");
  const told = useTold();
  return useMutation({
    mutationFn: (departments: { department: string; unit_id: string | null }[]) => api.put(`/directories/${account}/departments`, { departments }),
    onSuccess: () => (void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/directories") }), told.done(t("shared:state.saved"))),
    onError: told.failed,
  });
}

/** A department's name with what lies above it. */
function pathOf(one: Department, all: ReadonlyMap<string, Department>): string {
  const names: string[] = [];
  for (let at: Department | undefined = one, depth = 0; at && depth < 32; at = all.get(at.parent), depth += 1) names.unshift(at.name);
  return names.filter(Boolean).join(" / ");
}

/** Which region or store each department is: a person's choice, the likely one offered and never taken by itself. */
export function Departments({ account, may }: { account: string; may: boolean }) {
  const { t } = useTranslation("directory");
  const rows = usePages<Department>(`/directories/${account}/departments`, {}, 1000);
  const units = useQuery({ queryKey: ["/org-units"], queryFn: ({ signal }) => api.get<Page<OrgUnit>>("/org-units", undefined, signal) });
  const place = usePlace(account);
  const all = useMemo(() => new Map(rows.items.map((one) => [one.department, one])), [rows.items]);
  const options = useMemo(() => (units.data?.items ?? []).filter((one) => one.kind !== "brand" && one.active).map((one) => ({ value: one.id, label: t("named", { name: one.name, what: t(`unit.${one.kind}`) }) })), [units.data, t]);
  const proposed = rows.items.filter((one) => one.proposed_id !== null && one.unit_id === null);
  const columns = useMemo<Column<Department>[]>(
    () => [
      { key: "name", title: t("department"), render: (row) => pathOf(row, all) || row.department },
      { key: "members", title: t("members"), width: 110, align: "right", render: (row) => <Num value={row.members} /> },
      {
        key: "unit",
        title: t("isUnit"),
        width: 320,
        render: (row) => (
          <Select allowClear disabled={!may} style={{ width: "100%" }} aria-label={t("isUnitOf", { name: row.name })} placeholder={t("noUnit")} showSearch={{ optionFilterProp: "label" }} value={row.unit_id} options={options} onChange={(unit?: string) => place.mutate([{ department: row.department, unit_id: unit ?? null }])} />
        ),
      },
      {
        key: "proposed",
        title: t("proposed"),
        width: 220,
        render: (row) => {
          const unit = options.find((one) => one.value === row.proposed_id);
          return unit && may && row.unit_id === null ? <Button size="small" type="link" onClick={() => place.mutate([{ department: row.department, unit_id: row.proposed_id }])}>{unit.label}</Button> : null;
        },
      },
    ],
    [t, all, may, options, place],
  );
  return (
    <>
      <p className="t-quiet" style={{ marginBottom: 12 }}>{t("departmentsHint")}</p>
      {may && proposed.length > 0 ? <Button style={{ marginBottom: 8 }} onClick={() => place.mutate(proposed.map((one) => ({ department: one.department, unit_id: one.proposed_id })))}>{t("takeProposed", { n: proposed.length })}</Button> : null}
      <DataTable label={t("tab.departments")} rows={rows} columns={columns} rowKey={(row) => row.department} empty={<EmptyState title={t("noDepartments")} hint={t("firstReading")} />} />
    </>
  );
}
