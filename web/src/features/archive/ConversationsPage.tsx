import { SearchOutlined } from "@ant-design/icons";
import { Button, Drawer, Segmented, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { Settings } from "./Settings";
import type { Talk } from "./types";

const WHICH = ["all", "waiting", "late", "hits"] as const;

function useColumns(): Column<Talk>[] {
  const { t } = useTranslation("archive");
  return [
    {
      key: "customer",
      title: t("talk.customer"),
      render: (row) => (
        <Link to={`/chats/${row.id}`} tabIndex={-1}>
          {row.customer ?? t("talk.nameless")}
        </Link>
      ),
    },
    { key: "adviser", title: t("talk.adviser"), width: 160, render: (row) => row.adviser },
    { key: "messages", title: t("talk.messages"), width: 110, align: "right", render: (row) => <Num value={row.messages} /> },
    { key: "hits", title: t("talk.hits"), width: 130, align: "right", render: (row) => (row.hits > 0 ? <Tag color="orange">{row.hits}</Tag> : "—") },
    {
      key: "waiting",
      title: t("talk.waiting"),
      width: 230,
      render: (row) =>
        row.waiting_since ? (
          <>
            <Time value={row.waiting_since} /> {row.alarmed_at ? <Tag color="red">{t("talk.late")}</Tag> : null}
          </>
        ) : (
          "—"
        ),
    },
    { key: "last", title: t("talk.last"), width: 170, render: (row) => <Time value={row.last_at} /> },
  ];
}

/** Chats of advisers with customers who agreed that they are kept. */
export function ConversationsPage() {
  const { t } = useTranslation("archive");
  const can = useCan();
  const [which, setWhich] = useState<(typeof WHICH)[number]>("all");
  const [open, setOpen] = useState(false);
  const rows = usePages<Talk>("/archive/talks", { which });
  const columns = useColumns();
  return (
    <ListPage
      title={t("talk.title")}
      lead={t("talk.lead")}
      actions={
        <>
          {can("archive.write") ? <Button onClick={() => setOpen(true)}>{t("settings.title")}</Button> : null}
          <Link to="/chats/search">
            <Button type="primary" icon={<SearchOutlined />} tabIndex={-1}>
              {t("search.title")}
            </Button>
          </Link>
        </>
      }
      filters={<Segmented aria-label={t("talk.which")} value={which} onChange={setWhich} options={WHICH.map((value) => ({ value, label: t(`talk.only.${value}`) }))} />}
    >
      <DataTable label={t("talk.title")} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/chats/${row.id}`} empty={<EmptyState title={t("talk.none")} hint={t("talk.noneHint")} />} />
      <Drawer open={open} onClose={() => setOpen(false)} size={640} title={t("settings.title")} destroyOnHidden>
        <Settings onDone={() => setOpen(false)} />
      </Drawer>
    </ListPage>
  );
}
