import { useQuery } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { Num, Percent, useSourceName } from "@/shared/format";
import { api, type Page, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, Loaded } from "@/shared/states";
import styles from "./Intake.module.css";

type Quality = Schemas["QualityOut"];

const SHARES = ["understood", "filled", "held"] as const;

function Rows({ items }: { items: readonly Quality[] }) {
  const { t } = useTranslation("intake");
  const nameOf = useSourceName();
  return (
    <>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable without a mouse */}
      <div className={styles.quality} tabIndex={0} role="region" aria-label={t("quality.title")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("health.source")}</th>
              {(["score", ...SHARES, "received", "unread"] as const).map((key) => (
                <th key={key} scope="col" className={styles.figure}>
                  {t(`quality.${key}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map((one) => (
              <tr key={one.source}>
                <td>{nameOf(one.source)}</td>
                <td className={styles.figure}>
                  <b>{one.score === null ? "—" : <Num value={one.score} />}</b>
                </td>
                {SHARES.map((key) => (
                  <td key={key} className={styles.figure}>
                    {one[key] === null ? <span className="t-faint">{t("quality.few")}</span> : <Percent value={one[key]} />}
                  </td>
                ))}
                <td className={styles.figure}>
                  <Num value={one.received} />
                </td>
                <td className={styles.figure}>
                  <Num value={one.unread} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.hint}>{t("quality.how")}</p>
    </>
  );
}

function Table() {
  const { t } = useTranslation("intake");
  const query = useQuery({ queryKey: ["/intake-health/quality"], queryFn: ({ signal }) => api.get<Page<Quality>>("/intake-health/quality", undefined, signal), staleTime: 60_000 });
  return <Loaded query={query}>{({ items }) => (items.length > 0 ? <Rows items={items} /> : <EmptyState title={t("health.emptyTitle")} hint={t("health.emptyHint")} />)}</Loaded>;
}

/** How good each source's data is, from the rows it left. */
export function SourceQuality() {
  const { t } = useTranslation("intake");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("quality.open")}</Button>
      <Drawer open={open} onClose={() => setOpen(false)} size={760} title={t("quality.title")} destroyOnHidden>
        <Table />
      </Drawer>
    </>
  );
}
