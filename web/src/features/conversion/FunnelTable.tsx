import { Money, Num, Percent } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { costEach, returnOf, shareOf, STEPS, type Funnel, type Step } from "./funnel";
import styles from "./Conversion.module.css";

interface Props {
  sources: readonly Funnel[];
  name: (key: string) => string;
  /** Everybody who came: of a part of them, what was spent for all says nothing. */
  whole: boolean;
  /** Missing for whom may not see customers. */
  onPick: ((key: string, step: Step) => void) | undefined;
}

function Figure({ funnel, step, name, onPick }: { funnel: Funnel; step: Step; name: string; onPick: Props["onPick"] }) {
  const { t } = useTranslation("conversion");
  const count = funnel[step];
  const shown = <Num value={count} />;
  return (
    <>
      {onPick && count > 0 ? (
        <button type="button" className={styles.figure} aria-label={t("open", { what: `${name} ${t(step)}`, count })} onClick={() => onPick(funnel.key, step)}>
          {shown}
        </button>
      ) : (
        shown
      )}
      {step === "came" ? null : (
        <span className={styles.share}>
          <Percent value={shareOf(funnel, step)} />
        </span>
      )}
    </>
  );
}

/** A line per source; each number opens its people. */
export function FunnelTable({ sources, name, whole, onPick }: Props) {
  const { t } = useTranslation("conversion");
  const spent = whole ? (["spend", "cost", "return"] as const) : [];
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            {["key", ...STEPS, "revenue", ...spent].map((one) => (
              <th key={one} scope="col">
                {t(one)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((one) => (
            <tr key={one.key}>
              <td title={name(one.key)}>{name(one.key)}</td>
              {STEPS.map((step) => (
                <td key={step}>
                  <Figure funnel={one} step={step} name={name(one.key)} onPick={onPick} />
                </td>
              ))}
              <td>
                <Money value={one.revenue} waiting={one.waiting} />
              </td>
              {whole ? (
                <>
                  <td>{Number(one.spend.amount) > 0 ? <Money value={one.spend} /> : "—"}</td>
                  <td>{costEach(one) === null ? "—" : <Money value={costEach(one)} />}</td>
                  <td>{returnOf(one) === null ? "—" : <Num value={returnOf(one)} digits={1} />}</td>
                </>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
