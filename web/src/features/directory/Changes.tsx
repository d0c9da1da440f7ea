import { useMutation } from "@tanstack/react-query";
import { App, Button, Space, Tag } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { Roles } from "./Roles";
import type { Change } from "./types";

const COLOURS: Record<Change["what"], string> = { join: "success", move: "processing", leave: "error", return: "warning" };
const WHYS = ["likely", "no_role", "strong", "too_many", "bound"];

function useDeciding() {
  const { t } = useTranslation("directory");
  const say = useSay();
  const told = useTold();
  const { message } = App.useApp();
  const settled = () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/directories") });
  const act = useMutation({
    mutationFn: (changes: string[]) => api.post<Schemas["ChangesDone"]>("/directory-changes/do", { changes }),
    onSuccess: (found) => {
      settled();
      told.done(t("doneN", { n: found.done }));
      const [first] = found.problems;
      if (first) void message.warning(t("notDone", { n: found.problems.length, why: say(first.message) }));
    },
    onError: told.failed,
  });
  const refuse = useMutation({ mutationFn: (id: string) => api.post(`/directory-changes/${id}/refuse`), onSuccess: () => (settled(), told.done(t("refused"))), onError: told.failed });
  return { act, refuse };
}

function Why({ row }: { row: Change }) {
  const { t } = useTranslation("directory");
  if (!WHYS.includes(row.why)) return null;
  return <span className="t-quiet"> {t(`why.${row.why}`)}</span>;
}

/** What a reading means here, as a list to be gone through before anything happens; or what happened. */
export function Changes({ account, may, past = false }: { account: string; may: boolean; past?: boolean }) {
  const { t } = useTranslation("directory");
  const { modal } = App.useApp();
  const [picked, setPicked] = useState<Set<string>>(new Set());
  const rows = usePages<Change>(`/directories/${account}/changes`, { waiting: past ? "false" : "true" });
  const { act, refuse } = useDeciding();
  const columns = useMemo<Column<Change>[]>(() => {
    const shared: Column<Change>[] = [
      { key: "who", title: t("member"), width: 150, render: (row) => <>{row.name} <span className="t-quiet">{row.name === row.member ? "" : row.member}</span></> },
      { key: "what", title: t("what"), width: past ? 150 : 210, render: (row) => <><Tag color={COLOURS[row.what]}>{t(`change.${row.what}`)}</Tag>{past ? null : <Why row={row} />}</> },
      { key: "roles", title: t("roles"), render: (row) => <Roles before={row.before} after={row.after} /> },
    ];
    if (past) {
      return [
        ...shared,
        { key: "by", title: t("by"), width: 120, render: (row) => (row.state === "refused" ? t("refusedBy", { name: row.decided_by_name ?? "—" }) : (row.decided_by_name ?? t("byRule"))) },
        { key: "at", title: t("at"), width: 150, render: (row) => <Time value={row.done_at} clock="machine" /> },
      ];
    }
    return [
      ...shared,
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 190,
        align: "right",
        render: (row) =>
          may ? (
            <Space size={4}>
              {row.what === "leave" ? null : <Button size="small" type="text" onClick={() => refuse.mutate(row.id)}>{t("leaveAsIs")}</Button>}
              <Button size="small" danger={row.what === "leave"} onClick={() => act.mutate([row.id])}>{t(`act.${row.what}`)}</Button>
            </Space>
          ) : null,
      },
    ];
  }, [t, past, may, act, refuse]);
  const ask = () => modal.confirm({ title: t("doAllTitle", { n: picked.size }), content: t("doAllHint"), okText: t("doAll"), cancelText: t("shared:action.cancel"), onOk: () => act.mutateAsync([...picked]).then(() => setPicked(new Set())) });
  return (
    <>
      {may && picked.size > 0 ? <Button type="primary" style={{ marginBottom: 8 }} onClick={ask}>{t("doPicked", { n: picked.size })}</Button> : null}
      <DataTable
        label={t(past ? "tab.history" : "waitingChanges")}
        rows={rows}
        columns={columns}
        rowKey={(row) => row.id}
        {...(may ? { picking: { picked, onPick: setPicked, name: (row: Change) => row.name } } : {})}
        empty={<EmptyState drawing="done" title={t(past ? "noHistory" : "nothingWaits")} hint={t(past ? "noHistoryHint" : "nothingWaitsHint")} />}
      />
    </>
  );
}
