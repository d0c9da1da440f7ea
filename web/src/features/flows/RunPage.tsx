import { useQuery } from "@tanstack/react-query";
import { Tag, Timeline } from "antd";
import { Link, useParams } from "react-router";
import { api } from "@/shared/api";
import type { Kind } from "@/shared/canvas";
import { Time } from "@/shared/format";
import { useLanguage, useSay, useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { EmptyState, Loaded } from "@/shared/states";
import { ThingName } from "@/shared/thing";
import { useKinds, type Run, type Step } from "./api";
import { spoken } from "./live/spoken";
import { iconOf } from "./look";
import { Condition } from "./why/Condition";
import { Effects } from "./why/Effects";
import { isMoment } from "./why/facts";
import { useTelling } from "./why/useTelling";
import styles from "./RunPage.module.css";

function valueText(value: unknown): string {
  if (value === null || value === undefined) return "—";
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  return JSON.stringify(value);
}

/** What a block decided from, value by value. */
function Why({ step, way }: { step: Step; way: string | null }) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const names = step.fact_names;
  const facts = useTelling(step.facts, way);
  if (facts.length === 0) return null;
  return (
    <dl className={styles.why} aria-label={t("run.why")}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{names?.[name] ? say(names[name]) : t(`fact.${name}`, { defaultValue: name })}</dt>
          <dd>{isMoment(value) ? <Time value={value} /> : typeof value === "string" ? t(`factValue.${value}`, { defaultValue: value }) : typeof value === "boolean" ? t(value ? "run.yes" : "run.no") : valueText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function StepLine({ step, kind }: { step: Step; kind: Kind | undefined }) {
  const { t } = useTranslation("flows");
  const say = useSay();
  const way = step.port_label ? say(step.port_label) : step.port;
  const name = kind ? say(kind.label) : step.block;
  // Where there is only one way, nothing was decided.
  const only = kind?.port_source === null && kind.ports.length <= 1;
  return (
    <div className={styles.step}>
      <div>
        <strong>{step.label ? say(step.label) : name}</strong>
        {way && way !== "done" && !only ? <span className={styles.way}>{t("run.tookWay", { way })}</span> : null}
      </div>
      <span className={styles.at}>
        <Time value={step.at} />
      </span>
      <Why step={step} way={way} />
    </div>
  );
}

/** The block a run stands at, and until when at most. */
function Standing({ run }: { run: Run }) {
  const { t } = useTranslation("flows");
  const say = useSay();
  return (
    <div className={styles.step}>
      <strong>{t("run.standsAt", { block: say(run.block_label) })}</strong>
      {run.wake_at ? (
        <span className={styles.at}>
          {t("run.latest")} <Time value={run.wake_at} />
        </span>
      ) : null}
    </div>
  );
}

function Path({ run }: { run: Run }) {
  const { t } = useTranslation("flows");
  const { kinds } = useKinds();
  if (run.steps.length === 0) return <EmptyState compact title={t("run.noSteps")} />;
  const items = run.steps.map((step, index) => {
    const kind = step.kind ? kinds.get(step.kind) : undefined;
    return {
      key: `${step.at}${step.block}${index}`,
      icon: iconOf(step.kind ?? "", kind?.icon ?? "", kind?.group ?? "flow"),
      content: <StepLine step={step} kind={kind} />,
    };
  });
  // Where she stands now is as good a part of her way as what she has passed.
  const waits = run.ended_at === null && run.block_label ? [{ key: "now", loading: true, content: <Standing run={run} /> }] : [];
  return <Timeline items={[...items, ...waits]} />;
}

/** One customer's way through one flow: every step, when, and why. */
export function RunPage() {
  const { runId = "" } = useParams();
  const language = useLanguage();
  const { t } = useTranslation("flows");
  const query = useQuery({ queryKey: ["/runs", runId], queryFn: ({ signal }) => api.get<Run>(`/runs/${runId}`, undefined, signal), staleTime: 0 });
  const run = query.data;
  const crumbs = run
    ? [
        { label: t("list.title"), to: "/flows" },
        { label: run.flow.name, to: `/flows/${run.flow.id}` },
      ]
    : [{ label: t("list.title"), to: "/flows" }];
  return (
    <Page title={run?.thing?.title ?? run?.customer?.name ?? t("run.title")} crumbs={crumbs} badge={run ? <Tag>{t(`runState.${run.state}`, { defaultValue: run.state })}</Tag> : null}>
      <Loaded query={query}>
        {(one) => (
          <div className={`t-card ${styles.sheet}`}>
            <p className={styles.facts}>
              {one.thing ? <ThingName thing={one.thing} /> : null}
              {one.customer_id ? <Link to={`/customers/${one.customer_id}`}>{t("run.customer")}</Link> : null}
              <span>{t("run.version", { n: one.version })}</span>
              {one.arm ? <span>{t("run.arm", { arm: one.arm })}</span> : null}
              <span>
                {t("run.entered")} <Time value={one.entered_at} />
              </span>
              {one.ended_at ? (
                <span>
                  {t("run.ended")} <Time value={one.ended_at} />
                </span>
              ) : null}
              {one.wake_at && !one.ended_at ? (
                <span>
                  {t("run.wakes")} <Time value={one.wake_at} />
                </span>
              ) : null}
              {one.reason ? <span className={styles.reason}>{spoken(one.reason, language)}</span> : null}
            </p>
            {one.entry ? (
              <section className={styles.part}>
                <h2>{t("why.entry", { ns: "steer" })}</h2>
                <Condition part={one.entry} />
              </section>
            ) : null}
            <Path run={one} />
            {one.effects.length > 0 ? (
              <section className={styles.part}>
                <h2>{t("why.got", { ns: "steer" })}</h2>
                <Effects effects={one.effects} />
              </section>
            ) : null}
            {one.customer_id && !one.thing ? <Link to={`/why/${one.customer_id}?flow=${one.flow.id}`}>{t("why.tries", { ns: "steer" })}</Link> : null}
            {one.thing ? <Link to={`/why/${one.thing.id}?flow=${one.flow.id}&subject=${one.thing.type}`}>{t("why.tries", { ns: "steer" })}</Link> : null}
          </div>
        )}
      </Loaded>
    </Page>
  );
}
