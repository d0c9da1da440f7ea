import { useMutation } from "@tanstack/react-query";
import { Button, Popconfirm, Space, Table } from "antd";
import { Link } from "react-router";
import { api, usePages } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { refresh } from "./merging";
import type { Command, StuckLine } from "./types";

/** Merges that cannot go on: their people stand still, and what happens to them waits, until somebody tries again or takes it back. */
export function StuckMerges() {
  const { t } = useTranslation("customers");
  const told = useTold();
  const rows = usePages<StuckLine>("/merges/stuck");
  const act = useMutation({
    mutationFn: (path: string) => api.post<Command>(path),
    onSuccess: ({ status }) => {
      refresh();
      if (status === "failed") told.failed(new Error(t("merge.stuckAgain")));
      else told.done(status === "done" ? t("merge.stuckDone") : t("merge.stuckLater"));
    },
    onError: told.failed,
  });
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={4} />;
  if (rows.items.length === 0) return <EmptyState drawing="done" title={t("merge.stuckNone")} hint={t("merge.stuckNoneHint")} />;
  const name = (one: StuckLine["survivor"]) => <Link to={`/customers/${one.id}`}>{one.name ?? t("unnamed")}</Link>;
  return (
    <>
      <p className="t-faint">{t("merge.stuckLead")}</p>
      <Table<StuckLine>
        rowKey="id"
        dataSource={rows.items}
        pagination={false}
        scroll={{ x: true }}
        columns={[
          { key: "survivor", title: t("merge.survivor"), render: (_, row) => name(row.survivor) },
          { key: "loser", title: t("merge.loser"), render: (_, row) => name(row.loser) },
          { key: "at", title: t("merge.stuckSince"), width: 150, render: (_, row) => <Time value={row.at} /> },
          { key: "waiting", title: t("merge.stuckWaiting"), align: "right", render: (_, row) => formatNumber(row.waiting) },
          { key: "why", title: t("merge.stuckWhy"), render: (_, row) => row.why },
          {
            key: "act",
            title: <span className="t-hidden">{t("shared:action.actions")}</span>,
            align: "right",
            render: (_, row) => (
              <Space>
                <Button size="small" loading={act.isPending} onClick={() => act.mutate(`/merges/stuck/${row.id}/retry`)}>
                  {t("merge.stuckRetry")}
                </Button>
                {row.verb === "merge" && row.merge_id ? (
                  <Popconfirm title={t("merge.undoTitle")} description={t("merge.undoHint")} okText={t("merge.undo")} cancelText={t("shared:action.cancel")} onConfirm={() => act.mutate(`/merges/${row.merge_id}/undo`)}>
                    <Button size="small">{t("merge.undo")}</Button>
                  </Popconfirm>
                ) : null}
              </Space>
            ),
          },
        ]}
      />
      {rows.hasNextPage ? (
        <Button block onClick={() => void rows.fetchNextPage()}>
          {t("merge.stuckMore")}
        </Button>
      ) : null}
    </>
  );
}
