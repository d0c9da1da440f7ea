import { Button, Drawer, Tag } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { queryClient, usePages } from "@/shared/api";
import { Num, Time, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { ListPage } from "@/shared/pages";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { Sources } from "./Sources";
import { UploadForm } from "./UploadForm";
import { STATE_COLOURS, type ImportLine } from "./types";

const topics = ["imports"];

function useImportColumns(): Column<ImportLine>[] {
  const { t } = useTranslation("imports");
  const nameOf = useSourceName();
  return useMemo(
    () => [
      {
        key: "file",
        title: t("column.file"),
        render: (row) => (
          <Link to={`/imports/${row.id}`} tabIndex={-1}>
            {row.file_name}
          </Link>
        ),
      },
      { key: "kind", title: t("column.kind"), width: 100, render: (row) => t(`kind.${row.kind}`) },
      { key: "state", title: t("column.state"), width: 110, render: (row) => <Tag color={STATE_COLOURS[row.state]}>{t(`state.${row.state}`)}</Tag> },
      { key: "source", title: t("source"), width: 120, render: (row) => nameOf(row.source) },
      { key: "rows", title: t("column.rows"), width: 100, align: "right", render: (row) => <Num value={row.rows_total} /> },
      { key: "accepted", title: t("column.accepted"), width: 100, align: "right", render: (row) => <Num value={row.accepted + row.updates} /> },
      { key: "refused", title: t("column.refused"), width: 100, align: "right", render: (row) => <Num value={row.refused} /> },
      {
        key: "quality",
        title: t("column.quality"),
        width: 100,
        align: "right",
        render: (row) => (row.quality === null ? "—" : <Num value={row.quality} />),
      },
      { key: "created", title: t("column.created"), width: 160, render: (row) => <Time value={row.created_at} /> },
    ],
    [t, nameOf],
  );
}

export function ImportListPage() {
  const { t } = useTranslation("imports");
  const rows = usePages<ImportLine>("/imports");
  const columns = useImportColumns();
  const [uploading, setUploading] = useState(false);
  const [looking, setLooking] = useState(false);
  useLive(topics, () => void queryClient.invalidateQueries({ queryKey: ["/imports"] }));
  const upload = (
    <Button type="primary" onClick={() => setUploading(true)}>
      {t("upload")}
    </Button>
  );
  return (
    <ListPage title={t("title")} lead={t("lead")} actions={
        rows.items.length > 0 ? (
          <>
            <Button onClick={() => setLooking(true)}>{t("sources.title")}</Button>
            {upload}
          </>
        ) : null
      }
    >
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/imports/${row.id}`} empty={<EmptyState drawing="start" title={t("emptyTitle")} hint={t("emptyHint")} action={upload} />} />
      <Drawer open={uploading} onClose={() => setUploading(false)} size={520} title={t("upload")} destroyOnHidden>
        <UploadForm />
      </Drawer>
      <Drawer open={looking} onClose={() => setLooking(false)} size={640} title={t("sources.title")} destroyOnHidden>
        <Sources />
      </Drawer>
    </ListPage>
  );
}
