import { useMutation } from "@tanstack/react-query";
import { Button, DatePicker, InputNumber, Segmented, Select, Tag, Timeline } from "antd";
import type { Dayjs } from "dayjs";
import { useMemo, useState } from "react";
import { Link, useParams } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { portsOf } from "@/shared/canvas";
import { useSay, useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { ThingName } from "@/shared/thing";
import { useKinds, type Flow } from "../api";
import type { Names } from "../editor/summary";
import type { Called } from "../called";
import { useCalled } from "../useCalled";
import { useNames } from "../useNames";
import { FlowFrame } from "../steer/FlowFrame";
import styles from "../steer/Steer.module.css";
import { Condition } from "../why/Condition";
import { Effects } from "../why/Effects";
import { FactLine } from "../why/FactLine";
import { settingNames } from "../why/facts";
import { CUSTOMER, subjectName, useSubject } from "../subject";
import { CustomerPick } from "./CustomerPick";
import { pickable, ThingPick } from "./ThingPick";

type Tried = Schemas["DryRunOut"];
type Passage = Schemas["PassageOut"];

/** One person's way through the draft. */
function Way({ one, names, events, nameOf }: { one: Passage; names: ReadonlyMap<string, string>; events: Names; nameOf: Called["block"] }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const label = (step: Passage["steps"][number]) => nameOf(step.block, step.label);
  const standing = one.status === "active" && one.block ? nameOf(one.block, one.block_label) : null;
  const items = one.steps.map((step, index) => ({
    key: index,
    content: (
      <div className={styles.grow}>
        <span>
          <strong>{label(step)}</strong> {step.port_label ? <Tag>{say(step.port_label)}</Tag> : null}
        </span>
        <FactLine facts={step.facts} called={step.fact_names} names={names} className={styles.small} way={step.port_label ? say(step.port_label) : null} />
        <span className={styles.small}>
          <Time value={step.at} />
        </span>
      </div>
    ),
  }));
  return (
    <section className={`t-card ${styles.sheet}`}>
      <div className={styles.head}>
        <h2>
          {one.thing ? <ThingName thing={one.thing} /> : null}
          {one.thing && one.customer ? " · " : null}
          {one.customer ? <Link to={`/customers/${one.customer.id}`}>{one.customer.name}</Link> : null}
        </h2>
        <span>
          <Tag color={one.enters ? "success" : "error"}>{t(one.enters ? "dry.enters" : "dry.not")}</Tag>
          <Tag>{t(`state.${one.status}`, { defaultValue: one.status })}</Tag>
        </span>
      </div>
      <p className={styles.small}>
        {one.event_at ? t(one.thing ? "dry.eventThing" : "dry.event", { event: events.get(one.event_type ?? "") ?? one.event_type ?? "" }) : t(one.thing ? "dry.madeUpThing" : "dry.madeUp")} {one.event_at ? <Time value={one.event_at} /> : null}
      </p>
      {one.entry ? <Condition part={one.entry} /> : null}
      <Timeline style={{ marginTop: 16 }} items={items} />
      {standing ? (
        <p className={styles.lead}>
          {t("dry.stands", { block: standing })} {one.wake_at ? <Time value={one.wake_at} /> : null}
        </p>
      ) : null}
      {one.effects.length > 0 ? <Effects effects={one.effects} nameOf={nameOf} /> : null}
    </section>
  );
}

/** Where one waits for what somebody does, or lets it pass; branches and the stock of coupons are the engine's own affair. */
const WAITED = new Set(["wait", "service", "reach", "integrate"]);

/** How the waits for people and events are to end. */
function Answers({ flow, value, nameOf, onChange }: { flow: Flow; value: Record<string, string>; nameOf: Called["block"]; onChange: (next: Record<string, string>) => void }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const { kinds } = useKinds();
  const waits = flow.draft.blocks.filter((block) => {
    const kind = kinds.get(block.kind);
    return kind && WAITED.has(kind.group) && (kind.port_source?.after ?? kind.ports).some((port) => port.name === "timeout");
  });
  if (waits.length === 0) return null;
  return (
    <div className={styles.controls}>
      <span>{t("dry.answers")}</span>
      {waits.map((block) => {
        const kind = kinds.get(block.kind);
        const label = nameOf(block.id);
        const options = portsOf(kind, block.config).map((port) => ({ value: port.name, label: say(port.label) }));
        return (
          <Select
            key={block.id}
            allowClear
            aria-label={label}
            style={{ minWidth: 200 }}
            placeholder={t("dry.timeout", { block: label })}
            value={value[block.id]}
            options={options.map((one) => ({ ...one, label: t("dry.answered", { block: label, way: one.label }) }))}
            onChange={(port: string | undefined) => onChange(Object.fromEntries(Object.entries({ ...value, [block.id]: port }).filter((pair): pair is [string, string] => Boolean(pair[1]))))}
          />
        );
      })}
    </div>
  );
}

/** What people do with a message as it arrives. */
const ENGAGEMENTS = ["nothing", "read", "clicked", "replied"] as const;

function DryRun({ flow }: { flow: Flow }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const subject = subjectName(flow.draft.settings);
  const about = useSubject(flow.draft.settings);
  const people = subject === CUSTOMER;
  const [how, setHow] = useState<"audience" | "random" | "chosen">("audience");
  const [count, setCount] = useState(5);
  const [days, setDays] = useState(90);
  const [at, setAt] = useState<Dayjs | null>(null);
  const [chosen, setChosen] = useState<string[]>([]);
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const [engagement, setEngagement] = useState<(typeof ENGAGEMENTS)[number]>("nothing");
  const events = useNames();
  const { block: nameOf } = useCalled(flow.draft);
  const names = useMemo(() => settingNames(flow.draft), [flow.draft]);
  const run = useMutation({
    mutationFn: () =>
      api.post<Tried>(`/flows/${flow.id}/dry-run`, {
        ...(how === "chosen" ? { [people ? "customers" : "subjects"]: chosen } : { pick: how, count }),
        days,
        answers,
        engagement,
        at: at?.toISOString() ?? null,
      }),
  });
  return (
    <>
      <section className={`t-card ${styles.sheet}`}>
        <div className={styles.controls}>
          <Segmented aria-label={t("dry.who")} value={how} onChange={setHow} options={(people || pickable(subject) ? (["audience", "random", "chosen"] as const) : (["audience", "random"] as const)).map((one) => ({ value: one, label: t(about ? `dry.pickThing.${one}` : `dry.pick.${one}`, { name: about ? say(about.label) : "" }) }))} />
          {how !== "chosen" ? null : people ? <CustomerPick value={chosen} onChange={setChosen} /> : <ThingPick subject={subject} value={chosen} onChange={setChosen} />}
          {how === "chosen" ? null : <InputNumber aria-label={t("dry.count")} min={1} max={20} value={count} onChange={(next) => setCount(next ?? 5)} suffix={t(people ? "dry.people" : "dry.things")} />}
          <DatePicker aria-label={t("dry.at")} placeholder={t("dry.at")} showTime value={at} onChange={setAt} />
          <InputNumber aria-label={t("dry.days")} min={1} max={730} value={days} onChange={(next) => setDays(next ?? 90)} suffix={t("dry.daysUnit")} />
          <Button type="primary" loading={run.isPending} disabled={how === "chosen" && chosen.length === 0} onClick={() => run.mutate()}>
            {t("dry.go")}
          </Button>
        </div>
        <div className={styles.controls} style={{ marginTop: 12 }}>
          <span>{t("dry.engagement")}</span>
          <Segmented aria-label={t("dry.engagement")} value={engagement} onChange={setEngagement} options={ENGAGEMENTS.map((one) => ({ value: one, label: t(`dry.engaged.${one}`) }))} />
        </div>
        <div style={{ marginTop: 12 }}>
          <Answers flow={flow} value={answers} nameOf={nameOf} onChange={setAnswers} />
        </div>
      </section>
      {run.isPending ? <LoadingState rows={6} /> : null}
      {run.error ? <ErrorState error={run.error} onRetry={() => run.mutate()} /> : null}
      {run.data ? (
        <p className={styles.lead}>
          {t("dry.clock")} <Time value={run.data.began} /> → <Time value={run.data.ended} />
        </p>
      ) : null}
      <div className={styles.two}>{run.data?.people.map((one) => <Way key={one.thing?.id ?? one.customer?.id} one={one} names={names} events={events} nameOf={nameOf} />)}</div>
      {!run.data && !run.isPending && !run.error ? <EmptyState title={t("dry.empty")} hint={t(people ? "dry.emptyHint" : "dry.emptyThing")} /> : null}
    </>
  );
}

/** A draft tried with a few people on a movable clock; nothing leaves and nothing stays. */
export function DryRunPage() {
  const { flowId = "" } = useParams();
  const { t } = useTranslation("steer");
  return (
    <FlowFrame flowId={flowId} title={t("dry.title")} lead={t("dry.lead")}>
      {(flow) => <DryRun flow={flow} />}
    </FlowFrame>
  );
}
