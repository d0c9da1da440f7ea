import { Button, Drawer } from "antd";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { ThingName, type Thing } from "@/shared/thing";
import styles from "./Steer.module.css";

interface Person {
  id?: string;
  run_id?: string;
  customer_id?: string | null;
  customer?: { id: string; name: string } | null;
  thing?: Thing | null;
  since?: string | null;
  entered_at: string;
}

export interface Behind {
  title: string;
  path: string;
  params: Record<string, string>;
  /** The runs really happened and have a page; those of a backtest have none. */
  real: boolean;
  note?: string;
}

/** The people behind a number. */
export function PeopleBehind({ behind, onClose }: { behind: Behind; onClose: () => void }) {
  const { t } = useTranslation("steer");
  const people = usePages<Person>(behind.path, behind.params);
  return (
    <Drawer open onClose={onClose} size={440} title={behind.title}>
      {behind.note ? <p className={styles.lead}>{behind.note}</p> : null}
      {people.error ? <ErrorState compact error={people.error} onRetry={() => void people.refetch()} /> : null}
      {people.isPending ? <LoadingState /> : null}
      {!people.isPending && people.items.length === 0 ? <EmptyState compact title={t("behind.none")} /> : null}
      <ul className="t-plain">
        {people.items.map((one) => (
          <li key={one.id ?? one.run_id} className={styles.line}>
            <div className={styles.grow}>
              {one.thing ? <ThingName thing={one.thing} /> : one.customer ? <Link to={`/customers/${one.customer.id}`}>{one.customer.name}</Link> : <span>{t("behind.subject")}</span>}
              <span className={styles.small}>
                <Time value={one.since ?? one.entered_at} />
              </span>
            </div>
            {behind.real && one.id ? <Link to={`/runs/${one.id}`}>{t("behind.path")}</Link> : null}
          </li>
        ))}
      </ul>
      {people.hasNextPage ? (
        <Button block loading={people.isFetchingNextPage} onClick={() => void people.fetchNextPage()}>
          {t("behind.more")}
        </Button>
      ) : null}
    </Drawer>
  );
}

/** A number that opens the people behind it. */
export function Count({ value, text, onOpen }: { value: number; text?: string; onOpen: () => void }) {
  const shown = text ?? value.toLocaleString("en-US");
  if (value === 0) return <span className="t-num">{shown}</span>;
  return (
    <button type="button" className={styles.number} onClick={onOpen}>
      {shown}
    </button>
  );
}
