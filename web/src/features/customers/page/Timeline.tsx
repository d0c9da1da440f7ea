import {
  AimOutlined,
  BranchesOutlined,
  GiftOutlined,
  HistoryOutlined,
  MailOutlined,
  ShopOutlined,
  ShoppingOutlined,
  SolutionOutlined,
  StarOutlined,
  TagOutlined,
  TeamOutlined,
  UndoOutlined,
} from "@ant-design/icons";
import { Button, Tag, Tooltip } from "antd";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { formatClock, formatDate, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { useMe } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import type { TimelineEntry } from "../types";
import styles from "./Customer.module.css";

const icons: Record<string, ReactNode> = {
  order: <ShoppingOutlined />,
  refund: <UndoOutlined />,
  visit: <ShopOutlined />,
  message: <MailOutlined />,
  coupon: <GiftOutlined />,
  points: <StarOutlined />,
  tag: <TagOutlined />,
  segment: <TeamOutlined />,
  campaign: <AimOutlined />,
  flow: <BranchesOutlined />,
  task: <SolutionOutlined />,
};

function Entry({ entry, zone }: { entry: TimelineEntry; zone: string }) {
  const { t } = useTranslation("customers");
  const say = useSay();
  const orderId = typeof entry.payload.order_id === "string" ? entry.payload.order_id : null;
  const isOrder = entry.type.startsWith("order.") && orderId !== null;
  return (
    <li className={styles.event}>
      <span className={`${styles.eventTime} t-num`}>{formatClock(entry.occurred_at, zone)}</span>
      <span className={styles.eventIcon} aria-hidden="true">
        {icons[entry.type.split(".")[0] ?? ""] ?? <HistoryOutlined />}
      </span>
      <div className={styles.eventBody}>
        <div className={styles.eventTitle}>
          <strong>{say(entry.label)}</strong>
          {isOrder ? <Link to={`/orders?q=${encodeURIComponent(orderId)}`}>{t("shared:action.details")}</Link> : null}
          {entry.backfill ? (
            <Tooltip title={t("timeline.backfillHelp")}>
              <Tag variant="filled">{t("timeline.backfill")}</Tag>
            </Tooltip>
          ) : null}
        </div>
        {entry.summary ? <p className="t-soft">{say(entry.summary)}</p> : null}
        {entry.facts.length > 0 ? <details>
          <summary className="t-faint">{t("timeline.details")}</summary>
          <dl className={styles.payload}>
            {entry.facts.map((fact) => (
              <div key={fact.label.en}>
                <dt>{say(fact.label)}</dt>
                <dd>{say(fact.value)}</dd>
              </div>
            ))}
          </dl>
        </details> : null}
      </div>
    </li>
  );
}

/** Days as headings, each with its events, newest first. */
function byDay(items: readonly TimelineEntry[], zone: string): [string, TimelineEntry[]][] {
  const days = new Map<string, TimelineEntry[]>();
  for (const item of items) {
    const day = formatDate(item.occurred_at, zone);
    days.set(day, [...(days.get(day) ?? []), item]);
  }
  return [...days.entries()];
}

const KINDS = ["order", "visit", "message", "benefit", "label", "consent", "customer", "flow"] as const;

/** The whole history, or one kind of happenings; the choice is in the address. */
export function Timeline({ customerId }: { customerId: string }) {
  const { t } = useTranslation("customers");
  const filters = useUrlFilters(["kind"]);
  const kind = filters.values.kind ?? null;
  return (
    <>
      <div className={styles.kinds} role="group" aria-label={t("timeline.kinds")}>
        {[null, ...KINDS].map((one) => (
          <Button key={one ?? "all"} size="small" type={kind === one ? "primary" : "text"} aria-pressed={kind === one} onClick={() => filters.set({ kind: one })}>
            {t(`timeline.kind.${one ?? "all"}`)}
          </Button>
        ))}
      </div>
      <History customerId={customerId} kind={kind} />
    </>
  );
}

function History({ customerId, kind }: { customerId: string; kind: string | null }) {
  const { t } = useTranslation("customers");
  const { zone } = useMe().tenant;
  const rows = usePages<TimelineEntry>(`/customers/${customerId}/timeline`, { kind }, 30);
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={8} />;
  if (rows.items.length === 0) return <EmptyState compact title={t(kind ? "timeline.noneOfKind" : "timeline.emptyTitle")} hint={kind ? "" : t("timeline.emptyHint")} />;
  return (
    <div className={styles.events}>
      {byDay(rows.items, zone).map(([day, entries]) => (
        <section key={day}>
          <h3 className={styles.day}>
            <Time value={entries[0]?.occurred_at} only="date" />
          </h3>
          <ul className="t-plain">
            {entries.map((entry) => (
              <Entry key={entry.event_id} entry={entry} zone={zone} />
            ))}
          </ul>
        </section>
      ))}
      {rows.hasNextPage ? (
        <Button block loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
          {t("timeline.more")}
        </Button>
      ) : null}
    </div>
  );
}
