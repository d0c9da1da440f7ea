import { useMutation } from "@tanstack/react-query";
import { App, Button, Drawer, Space, Tag } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useMe } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { RuleForm } from "./RuleForm";
import type { Rule } from "./types";

function useDeciding() {
  const { t } = useTranslation("directory");
  const told = useTold();
  const settled = () => (void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/directories") }), told.done(t("shared:state.saved")));
  const decide = useMutation({ mutationFn: ({ id, agree }: { id: string; agree: boolean }) => api.post(`/directory-rules/${id}/decide`, { agree }), onSuccess: settled, onError: told.failed });
  const remove = useMutation({ mutationFn: (id: string) => api.delete(`/directory-rules/${id}`), onSuccess: settled, onError: told.failed });
  return { decide, remove };
}

function Who({ row }: { row: Rule }) {
  const { t } = useTranslation("directory");
  const parts = [row.department ? t("inDepartment", { name: row.department_name ?? row.department }) : t("everybody"), row.position ? t("withPosition", { name: row.position }) : "", row.leaders_only ? t("leaders") : ""];
  return <>{parts.filter(Boolean).join(" · ")}</>;
}

/** Who holds which role by the directory; strong ones want a second person. */
export function Rules({ account, may }: { account: string; may: boolean }) {
  const { t } = useTranslation("directory");
  const say = useSay();
  const me = useMe();
  const { modal } = App.useApp();
  const [open, setOpen] = useState(false);
  const rows = usePages<Rule>(`/directories/${account}/rules`, {}, 500);
  const { decide, remove } = useDeciding();
  const columns = useMemo<Column<Rule>[]>(
    () => [
      { key: "who", title: t("whoHolds"), render: (row) => <Who row={row} /> },
      { key: "role", title: t("role"), width: 190, render: (row) => <><Tag>{say(row.role_name)}</Tag>{row.strong ? <Tag color="warning">{t("strong")}</Tag> : null}</> },
      { key: "scope", title: t("scope"), width: 165, render: (row) => t(`ruleScope.${row.scope}`) },
      { key: "state", title: t("state"), width: 170, render: (row) => <Tag color={row.gives ? "success" : "warning"}>{row.why ? t(`void.${row.why}`) : t("inForce")}</Tag> },
      { key: "by", title: t("madeBy"), width: 120, render: (row) => (row.decided_by_name ? `${row.made_by_name}, ${row.decided_by_name}` : row.made_by_name) },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 180,
        align: "right",
        render: (row) =>
          may ? (
            <Space size={4}>
              {(row.why === "waiting" || row.why === "unseconded") && row.made_by !== me.user.id ? (
                <>
                  <Button size="small" onClick={() => decide.mutate({ id: row.id, agree: true })}>{t("agree")}</Button>
                  <Button size="small" onClick={() => decide.mutate({ id: row.id, agree: false })}>{t("disagree")}</Button>
                </>
              ) : null}
              <Button size="small" type="text" onClick={() => modal.confirm({ title: t("removeRule"), content: t("removeRuleHint"), okText: t("shared:action.remove"), cancelText: t("shared:action.cancel"), onOk: () => remove.mutateAsync(row.id) })}>{t("shared:action.remove")}</Button>
            </Space>
          ) : null,
      },
    ],
    [t, say, may, me, decide, remove, modal],
  );
  return (
    <>
      <p className="t-quiet" style={{ marginBottom: 12 }}>{t("rulesHint")}</p>
      {may ? <Button style={{ marginBottom: 8 }} onClick={() => setOpen(true)}>{t("addRule")}</Button> : null}
      <DataTable label={t("tab.rules")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title={t("noRules")} hint={t("noRulesHint")} />} />
      <Drawer open={open} onClose={() => setOpen(false)} size={520} title={t("addRule")} destroyOnHidden>
        <RuleForm account={account} onDone={() => setOpen(false)} />
      </Drawer>
    </>
  );
}
