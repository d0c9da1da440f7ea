import { Button } from "antd";
import { blockOf, compare, fieldChanges, type Block, type Graph, type Kinds } from "@/shared/canvas";
import { useLanguage, useTranslation } from "@/shared/i18n";
import { titleOf } from "../editor/nodes";
import type { Names } from "../editor/summary";
import { wordsOf } from "./words";
import styles from "./life.module.css";

export interface Comparison {
  before: Graph;
  after: Graph;
  /** Which version it is laid over; 0 where none was ever published. */
  number: number;
  /** What is laid over it: the draft, or what somebody asks to publish. */
  asked?: boolean;
}

interface Props {
  comparison: Comparison;
  kinds: Kinds;
  names: Names;
  onGo: (block: string) => void;
  onClose: () => void;
}

function Fields({ before, after, kinds, names }: { before: Block; after: Block; kinds: Kinds; names: Names }) {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const own: Record<string, string> = { label: t("panel.label"), note: t("panel.note"), human: t("panel.human") };
  return (
    <dl>
      {fieldChanges(before, after).map((change) => {
        const told = wordsOf(change, kinds.get(after.kind), language, names);
        const [head] = change.path;
        return (
          <div key={change.path.join(".")}>
            <dt>{change.path.length === 1 ? (own[String(head)] ?? String(head)) : told.field}</dt>
            <dd>
              <del>{told.before}</del> → <ins>{told.after}</ins>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

/** What the draft changes against a version: in sum, and block by block down to the field. The drawing beside it shows where. */
export function ComparePanel({ comparison, kinds, names, onGo, onClose }: Props) {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const { before, after, number, asked = false } = comparison;
  const title = t(asked ? (number === 0 ? "compare.askedFirst" : "compare.asked") : "compare.title", { n: number });
  const diff = compare(before, after);
  const lines = [
    ...diff.added.map((id) => ({ id, change: "added" as const })),
    ...diff.changed.map((id) => ({ id, change: "changed" as const })),
    ...diff.removed.map(({ id }) => ({ id, change: "removed" as const })),
    ...diff.moved.map((id) => ({ id, change: "moved" as const })),
  ];
  const counts: [string, number][] = [
    ["added", diff.added.length],
    ["changed", diff.changed.length],
    ["removed", diff.removed.length],
    ["moved", diff.moved.length],
    ["arrows", diff.arrowsAdded.length + diff.arrowsRemoved.length],
  ];
  return (
    <section className={styles.compare} aria-label={title}>
      <h2>{title}</h2>
      <ul className={styles.sum}>
        {counts.filter(([, count]) => count > 0).map(([what, count]) => (
          <li key={what}>{t(`compare.${what}`, { count })}</li>
        ))}
        {diff.settings ? <li>{t("compare.settings")}</li> : null}
        {lines.length === 0 && diff.arrowsAdded.length + diff.arrowsRemoved.length === 0 && !diff.settings ? <li>{t("publish.same")}</li> : null}
      </ul>
      <ul className={styles.changes}>
        {lines.map(({ id, change }) => {
          const was = blockOf(before, id);
          const now = blockOf(after, id);
          const block = now ?? was;
          return block ? (
            <li key={id} className={styles.change} data-change={change}>
              <button type="button" onClick={() => onGo(id)}>
                {t(`change.${change}`)} · {titleOf(block, kinds, language)}
              </button>
              {change === "changed" && was && now ? <Fields before={was} after={now} kinds={kinds} names={names} /> : null}
            </li>
          ) : null;
        })}
      </ul>
      <Button onClick={onClose}>{t("compare.close")}</Button>
    </section>
  );
}
