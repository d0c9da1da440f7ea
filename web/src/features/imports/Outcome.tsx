import { Alert, Progress } from "antd";
import { Link } from "react-router";
import { Num } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Facts, Section } from "@/shared/pages";
import { isBusy, percentOf, type ImportDetail } from "./types";
import styles from "./Imports.module.css";

const UNDONE = ["people_removed", "people_kept", "fields_restored", "tags_removed", "identifiers_removed", "orders_removed", "orders_restored", "orders_kept"] as const;

function Undone({ counts }: { counts: Record<string, number> }) {
  const { t } = useTranslation("imports");
  const told = UNDONE.filter((name) => (counts[name] ?? 0) > 0);
  return (
    <Section title={t("undone.title")}>
      <p className={styles.hint}>{t("undone.hint")}</p>
      <Facts items={told.map((name) => ({ key: name, label: t(`undone.${name}`), value: <Num value={counts[name] ?? 0} /> }))} />
    </Section>
  );
}

/** How far an import is, and what came of it. */
export function Outcome({ one }: { one: ImportDetail }) {
  const { t } = useTranslation("imports");
  const say = useSay();
  const failed = one.state === "failed" || one.state === "undo_failed";
  const status = failed ? "exception" : isBusy(one.state) ? "active" : "normal";
  const percent = one.state === "done" || one.state === "undone" ? 100 : percentOf(one);
  return (
    <>
      <Section title={t("result.title")}>
        {one.error ? <Alert type="error" showIcon className={styles.notice ?? ""} title={say(one.error)} /> : null}
        <Progress percent={percent} status={status} aria-label={t("result.title")} />
        <p role="status" className={styles.hint}>
          {t(`progress.${one.state}`, { defaultValue: t("progress.running", { done: one.rows_done, total: one.rows_total }), done: one.rows_done, total: one.rows_total })}
        </p>
        {one.state === "reading" || one.started_at === null ? null : (
          <Facts
            items={[
              { key: "accepted", label: t("result.accepted"), value: <Num value={one.accepted} /> },
              { key: "people", label: t("result.people"), value: <Num value={one.people_made} /> },
              { key: "updates", label: t("result.updates"), value: <Num value={one.updates} /> },
              { key: "duplicates", label: t("result.duplicates"), value: <Num value={one.duplicates} /> },
              { key: "refused", label: t("result.refused"), value: <Num value={one.refused} /> },
              ...(one.left_out > 0 ? [{ key: "left_out", label: t("result.leftOut"), value: <Num value={one.left_out} /> }] : []),
            ]}
          />
        )}
        {one.state === "done" ? (
          <div className={styles.links}>
            <Link to={one.kind === "order" ? "/orders" : "/customers"}>{t(one.kind === "order" ? "result.seeOrders" : "result.seeCustomers")}</Link>
          </div>
        ) : null}
      </Section>
      {one.undone ? <Undone counts={one.undone} /> : null}
    </>
  );
}
