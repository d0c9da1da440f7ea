import { useMutation } from "@tanstack/react-query";
import { Button, Popconfirm, Table, Tag } from "antd";
import { Link } from "react-router";
import { api, usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { refresh } from "./merging";
import type { Command, MergeLine } from "./types";

/** Merges with their way back; of one customer where she is named. */
export function MergeHistory({ customerId }: { customerId?: string }) {
  const { t } = useTranslation("customers");
  const say = useSay();
  const told = useTold();
  const rows = usePages<MergeLine>("/merges", { customer_id: customerId });
  const undo = useMutation({
    mutationFn: (id: string) => api.post<Command>(`/merges/${id}/undo`),
    onSuccess: ({ status }) => {
      refresh();
      told.done(status === "done" ? t("merge.undone") : t("merge.later"));
    },
    onError: told.failed,
  });
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={6} />;
  if (rows.items.length === 0) return <EmptyState compact={customerId !== undefined} title={t("merge.historyNone")} />;
  return (
    <Table<MergeLine>
      rowKey="id"
      dataSource={rows.items}
      pagination={false}
      columns={[
        { key: "survivor", title: t("merge.survivor"), render: (_, row) => <Link to={`/customers/${row.survivor.id}`}>{row.survivor.name ?? t("unnamed")}</Link> },
        { key: "loser", title: t("merge.loser"), render: (_, row) => row.loser.name ?? t("unnamed") },
        { key: "rule", title: t("merge.rule"), render: (_, row) => [say(row.rule), row.choices.length > 0 ? t("merge.chosen", { fields: row.choices.map(say).join("、") }) : null].filter(Boolean).join(" · ") },
        { key: "by", title: t("merge.by"), render: (_, row) => row.by ?? t("merge.automatic") },
        { key: "at", title: t("merge.at"), render: (_, row) => <Time value={row.at} /> },
        {
          key: "undo",
          title: <span className="t-hidden">{t("shared:action.actions")}</span>,
          align: "right",
          render: (_, row) =>
            row.undone_at ? (
              <Tag>{[t("merge.undoneAt"), row.undone_by].filter(Boolean).join(" · ")}</Tag>
            ) : (
              <Popconfirm title={t("merge.undoTitle")} description={t("merge.undoHint")} okText={t("merge.undo")} cancelText={t("shared:action.cancel")} onConfirm={() => undo.mutate(row.id)}>
                <Button size="small" loading={undo.isPending && undo.variables === row.id}>
                  {t("merge.undo")}
                </Button>
              </Popconfirm>
            ),
        },
      ]}
    />
  );
}
