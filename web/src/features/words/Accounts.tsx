import { useMutation } from "@tanstack/react-query";
import { Select, Switch, Tag, Tooltip, Typography } from "antd";
import { useMemo } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { HELD, SEMANTICS, listOf, type InterceptAccount } from "./types";

type Change = Pick<InterceptAccount, "id" | "enabled"> & Partial<Pick<InterceptAccount, "levels" | "semantics">>;

function State({ row }: { row: InterceptAccount }) {
  const { t } = useTranslation("words");
  if (row.problem) {
    return (
      <Tooltip title={row.problem}>
        <Tag color="error" tabIndex={0} aria-label={t("there.refusedWith", { problem: row.problem })}>
          {t("there.refused")}
        </Tag>
      </Tooltip>
    );
  }
  if (!row.enabled) return <Tag>{t(row.rules > 0 ? "there.leaving" : "there.off")}</Tag>;
  if (row.rules === 0) return <Tag color="warning">{t(row.read_at ? "there.empty" : "there.waiting")}</Tag>;
  return <Tag color="success">{t("there.on")}</Tag>;
}

/** The same words as rules at WeCom, where advisers type: per account, which words, and what beside words. */
export function Accounts() {
  const { t } = useTranslation("words");
  const may = useCan()("contact.write");
  const told = useTold();
  const rows = usePages<InterceptAccount>("/intercept-accounts");
  const change = useMutation({
    mutationFn: ({ id, ...given }: Change) => api.put<InterceptAccount>(`/intercept-accounts/${id}`, given),
    onSuccess: () => (void queryClient.invalidateQueries({ queryKey: ["/intercept-accounts"] }), told.done(t("shared:state.saved"))),
    onError: told.failed,
  });
  const columns = useMemo<Column<InterceptAccount>[]>(
    () => [
      { key: "name", title: t("there.account"), render: (row) => row.name },
      { key: "on", title: t("there.switch"), width: 70, render: (row) => <Switch size="small" disabled={!may} aria-label={t("there.switchOf", { name: row.name })} checked={row.enabled} onChange={(enabled) => change.mutate({ id: row.id, enabled })} /> },
      {
        key: "list",
        title: t("there.list"),
        width: 150,
        render: (row) => (
          <Select size="small" style={{ width: "100%" }} disabled={!may} aria-label={t("there.listOf", { name: row.name })} value={listOf(row.levels)} onChange={(list) => change.mutate({ id: row.id, enabled: row.enabled, levels: [...HELD[list]] })} options={(["both", "block", "warn"] as const).map((value) => ({ value, label: t(`there.${value}`) }))} />
        ),
      },
      {
        key: "semantics",
        title: t("there.semantics"),
        width: 200,
        render: (row) => (
          <Select mode="multiple" size="small" style={{ width: "100%" }} maxTagCount="responsive" disabled={!may} aria-label={t("there.semanticsOf", { name: row.name })} placeholder={t("there.none")} value={row.semantics} onChange={(semantics) => change.mutate({ id: row.id, enabled: row.enabled, semantics })} options={SEMANTICS.map((value) => ({ value, label: t(`there.${value}`) }))} />
        ),
      },
      { key: "words", title: t("there.words"), width: 90, align: "right", render: (row) => <Num value={row.words} /> },
      { key: "skipped", title: t("there.skipped"), width: 80, align: "right", render: (row) => <Num value={row.skipped} /> },
      { key: "state", title: t("there.state"), width: 150, render: (row) => <State row={row} /> },
      { key: "read", title: t("there.read"), width: 160, render: (row) => (row.read_at ? <Time value={row.read_at} /> : "—") },
    ],
    [t, may, change],
  );
  return (
    <>
      <Typography.Paragraph type="secondary" style={{ margin: 0, padding: "12px 20px" }}>{t("there.lead")}</Typography.Paragraph>
      <DataTable label={t("there.title")} rows={rows} columns={columns} rowKey={(row) => row.id} minWidth={1040} empty={<EmptyState title={t("there.emptyTitle")} hint={t("there.emptyHint")} />} />
    </>
  );
}
