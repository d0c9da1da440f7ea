import { useQuery } from "@tanstack/react-query";
import { api } from "@/shared/api";
import { Num, Percent, Time, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import type { ImportSource } from "./types";
import styles from "./Imports.module.css";

/** How good the data of each source is. */
export function Sources() {
  const { t } = useTranslation("imports");
  const nameOf = useSourceName();
  const query = useQuery({ queryKey: ["/imports", "sources"], queryFn: ({ signal }) => api.get<ImportSource[]>("/imports/sources", undefined, signal) });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={5} />;
  if (query.data.length === 0) return <EmptyState drawing="start" title={t("sources.none")} />;
  return (
    <>
      <div className={styles.sample}>
        <table>
          <thead>
            <tr>
              {(["source", "sources.files", "sources.rows", "sources.refusedShare", "sources.score", "sources.last"] as const).map((key) => (
                <th key={key} scope="col">
                  {t(key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {query.data.map((one) => (
              <tr key={one.source}>
                <td>{nameOf(one.source)}</td>
                <td className="t-num">
                  <Num value={one.files} />
                </td>
                <td className="t-num">
                  <Num value={one.rows} />
                </td>
                <td className="t-num">
                  <Percent value={one.rows > 0 ? one.refused / one.rows : 0} />
                </td>
                <td className="t-num">{one.score === null ? "—" : <Num value={one.score} />}</td>
                <td>
                  <Time value={one.last_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.hint}>{t("sources.how")}</p>
    </>
  );
}
