import { useQuery } from "@tanstack/react-query";
import { Select, Tag } from "antd";
import { Link, useParams, useSearchParams } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { EmptyState, Loaded } from "@/shared/states";
import styles from "../steer/Steer.module.css";
import type { Names } from "../editor/summary";
import { useNames } from "../useNames";
import { Condition } from "./Condition";
import { Effects } from "./Effects";

type Why = Schemas["WhyOut"];
type Try = Schemas["WhyTry"];

const GOOD = new Set(["entered", "scheduled", "due"]);

function Attempt({ one, events }: { one: Try; events: Names }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  return (
    <li className={styles.line}>
      <div className={styles.grow}>
        <strong className={GOOD.has(one.code) ? styles.holds : styles.fails}>{say(one.reason)}</strong>
        <span className={styles.small}>
          {one.block_label ? say(one.block_label) : one.block}
          {one.event_type ? ` · ${events.get(one.event_type) ?? one.event_type}` : ""}
        </span>
        {one.condition ? <Condition part={one.condition} /> : null}
      </div>
      <div className={styles.small}>
        {one.at ? <Time value={one.at} /> : null} {one.run_id ? <Link to={`/runs/${one.run_id}`}>{t("why.run")}</Link> : null}
      </div>
    </li>
  );
}

function Answer({ why }: { why: Why }) {
  const events = useNames();
  const { t } = useTranslation("steer");
  const say = useSay();
  return (
    <>
      {why.bars.length > 0 ? (
        <section className={`t-card ${styles.sheet}`}>
          <h2>{t("why.bars")}</h2>
          <ul className={styles.notes}>
            {why.bars.map((bar) => (
              <li key={bar.en}>{say(bar)}</li>
            ))}
          </ul>
        </section>
      ) : null}
      <section className={`t-card ${styles.sheet}`}>
        <h2>{t("why.runs")}</h2>
        {why.runs.length === 0 ? <EmptyState compact title={t("why.never")} /> : null}
        {why.runs.map((run) => (
          <div key={run.id} className={styles.grow}>
            <p className={styles.lead}>
              <Tag>{t(`state.${run.status}`, { defaultValue: run.status })}</Tag> <Time value={run.entered_at} /> {t("why.version", { n: run.version })} <Link to={`/runs/${run.id}`}>{t("why.path")}</Link>
            </p>
            <Effects effects={run.effects} />
          </div>
        ))}
      </section>
      <section className={`t-card ${styles.sheet}`}>
        <h2>{t("why.tries")}</h2>
        <p className={styles.lead}>{t("why.triesLead")}</p>
        <ul className="t-plain">
          {why.tries.map((one, index) => (
            <Attempt key={index} one={one} events={events} />
          ))}
        </ul>
      </section>
    </>
  );
}

/** Why did this customer get, or not get, what a flow gives? */
export function WhyPage() {
  const { customerId = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const { t } = useTranslation("steer");
  const flowId = search.get("flow");
  // Of a thing the address names its sort, and the id is the thing's.
  const subject = search.get("subject");
  const about = subject ? `/subjects/${subject}/${customerId}` : `/customers/${customerId}`;
  const flows = useQuery({ queryKey: ["/flows", "all"], queryFn: ({ signal }) => api.get<{ items: { id: string; name: string }[] }>("/flows", { limit: "200" }, signal) });
  const why = useQuery({
    queryKey: [about, "why", flowId],
    queryFn: ({ signal }) => api.get<Why>(`${about}/why/${flowId ?? ""}`, undefined, signal),
    enabled: flowId !== null,
    staleTime: 0,
  });
  const name = why.data?.thing?.title ?? why.data?.customer?.name;
  return (
    <Page title={name ? t("why.titleOf", { name }) : t("why.title")} lead={t("why.lead")} crumbs={subject ? [] : [{ label: name ?? t("why.customer"), to: `/customers/${customerId}` }]}>
      <div className={`${styles.controls} ${styles.lead}`}>
        <label htmlFor="why-flow">{t("why.flow")}</label>
        <Select
          id="why-flow"
          showSearch={{ optionFilterProp: "label" }}
          style={{ minWidth: 280 }}
          placeholder={t("why.choose")}
          value={flowId}
          loading={flows.isPending}
          options={flows.data?.items.map((one) => ({ value: one.id, label: one.name })) ?? []}
          onChange={(next) => setSearch({ flow: next, ...(subject ? { subject } : {}) }, { replace: true })}
        />
      </div>
      {flowId === null ? <EmptyState title={t("why.choose")} hint={t("why.chooseHint")} /> : <Loaded query={why}>{(found) => <Answer why={found} />}</Loaded>}
    </Page>
  );
}
