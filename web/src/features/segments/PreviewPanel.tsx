import { useQuery } from "@tanstack/react-query";
import { Spin } from "antd";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { api } from "@/shared/api";
import { CUSTOMER_SCOPE, unfinished, useChecked } from "@/shared/expression";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { ErrorState } from "@/shared/states";
import type { Preview } from "./types";
import styles from "./Segments.module.css";

const TYPING_PAUSE = 350;

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function Answer({ preview }: { preview: Preview }) {
  const { t } = useTranslation("segments");
  return (
    <>
      <p className={styles.count}>
        <span key={preview.count} className="t-num t-mark">
          <Num value={preview.count} />
        </span>
      </p>
      <p className="t-faint">
        {t("preview.took", { ms: Math.round(preview.took_ms) })}
      </p>
      {preview.count === 0 ? <p className={styles.none}>{t("preview.none")}</p> : null}
      {preview.samples.length > 0 ? (
        <>
          <h3 className={styles.samplesTitle}>{t("preview.samples")}</h3>
          <ul className="t-plain">
            {preview.samples.map((sample) => (
              <li key={sample.id} className={styles.sample}>
                <Link to={`/customers/${sample.id}`}>{sample.name ?? t("customers:unnamed", { defaultValue: "—" })}</Link>
                <span className="t-num t-faint">{sample.city}</span>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </>
  );
}

/** How many match, while the conditions are still being written. */
export function PreviewPanel({ text }: { text: string }) {
  const { t } = useTranslation("segments");
  const settled = useSettled(text).trim();
  const checked = useChecked(settled, CUSTOMER_SCOPE, "bool");
  const gaps = unfinished(settled);
  const sound = settled !== "" && gaps === 0 && checked.data?.errors.length === 0;
  const query = useQuery({
    queryKey: ["/segments/preview", settled],
    queryFn: () => api.post<Preview>("/segments/preview", { text: settled }),
    enabled: sound,
    placeholderData: (before) => before,
    staleTime: 10_000,
  });
  return (
    <aside className={styles.preview} aria-live="polite">
      <Section title={t("preview.title")} extra={query.isFetching ? <Spin size="small" /> : null}>
        {settled === "" ? <p className="t-faint">{t("preview.waiting")}</p> : null}
        {gaps > 0 ? <p className="t-faint">{t("preview.unfinished")}</p> : null}
        {settled !== "" && gaps === 0 && checked.data && !sound ? <p className="t-faint">{t("preview.invalid")}</p> : null}
        {sound && query.error ? <ErrorState compact error={query.error} onRetry={() => void query.refetch()} /> : null}
        {sound && query.data ? <Answer preview={query.data} /> : null}
      </Section>
    </aside>
  );
}
