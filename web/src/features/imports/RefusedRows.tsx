import { Button, Drawer } from "antd";
import { useMemo, useState } from "react";
import { apiUrl, usePages } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { UploadForm } from "./UploadForm";
import type { ImportDetail, RefusedRow } from "./types";
import styles from "./Imports.module.css";

/** The rows that were not taken, why, and the way to bring them back mended. */
export function RefusedRows({ one }: { one: ImportDetail }) {
  const { t } = useTranslation("imports");
  const say = useSay();
  const rows = usePages<RefusedRow>(`/imports/${one.id}/refused`);
  const [mending, setMending] = useState(false);
  const columns = useMemo<Column<RefusedRow>[]>(
    () => [
      { key: "row", title: t("sample.row"), width: 80, align: "right", render: (row) => row.row },
      { key: "why", title: t("refused.why"), width: 320, render: (row) => say(row.what) },
      { key: "cells", title: t("refused.cells"), render: (row) => row.cells.filter((cell) => cell !== "").join(" · ") },
    ],
    [t, say],
  );
  return (
    <Section
      title={t("refused.title", { count: one.refused })}
      extra={
        <div className={styles.buttons}>
          <Button href={apiUrl(`/imports/${one.id}/refused.csv`)}>{t("result.download")}</Button>
          <Button type="primary" onClick={() => setMending(true)}>
            {t("refused.mend")}
          </Button>
        </div>
      }
      flush
    >
      <div className={styles.refused}>
        <DataTable label={t("refused.title", { count: one.refused })} rows={rows} columns={columns} rowKey={(row) => String(row.row)} empty={<EmptyState drawing="done" title={t("refused.none")} />} />
      </div>
      <Drawer open={mending} onClose={() => setMending(false)} size={520} title={t("refused.mend")} destroyOnHidden>
        <p className={styles.hint}>{t("refused.mendHint")}</p>
        <UploadForm mends={one} />
      </Drawer>
    </Section>
  );
}
