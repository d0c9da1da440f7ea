import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { api } from "@/shared/api";
import { FunnelChart, type FunnelStep } from "@/shared/chart";
import { Money, Num, Percent, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Question } from "@/shared/pages";
import { EmptyState, Loaded } from "@/shared/states";
import { stepCost, TRAFFIC, type Traffic, type TrafficFunnel, type TrafficStep } from "./traffic";
import styles from "./Conversion.module.css";

function Cost({ one, step }: { one: Traffic; step: TrafficStep }) {
  const cost = stepCost(one, step);
  return cost === null ? <>—</> : <Money value={cost} />;
}

function useSteps(one: Traffic): FunnelStep[] {
  const { t } = useTranslation("conversion");
  return TRAFFIC.map((step) => {
    const cost = stepCost(one, step);
    const parts = step === "reached" ? t("traffic.parts", { live: one.live, cart: one.cart, grouped: one.grouped }) : null;
    const note = (
      <>
        {parts}
        {cost === null ? null : (
          <span>
            {parts ? " · " : ""}
            {t("traffic.each")} <Money value={cost} />
          </span>
        )}
      </>
    );
    return { key: step, label: t(`traffic.${step}`), count: one[step], note };
  });
}

function Drawn({ one }: { one: Traffic }) {
  const { t } = useTranslation("conversion");
  const steps = useSteps(one);
  return (
    <>
      <FunnelChart label={t("traffic.question")} steps={steps} />
      {one.beside > 0 ? <p className="t-faint">{t("traffic.beside", { count: one.beside })}</p> : null}
    </>
  );
}

function Sources({ sources, name }: { sources: readonly Traffic[]; name: (key: string) => string }) {
  const { t } = useTranslation("conversion");
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            {[t("key"), t("traffic.live"), t("traffic.cart"), t("traffic.grouped"), ...TRAFFIC.map((step) => t(`traffic.${step}`)), t("revenue"), t("spend"), t("traffic.costEach")].map((one) => (
              <th key={one} scope="col">
                {one}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sources.map((one) => (
            <tr key={one.source}>
              <td title={name(one.source)}>{name(one.source)}</td>
              {([one.live, one.cart, one.grouped] as const).map((count, index) => (
                <td key={index}>
                  <Num value={count} />
                </td>
              ))}
              {TRAFFIC.map((step) => (
                <td key={step}>
                  <Num value={one[step]} />
                  {step === "reached" ? null : (
                    <span className={styles.share}>
                      <Percent value={one.reached > 0 ? one[step] / one.reached : null} />
                    </span>
                  )}
                </td>
              ))}
              <td>
                <Money value={one.revenue} />
              </td>
              <td>{Number(one.spend.amount) > 0 ? <Money value={one.spend} /> : "—"}</td>
              <td>
                <Cost one={one} step="reached" /> / <Cost one={one} step="friend" /> / <Cost one={one} step="first_order" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Found({ found }: { found: TrafficFunnel }) {
  const { t } = useTranslation("conversion");
  const sourceName = useSourceName();
  const [which, setWhich] = useState<string | null>(null);
  const name = (key: string) => (key ? sourceName(key) : t("doneUnknown"));
  if (found.whole.reached === 0) return <EmptyState title={t("traffic.none")} hint={t("traffic.noneHint")} />;
  const one = found.sources.find((each) => each.source === which) ?? found.whole;
  const choose = (
    <Select
      aria-label={t("traffic.which")}
      style={{ minWidth: 180 }}
      value={which ?? ""}
      onChange={(next) => setWhich(next === "" ? null : next)}
      options={[{ value: "", label: t("traffic.all") }, ...found.sources.filter((each) => each.source).map((each) => ({ value: each.source, label: name(each.source) }))]}
    />
  );
  return (
    <>
      <Question span={3} question={t("traffic.question")} answer={<span className="t-faint">{t("traffic.answer")}</span>} extra={choose}>
        <Drawn one={one} />
      </Question>
      <Question span={3} question={t("traffic.table")}>
        <Sources sources={found.sources} name={name} />
      </Question>
    </>
  );
}

export function useTraffic(asked: Record<string, string>, enabled: boolean) {
  return useQuery({
    queryKey: ["/conversion", "/traffic-funnel", asked],
    queryFn: ({ signal }) => api.get<TrafficFunnel>("/traffic-funnel", asked, signal),
    placeholderData: (before) => before,
    enabled,
  });
}

/** Live rooms, carts and groups, down to a friend, a first order and a second: what each step loses, by source. */
export function TrafficBoard({ query }: { query: ReturnType<typeof useTraffic> }) {
  return (
    <Loaded query={query} rows={8}>
      {(found) => <Found found={found} />}
    </Loaded>
  );
}
