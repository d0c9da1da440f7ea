import { DeleteOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Drawer, Input, Segmented, Select, Switch } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { MachineTimeHint, Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, NoMatch, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { Accounts } from "./Accounts";
import { AddWords } from "./AddWords";
import { Hits } from "./Hits";
import { TryText } from "./TryText";
import { LEVELS, type Level, type Word } from "./types";

type Shown = "words" | "hits" | "wecom";

function refresh(): void {
  void queryClient.invalidateQueries({ queryKey: ["/guarded-words"] });
}

function useWordColumns(): Column<Word>[] {
  const { t } = useTranslation("words");
  const may = useCan()("message.write");
  const told = useTold();
  const { modal } = App.useApp();
  const change = useMutation({ mutationFn: ({ id, ...given }: { id: string; level?: Level; homophones?: boolean }) => api.patch(`/guarded-words/${id}`, given), onSuccess: refresh, onError: told.failed });
  const remove = useMutation({ mutationFn: (id: string) => api.delete(`/guarded-words/${id}`), onSuccess: refresh, onError: told.failed });
  return useMemo(
    () => [
      { key: "word", title: t("word"), render: (row) => row.word },
      {
        key: "level",
        title: t("level.label"),
        width: 180,
        render: (row) => <Select size="small" disabled={!may} style={{ width: 150 }} aria-label={t("levelOf", { word: row.word })} value={row.level} onChange={(level) => change.mutate({ id: row.id, level })} options={LEVELS.map((level) => ({ value: level, label: t(`level.${level}`) }))} />,
      },
      { key: "pinyin", title: t("pinyin"), width: 120, render: (row) => (row.pinyin ? t("yes") : "—") },
      { key: "homophones", title: t("homophones"), width: 130, render: (row) => (row.level === "allow" ? "—" : <Switch size="small" disabled={!may} aria-label={t("homophonesOf", { word: row.word })} checked={row.homophones} onChange={(homophones) => change.mutate({ id: row.id, homophones })} />) },
      { key: "hits", title: t("hits30"), width: 120, align: "right", render: (row) => <Num value={row.hits} /> },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 64,
        align: "right",
        render: (row) =>
          may ? (
            <Button
              type="text"
              size="small"
              icon={<DeleteOutlined />}
              aria-label={`${t("shared:action.delete")} ${row.word}`}
              onClick={() => modal.confirm({ title: t("deleteTitle", { word: row.word }), okText: t("shared:action.delete"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => remove.mutateAsync(row.id) })}
            />
          ) : null,
      },
    ],
    [t, may, modal, change, remove],
  );
}

/** What messages and welcomes must not say, and where it was found. */
export function WordsPage() {
  const { t } = useTranslation("words");
  const can = useCan();
  const [shown, setShown] = useState<Shown>("words");
  const [q, setQ] = useState("");
  const [open, setOpen] = useState<"add" | "try" | null>(null);
  const rows = usePages<Word>("/guarded-words", { q: q.trim() || undefined });
  const columns = useWordColumns();
  const add = can("message.write") ? (
    <Button type="primary" onClick={() => setOpen("add")}>
      {t("add")}
    </Button>
  ) : null;
  const none = q.trim() ? <NoMatch onClear={() => setQ("")} /> : <EmptyState title={t("emptyTitle")} hint={t("emptyHint")} action={add} />;
  return (
    <ListPage
      title={t("title")}
      lead={<>{t("lead")}<MachineTimeHint /></>}
      actions={
        <>
          <Button onClick={() => setOpen("try")}>{t("try.open")}</Button>
          {rows.items.length > 0 ? add : null}
        </>
      }
      filters={
        <>
          <Segmented aria-label={t("which")} value={shown} onChange={setShown} options={[{ value: "words" as Shown, label: t("list") }, { value: "hits" as Shown, label: t("found") }, ...(can("contact.read") ? [{ value: "wecom" as Shown, label: t("there.title") }] : [])]} />
          {shown === "words" ? <Input.Search allowClear aria-label={t("search")} placeholder={t("search")} style={{ width: 200 }} value={q} onChange={(event) => setQ(event.target.value)} /> : null}
        </>
      }
    >
      {shown === "hits" ? (
        <Hits />
      ) : shown === "wecom" ? (
        <Accounts />
      ) : (
        <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={none} />
      )}
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={560} title={open === "try" ? t("try.title") : t("add")} destroyOnHidden>
        {open === "try" ? <TryText /> : <AddWords onDone={() => (setOpen(null), refresh())} />}
      </Drawer>
    </ListPage>
  );
}
