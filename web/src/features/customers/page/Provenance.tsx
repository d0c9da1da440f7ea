import { useQuery } from "@tanstack/react-query";
import { Popover } from "antd";
import { createContext, useContext, type ReactNode } from "react";
import { api, type Schemas } from "@/shared/api";
import { Time, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import styles from "./Customer.module.css";

type Fields = Schemas["FieldsOut"];
type Word = Schemas["WordOut"];
const Said = createContext<ReadonlyMap<string, readonly Word[]>>(new Map());

/** What sources said of the fields below it. */
export function SaidOf({ customerId, children }: { customerId: string; children: ReactNode }) {
  const query = useQuery({ queryKey: ["/customers", customerId, "fields"], queryFn: ({ signal }) => api.get<Fields>(`/customers/${customerId}/fields`, undefined, signal) });
  return <Said value={new Map((query.data?.fields ?? []).map((one) => [one.field, one.said]))}>{children}</Said>;
}

function useValue() {
  const { t } = useTranslation("customers");
  return (value: unknown) => {
    if (value === null || value === undefined) return t("provenance.none");
    if (typeof value === "boolean") return t(value ? "provenance.yes" : "provenance.no");
    const text = typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
    return t(`gender.${text}`, { defaultValue: text });
  };
}

function Line({ word }: { word: Word }) {
  const { t } = useTranslation("customers");
  const sourceName = useSourceName();
  const shown = useValue();
  return (
    <li className={styles.word}>
      <span className={word.holds ? styles.holds : ""}>{shown(word.value)}</span>
      <span className="t-faint">
        {sourceName(word.source)} · <Time value={word.at} />
        {word.other_person ? ` · ${t("provenance.otherPerson")}` : ""}
      </span>
    </li>
  );
}

/** A field's value with its source beneath; who looks closer sees what the others said. */
export function Sourced({ field, children }: { field: string; children: ReactNode }) {
  const { t } = useTranslation("customers");
  const sourceName = useSourceName();
  const said = useContext(Said).get(field);
  const [first] = said ?? [];
  if (!said || !first) return <>{children}</>;
  const others = said.length - 1;
  return (
    <span className={styles.sourced}>
      <span>{children}</span>
      <Popover
        title={t("provenance.title")}
        content={
          <ul className="t-plain">
            {said.map((word) => (
              <Line key={`${word.source}${word.at}${String(word.other_person)}`} word={word} />
            ))}
          </ul>
        }
        trigger={["hover", "focus"]}
      >
        <button type="button" className={styles.source}>
          {first.holds ? sourceName(first.source) : t("provenance.unknown")} · <Time value={first.at} only="date" />
          {others > 0 ? ` · ${t("provenance.others", { count: others })}` : ""}
        </button>
      </Popover>
    </span>
  );
}
