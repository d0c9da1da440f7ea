import { Radio, Tag } from "antd";
import { Link } from "react-router";
import { Money, Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import type { DuplicatePair, PersonLine } from "../types";
import styles from "./Review.module.css";

export type Side = "first" | "second";

/** Who stays, and of which fields the other's value is shown nevertheless. */
export interface Decision {
  stays: Side;
  taken: readonly string[];
}

/** The one seen first stays unless somebody says otherwise, with her own fields. */
export function unchanged(pair: DuplicatePair): Decision {
  return { stays: pair.second.first_seen_at < pair.first.first_seen_at ? "second" : "first", taken: [] };
}

/** What is asked of the server. */
export function asMerge(pair: DuplicatePair, { stays, taken }: Decision) {
  const other: Side = stays === "first" ? "second" : "first";
  return { survivor: pair[stays].id, loser: pair[other].id, choices: [...taken] };
}

interface Props {
  pair: DuplicatePair;
  decision: Decision;
  onDecide: (decision: Decision) => void;
}

function Identifiers({ person }: { person: PersonLine }) {
  const { t } = useTranslation("customers");
  return (
    <ul className="t-plain">
      {person.identifiers.map((one) => (
        <li key={`${one.kind}${one.masked}${one.source}`} className={styles.identifier}>
          <span className="t-faint">{t(`identifier.${one.kind}`, { defaultValue: one.kind })}</span> <span className="t-num">{one.masked}</span>
          {one.shared ? <Tag color="processing">{t("review.shared")}</Tag> : null}
        </li>
      ))}
    </ul>
  );
}

function useFacts() {
  const { t } = useTranslation("customers");
  return [
    { key: "orders", label: t("column.orders"), of: (one: PersonLine) => <Num value={one.order_count} /> },
    { key: "spend", label: t("column.spend"), of: (one: PersonLine) => <Money value={one.spend_total} /> },
    { key: "last", label: t("column.lastOrder"), of: (one: PersonLine) => (one.last_order_at ? <Time value={one.last_order_at} only="date" /> : "—") },
    { key: "seen", label: t("fact.first_seen_at"), of: (one: PersonLine) => <Time value={one.first_seen_at} only="date" /> },
    { key: "tags", label: t("column.tags"), of: (one: PersonLine) => one.tags.join("、") || "—" },
    { key: "identifiers", label: t("section.identifiers"), of: (one: PersonLine) => <Identifiers person={one} /> },
  ];
}

/** Two customers in two columns; where a field differs, a press says whose is kept. */
export function SideBySide({ pair, decision, onDecide }: Props) {
  const { t } = useTranslation("customers");
  const say = useSay();
  const facts = useFacts();
  const own = decision.stays;
  const shown = (field: string): Side => (decision.taken.includes(field) ? (own === "first" ? "second" : "first") : own);
  const choose = (field: string, side: Side) => onDecide({ ...decision, taken: side === own ? decision.taken.filter((one) => one !== field) : [...decision.taken.filter((one) => one !== field), field] });
  const word = (field: string, value: string | null) => (value === null ? "—" : field === "gender" ? t(`gender.${value}`, { defaultValue: value }) : value);
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <td />
          {(["first", "second"] as const).map((side) => (
            <th key={side} scope="col" data-stays={own === side || undefined}>
              <Link to={`/customers/${pair[side].id}`}>{pair[side].name ?? t("unnamed")}</Link>
              <Radio checked={own === side} onChange={() => onDecide({ stays: side, taken: [] })}>
                {t("review.stays")}
              </Radio>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {pair.fields.map(({ field, label, first, second, differs }) =>
          first === null && second === null ? null : (
            <tr key={field} data-differs={differs || undefined}>
              <th scope="row">{say(label)}</th>
              {(["first", "second"] as const).map((side) => {
                const value = word(field, side === "first" ? first : second);
                return (
                  <td key={side} data-kept={differs && shown(field) === side ? true : undefined}>
                    {differs ? (
                      <Radio checked={shown(field) === side} onChange={() => choose(field, side)}>
                        {value}
                      </Radio>
                    ) : (
                      value
                    )}
                  </td>
                );
              })}
            </tr>
          ),
        )}
        {facts.map(({ key, label, of }) => (
          <tr key={key}>
            <th scope="row">{label}</th>
            <td>{of(pair.first)}</td>
            <td>{of(pair.second)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
