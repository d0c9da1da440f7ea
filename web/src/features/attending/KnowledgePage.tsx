import { useMutation } from "@tanstack/react-query";
import { Button, Drawer, Input, Select, Tag, Tooltip } from "antd";
import { useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, NoMatch, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { ArticleForm } from "./ArticleForm";
import { TryQuestion } from "./TryQuestion";
import type { Article } from "./types";

const COLOURS = { draft: "gold", approved: "green", archived: "default" } as const;
const STATES = ["draft", "approved", "archived"] as const;

export const refresh = () => void queryClient.invalidateQueries({ queryKey: ["/knowledge-articles"] });

function useColumns(): Column<Article>[] {
  const { t } = useTranslation("attending");
  const can = useCan();
  const told = useTold();
  const approve = useMutation({ mutationFn: (row: Article) => api.post(`/knowledge-articles/${row.id}/ruling`, { status: "approved", seen: row.updated_at }), onSuccess: refresh, onError: told.failed });
  const archive = useMutation({ mutationFn: (row: Article) => api.delete(`/knowledge-articles/${row.id}`), onSuccess: refresh, onError: told.failed });
  return [
    { key: "title", title: t("article.title"), width: 220, render: (row) => row.title },
    { key: "answer", title: t("article.answer"), render: (row) => row.answer },
    { key: "category", title: t("article.category"), width: 120, render: (row) => row.category || "—" },
    { key: "status", title: t("article.status"), width: 110, render: (row) => <Tag color={COLOURS[row.status]}>{t(`status.${row.status}`)}</Tag> },
    { key: "expires", title: t("article.expires"), width: 120, render: (row) => row.expires_on ?? "—" },
    { key: "used", title: t("article.used"), width: 100, align: "right", render: (row) => <Num value={row.used} /> },
    {
      key: "do",
      title: <span className="t-hidden">{t("shared:action.actions")}</span>,
      width: 150,
      align: "right",
      render: (row) => (
        <>
          {row.status === "approved" || !can("material.approve") ? null : (
            <Tooltip title={row.own ? t("article.ownWork") : null}>
              <Button type="link" size="small" disabled={row.own} onClick={() => approve.mutate(row)}>
                {t("article.approve")}
              </Button>
            </Tooltip>
          )}
          {row.status === "archived" || !can("material.write") ? null : (
            <Button type="text" size="small" onClick={() => archive.mutate(row)}>
              {t("article.archive")}
            </Button>
          )}
        </>
      ),
    },
  ];
}

/** What desks answer by themselves. */
export function KnowledgePage() {
  const { t } = useTranslation("attending");
  const may = useCan()("material.write");
  const [q, setQ] = useState("");
  const [status, setStatus] = useState<Article["status"] | undefined>();
  const [open, setOpen] = useState<Article | "new" | "try" | null>(null);
  const rows = usePages<Article>("/knowledge-articles", { q: q.trim() || undefined, status });
  const columns = useColumns();
  const add = may ? (
    <Button type="primary" onClick={() => setOpen("new")}>
      {t("article.add")}
    </Button>
  ) : null;
  const clear = () => (setQ(""), setStatus(undefined));
  return (
    <ListPage
      title={t("knowledge.title")}
      lead={t("knowledge.lead")}
      actions={
        <>
          <Button onClick={() => setOpen("try")}>{t("try.open")}</Button>
          {add}
        </>
      }
      filters={
        <>
          <Input.Search allowClear aria-label={t("article.search")} placeholder={t("article.search")} style={{ width: 280 }} value={q} onChange={(event) => setQ(event.target.value)} />
          <Select allowClear aria-label={t("article.status")} placeholder={t("article.status")} style={{ width: 140 }} value={status} onChange={setStatus} options={STATES.map((value) => ({ value, label: t(`status.${value}`) }))} />
        </>
      }
    >
      <DataTable label={t("knowledge.title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={may ? setOpen : undefined} empty={q || status ? <NoMatch onClear={clear} /> : <EmptyState title={t("knowledge.none")} hint={t("knowledge.noneHint")} action={add} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={600} title={open === "try" ? t("try.open") : open === "new" ? t("article.add") : t("article.change")} destroyOnHidden>
        {open === "try" ? <TryQuestion /> : open ? <ArticleForm row={open === "new" ? null : open} onDone={() => (setOpen(null), refresh())} /> : null}
      </Drawer>
    </ListPage>
  );
}
