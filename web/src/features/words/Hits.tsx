import { Tag } from "antd";
import { useMemo } from "react";
import { usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { COLOURS, type Hit } from "./types";

/** Messages and welcomes that said such a word, newest first. */
export function Hits() {
  const { t } = useTranslation("words");
  const rows = usePages<Hit>("/word-hits");
  const columns = useMemo<Column<Hit>[]>(
    () => [
      { key: "at", title: t("hit.at"), width: 170, render: (row) => <Time value={row.at} clock="machine" /> },
      { key: "name", title: t("hit.name"), render: (row) => `${t(`hit.${row.place}`)} · ${row.name}` },
      { key: "word", title: t("word"), width: 200, render: (row) => row.word },
      { key: "found", title: t("hit.found"), width: 200, render: (row) => row.found },
      { key: "level", title: t("hit.outcome"), width: 130, render: (row) => <Tag color={COLOURS[row.level]}>{t(`hit.${row.level}`)}</Tag> },
    ],
    [t],
  );
  return <DataTable label={t("found")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title={t("hit.emptyTitle")} hint={t("hit.emptyHint")} />} />;
}
