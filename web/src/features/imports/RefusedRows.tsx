import { Button, Drawer } from "antd";
import { useEffect, useMemo, useState } from "react";
import { apiUrl, queryClient, usePages } from "@/shared/api";
import { formatNumber } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { EmptyState } from "@/shared/states";
import { useCan } from "@/shared/session";
import { DataTable, type Column } from "@/shared/table";
import { UploadForm } from "./UploadForm";
import type { ImportDetail, RefusedRow } from "./types";
import styles from "./Imports.module.css";

function cellsOf(row: RefusedRow): string {
  return row.cells.filter((cell) => cell !== "").join(" · ");
}

function useColumns(why: string) {
  const { t } = useTranslation("imports");
  const say = useSay();
  return useMemo<Column<RefusedRow>[]>(
    () => [
      { key: "row", title: t("sample.row"), width: 80, align: "right", render: (row) => formatNumber(row.row) },
      { key: "why", title: why, width: 280, render: (row) => <span title={say(row.what)}>{say(row.what)}</span> },
      { key: "cells", title: t("refused.cells"), render: (row) => <span title={cellsOf(row)}>{cellsOf(row)}</span> },
    ],
    [t, say, why],
  );
}

/** A running import finds more such rows by the second: the list is read again when their number has changed. */
function useRows(one: ImportDetail, found: number, filters: Record<string, boolean> = {}) {
  const path = `/imports/${one.id}/refused`;
  useEffect(() => void queryClient.invalidateQueries({ queryKey: [path] }), [path, found]);
  return usePages<RefusedRow>(path, filters);
}

/** The rows that were not taken, why, and the way to bring them back mended. */
export function RefusedRows({ one }: { one: ImportDetail }) {
  const { t } = useTranslation("imports");
  const can = useCan();
  const rows = useRows(one, one.refused);
  const [mending, setMending] = useState(false);
  const columns = useColumns(t("refused.why"));
  const title = t("refused.title", { count: one.refused });
  const buttons = (
    <div className={styles.buttons}>
      <Button href={apiUrl(`/imports/${one.id}/refused.csv`)}>{t("result.download")}</Button>
      <Button type="primary" onClick={() => setMending(true)}>
        {t("refused.mend")}
      </Button>
    </div>
  );
  return (
    <Section title={title} extra={can("privacy.personal") ? buttons : null} flush>
      <div className={styles.refused}>
        <DataTable label={title} rows={rows} columns={columns} rowKey={(row) => String(row.row)} minWidth={560} empty={<EmptyState drawing="done" title={t("refused.none")} />} />
      </div>
      <Drawer open={mending} onClose={() => setMending(false)} size={520} title={t("refused.mend")} destroyOnHidden>
        <p className={styles.hint}>{t("refused.mendHint")}</p>
        <UploadForm mends={one} />
      </Drawer>
    </Section>
  );
}

/** The rows that went in without some of their cells, and which. */
export function LeftOutRows({ one }: { one: ImportDetail }) {
  const { t } = useTranslation("imports");
  const can = useCan();
  const rows = useRows(one, one.left_out, { taken: true });
  const columns = useColumns(t("refused.leftOutWhy"));
  const title = t("refused.leftOutTitle", { count: one.left_out });
  const download = <Button href={apiUrl(`/imports/${one.id}/refused.csv?taken=true`)}>{t("result.downloadLeftOut")}</Button>;
  return (
    <Section title={title} extra={can("privacy.personal") ? download : null} flush>
      <div className={styles.refused}>
        <DataTable label={title} rows={rows} columns={columns} rowKey={(row) => String(row.row)} minWidth={560} empty={<EmptyState drawing="done" title={t("refused.none")} />} />
      </div>
    </Section>
  );
}
