import { Table } from "antd";
import { useMemo, type ReactNode } from "react";
import type { Schemas } from "@/shared/api";
import { axes, Chart } from "@/shared/chart";
import { formatNumber, Money, Percent } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { palettes, useShade } from "@/shared/theme";
import type { Flow } from "../api";
import { Count, PeopleBehind, type Behind } from "../steer/PeopleBehind";
import { useKept } from "../steer/useKept";
import styles from "../steer/Steer.module.css";
import { useCalled } from "../useCalled";

type Found = Schemas["BacktestResult"];

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.figure}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function sumOf(result: Found, what: string, outcomes?: readonly string[]): number {
  return result.effects.filter((one) => one.what === what && (!outcomes || outcomes.includes(one.outcome))).reduce((sum, one) => sum + one.n, 0);
}

/** Entrants, messages and coupons by day. */
function Days({ result }: { result: Found }) {
  const { t } = useTranslation("steer");
  const { shade } = useShade();
  const option = useMemo(
    () => ({
      ...axes(
        palettes[shade],
        result.days.map((one) => one.day.slice(5)),
        (value) => formatNumber(value),
      ),
      legend: { top: 0, textStyle: { color: palettes[shade].inkSoft } },
      grid: { left: 4, right: 12, top: 36, bottom: 4, containLabel: true },
      series: (["entered", "message", "coupon"] as const).map((key) => ({ name: t(`back.by.${key}`), type: "line", showSymbol: false, data: result.days.map((one) => one[key]) })),
    }),
    [result, shade, t],
  );
  return <Chart label={t("back.chart")} option={option} height={240} />;
}

/** What a backtest found; every number leads to the people behind it. */
export function Result({ flow, backtestId, result }: { flow: Flow; backtestId: string; result: Found }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const { block: nameOf, way } = useCalled(flow.draft);
  const [behind, setBehind] = useKept<Behind>("behind");
  const sampled = result.people_kept < result.entered;
  const open = (mark: string, title: string) => () =>
    setBehind({ title, path: `/flows/${flow.id}/backtests/${backtestId}/people`, params: { mark }, real: false, ...(sampled ? { note: t("back.sample", { n: result.people_kept }) } : {}) });
  const cost = result.effects.filter((one) => one.what === "coupon").reduce((sum, one) => sum + one.amount, 0);
  const blocks = flow.draft.blocks.flatMap((one) => {
    const found = result.blocks[one.id];
    return found ? [{ id: one.id, ...found }] : [];
  });
  return (
    <>
      <section className={`t-card ${styles.sheet}`}>
        <dl className={styles.figures}>
          <Figure label={t("back.entered")}>
            <Count value={result.entered} onOpen={open("entered", t("back.entered"))} />
          </Figure>
          <Figure label={t("back.customers")}>{formatNumber(result.customers)}</Figure>
          <Figure label={t("back.messages")}>{formatNumber(sumOf(result, "message", ["sent", "late"]))}</Figure>
          <Figure label={t("back.coupons")}>{formatNumber(sumOf(result, "coupon"))}</Figure>
          <Figure label={t("back.cost")}>
            <Money value={String(cost)} currency={result.currency} />
          </Figure>
          <Figure label={t("back.held")}>{formatNumber(result.hindered.reduce((sum, one) => sum + one.n, 0))}</Figure>
          <Figure label={t("back.converted")}>
            <Count value={result.converted} onOpen={open("converted", t("back.converted"))} />
          </Figure>
          <Figure label={t("back.control")}>{formatNumber(result.held_out)}</Figure>
          <Figure label={t("back.inside")}>{formatNumber(result.inside)}</Figure>
          <Figure label={t("back.busiest")}>{formatNumber(result.busiest_hour)}</Figure>
        </dl>
        <Days result={result} />
      </section>
      <section className={`t-card ${styles.sheet}`}>
        <h2 className={styles.head}>{t("back.blocks")}</h2>
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={blocks}
          scroll={{ x: true }}
          columns={[
            { title: t("back.block"), render: (_value, one) => nameOf(one.id) },
            { title: t("back.passed"), align: "right", render: (_value, one) => <Count value={one.entered} onOpen={open(`block:${one.id}`, nameOf(one.id))} /> },
            {
              title: t("back.ways"),
              render: (_value, one) =>
                Object.entries(one.ports).map(([port, n]) => (
                  <span key={port} style={{ marginRight: 16 }}>
                    {way(one.id, port)} <Count value={n} onOpen={open(`port:${one.id}.${port}`, `${nameOf(one.id)} · ${way(one.id, port)}`)} /> (<Percent value={one.entered ? n / one.entered : null} digits={0} />)
                  </span>
                )),
            },
            { title: t("back.stand"), align: "right", render: (_value, one) => <Count value={one.inside} onOpen={open(`inside:${one.id}`, nameOf(one.id))} /> },
          ]}
        />
      </section>
      <div className={styles.two}>
        <section className={`t-card ${styles.sheet}`}>
          <h2>{t("back.effects")}</h2>
          {result.effects.map((one) => (
            <div key={`${one.what}${one.block}${one.outcome}`} className={styles.line}>
              <span>
                {t(`what.${one.what}`, { defaultValue: one.what })} · {nameOf(one.block)} · {t(`outcome.${one.outcome}`, { defaultValue: one.outcome })}
              </span>
              <Count value={one.n} onOpen={open(`${one.what}:${one.block}:${one.outcome}`, nameOf(one.block))} />
            </div>
          ))}
        </section>
        <section className={`t-card ${styles.sheet}`}>
          <h2>{t("back.hindered")}</h2>
          {result.hindered.map((one) => (
            <div key={`${one.block}${one.ruling ?? ""}${one.reason ?? ""}`} className={styles.line}>
              <span>
                {nameOf(one.block)} · {t(`reason.${one.reason ?? ""}`, { defaultValue: one.reason ?? "" })}
              </span>
              <span className="t-num">{t("back.times", { n: formatNumber(one.n), people: formatNumber(one.customers) })}</span>
            </div>
          ))}
          <h2 style={{ marginTop: 16 }}>{t("back.unknown")}</h2>
          <ul className={styles.notes}>
            <li>{t("back.step", { n: result.step_hours })}</li>
            {result.share < 1 ? <li>{t("back.part", { share: Math.round(result.share * 100) })}</li> : null}
            {result.unknown.map((one) => (
              <li key={one.en}>{say(one)}</li>
            ))}
          </ul>
        </section>
      </div>
      {behind ? <PeopleBehind behind={behind} onClose={() => setBehind(null)} /> : null}
    </>
  );
}
