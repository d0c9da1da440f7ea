import { useMutation, useQuery } from "@tanstack/react-query";
import { App, Button, Select, Tag } from "antd";
import { useMemo } from "react";
import { api, queryClient, usePages, type Page } from "@/shared/api";
import { FilterBar, useUrlFilters } from "@/shared/filters";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Member, Person } from "./types";

/** Saying that a member is a colleague: she signs in with that person's rights, so it is asked again. */
function useBind(account: string) {
  const { t } = useTranslation("directory");
  const told = useTold();
  const { modal } = App.useApp();
  const bind = useMutation({
    mutationFn: ({ member, user }: { member: string; user: string | null }) => api.put(`/directories/${account}/members/${encodeURIComponent(member)}`, { user_id: user }),
    onSuccess: () => (void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/directories") }), told.done(t("shared:state.saved"))),
    onError: told.failed,
  });
  return (row: Member, user: string | null, name: string) =>
    modal.confirm({ title: t(user ? "bindTitle" : "unbindTitle", { member: row.name, name }), content: t(user ? "bindHint" : "unbindHint"), okText: t("confirmIt"), cancelText: t("shared:action.cancel"), onOk: () => bind.mutateAsync({ member: row.member, user }) });
}

/** Who works there, and who they are here. */
export function Members({ account, may }: { account: string; may: boolean }) {
  const { t } = useTranslation("directory");
  const filters = useUrlFilters(["q"]);
  const rows = usePages<Member>(`/directories/${account}/members`, { q: filters.values.q });
  const users = useQuery({ queryKey: ["/users", "all"], enabled: may, queryFn: ({ signal }) => api.get<Page<Person>>("/users", { limit: 200 }, signal) });
  const bind = useBind(account);
  const options = useMemo(() => (users.data?.items ?? []).filter((one) => one.active).map((one) => ({ value: one.id, label: t("named", { name: one.name, what: one.login }) })), [users.data, t]);
  const columns = useMemo<Column<Member>[]>(
    () => [
      { key: "name", title: t("member"), width: 180, render: (row) => row.name },
      { key: "id", title: t("memberId"), width: 150, render: (row) => <code>{row.member}</code> },
      { key: "position", title: t("position"), width: 140, render: (row) => row.position || "—" },
      { key: "state", title: t("state"), width: 110, render: (row) => <Tag color={row.state === "active" ? "success" : "default"}>{t(`memberState.${row.state}`)}</Tag> },
      {
        key: "user",
        title: t("isHere"),
        render: (row) => (
          <Select allowClear disabled={!may} style={{ width: "100%" }} aria-label={t("isHereOf", { name: row.name })} placeholder={t("nobodyHere")} showSearch={{ optionFilterProp: "label" }} value={row.user_id} options={row.user_id && !options.some((one) => one.value === row.user_id) ? [...options, { value: row.user_id, label: row.user_name ?? "" }] : options} onChange={(user?: string) => bind(row, user ?? null, options.find((one) => one.value === user)?.label ?? row.user_name ?? "")} />
        ),
      },
      { key: "likely", title: t("likely"), width: 190, render: (row) => (row.likely_id && may ? <Button type="link" size="small" onClick={() => bind(row, row.likely_id, row.likely_name ?? "")}>{t(`likelyBy.${row.likely_by ?? "name"}`, { name: row.likely_name })}</Button> : null) },
    ],
    [t, may, options, bind],
  );
  return (
    <>
      <div style={{ marginBottom: 8 }}>
        <FilterBar fields={[]} values={filters.values} onChange={filters.set} onClear={filters.clear} searchLabel={t("searchMembers")} />
      </div>
      <DataTable label={t("tab.members")} rows={rows} columns={columns} rowKey={(row) => row.member} empty={<EmptyState drawing="search" title={t("noMembers")} />} />
    </>
  );
}
