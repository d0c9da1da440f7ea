import { Tooltip } from "antd";
import { useSay, useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import type { Choice, ImportDetail, ImportPreview } from "./types";
import styles from "./Imports.module.css";

function Cell({ before, after }: { before: string; after: string }) {
  if (before === after) return <td>{before}</td>;
  return (
    <td className={styles.cleaned}>
      <del>{before}</del> <ins>{after}</ins>
    </td>
  );
}

/** The file's first rows: each cell as it is and, where cleaning changes it, as it will be. */
export function Sample({ one, choice, seen }: { one: ImportDetail; choice: Choice; seen: ImportPreview }) {
  const { t } = useTranslation("imports");
  const say = useSay();
  const fields = new Map(Object.entries(choice.mapping).map(([field, column]) => [column, field]));
  const labels = new Map(one.fields.map((field) => [field.name, say(field.label)]));
  const width = Math.max(one.header.length, ...seen.sample.map((row) => row.cleaned.length));
  const columns = Array.from({ length: width }, (_, at) => at);
  const told = one.format === "xlsx" ? "Excel" : t("sample.encoding", { encoding: one.encoding.toUpperCase() });
  return (
    <Section title={t("sample.title")} extra={<span className="t-faint">{t("sample.hint", { rows: one.rows_total, told })}</span>} flush>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable without a mouse */}
      <div className={styles.sample} tabIndex={0} role="region" aria-label={t("sample.title")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("sample.row")}</th>
              {columns.map((at) => (
                <th key={at} scope="col" className={fields.has(at) || at >= one.header.length ? styles.used : undefined}>
                  {one.header[at] ?? t("sample.added")}
                  <span className={styles.becomes}>{labels.get(fields.get(at) ?? "") ?? (at < one.header.length ? t("mapping.none") : "")}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {seen.sample.map((row) => (
              <tr key={row.row} className={row.problem ? styles.refusedRow : undefined}>
                <td className="t-num t-faint">
                  {row.problem ? (
                    <Tooltip title={say(row.problem)}>
                      <span className={styles.bad}>{row.row} ✕</span>
                    </Tooltip>
                  ) : row.note ? (
                    <Tooltip title={say(row.note)}>
                      <span className={styles.bad}>{row.row} !</span>
                    </Tooltip>
                  ) : (
                    row.row
                  )}
                </td>
                {columns.map((at) => (
                  <Cell key={at} before={row.cells[at] ?? ""} after={row.cleaned[at] ?? ""} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
