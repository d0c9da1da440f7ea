import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Card, Form, Select, Typography } from "antd";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Account, Adviser, Binding } from "./types";

function Setting({ account }: { account: Account }) {
  const { t } = useTranslation("desk");
  const told = useTold();
  const may = useCan()("contact.write");
  const path = `/sidebar-settings/${account.id}`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get<Schemas["SidebarSettingOut"]>(path, undefined, signal) });
  const save = useMutation({ mutationFn: (trusted_hosts: string[]) => api.put(path, { trusted_hosts }), onSuccess: () => queryClient.invalidateQueries({ queryKey: [path] }), onError: told.failed });
  return (
    <Card size="small" title={account.name} style={{ margin: "16px 20px", maxWidth: 720 }}>
      <Form layout="vertical" disabled={!may}>
        <Form.Item label={t("advisers.hosts")} extra={t("advisers.hostsHint")}>
          <Select aria-label={t("advisers.hosts")} mode="tags" open={false} suffix={null} value={query.data?.trusted_hosts ?? []} loading={save.isPending} onChange={(hosts: string[]) => save.mutate(hosts.map((one) => one.trim().toLowerCase()))} />
        </Form.Item>
      </Form>
      <p>
        {t("advisers.page")}
        {query.data?.page ? <Typography.Text copyable>{query.data.page}</Typography.Text> : <span className="t-faint">{t("advisers.noPage")}</span>}
      </p>
      <p className="t-faint" style={{ margin: 0 }}>
        {t("advisers.pageHint")}
      </p>
    </Card>
  );
}

function useColumns(): Column<Adviser>[] {
  const { t } = useTranslation("desk");
  const told = useTold();
  const may = useCan()("user.write");
  const bindings = usePages<Binding>("/sidebar-bindings", {}, 1000);
  const users = usePages<{ id: string; name: string }>("/users", {}, 200, may);
  const bind = useMutation({
    mutationFn: ({ row, user }: { row: Adviser; user: string | undefined }) => (user ? api.put(`/sidebar-bindings/${row.account_id}/${encodeURIComponent(row.member)}`, { user_id: user }) : api.delete(`/sidebar-bindings/${row.account_id}/${encodeURIComponent(row.member)}`)),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["/sidebar-bindings"] }),
    onError: told.failed,
  });
  const known = (row: Adviser) => bindings.items.find((one) => one.account_id === row.account_id && one.member === row.member);
  return [
    { key: "name", title: t("advisers.adviser"), width: 240, render: (row) => row.name },
    {
      key: "user",
      title: t("advisers.user"),
      render: (row) =>
        may ? <Select aria-label={`${t("advisers.bind")} ${row.name}`} style={{ width: 260 }} allowClear showSearch={{ optionFilterProp: "label" }} placeholder={t("advisers.bind")} value={known(row)?.user_id ?? null} options={users.items.map((one) => ({ value: one.id, label: one.name }))} onChange={(user: string | undefined) => bind.mutate({ row, user })} /> : (known(row)?.user_name ?? "—"),
    },
  ];
}

/** Which colleague each adviser is, and where the sidebar may stand. */
export function AdvisersPage() {
  const { t } = useTranslation("desk");
  const rows = usePages<Adviser>("/advisers", {}, 1000);
  const accounts = usePages<Account>("/contact-accounts");
  return (
    <ListPage title={t("advisers.title")} lead={t("advisers.lead")} actions={<Button href="/sidebar" target="_blank">{t("advisers.tryIt")}</Button>}>
      {accounts.items.map((one) => (
        <Setting key={one.id} account={one} />
      ))}
      <DataTable label={t("advisers.title")} rows={rows} columns={useColumns()} rowKey={(row) => `${row.account_id}${row.member}`} empty={<EmptyState title={t("advisers.none")} hint={t("advisers.noneHint")} />} />
    </ListPage>
  );
}
