import { useQuery } from "@tanstack/react-query";
import { Button, Steps, Tag, Timeline } from "antd";
import { Link, useParams } from "react-router";
import { api, usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { ErrorState, Loaded } from "@/shared/states";
import { ThingForm } from "./ThingForm";
import styles from "./Things.module.css";
import { useKind } from "./useKind";

type Kind = Schemas["ThingTypeOut"];
type Row = Schemas["ThingRow"];
type Happened = Schemas["ThingEvent"];
type Run = Schemas["RunLine"];

function stageOf(kind: Kind, name: unknown) {
  return kind.stages.find((one) => one.name === name);
}

/** How far it is: its stages in order, the present one marked. */
function Progress({ kind, row }: { kind: Kind; row: Row }) {
  const say = useSay();
  if (kind.stages.length === 0) return null;
  return <Steps size="small" current={kind.stages.findIndex((one) => one.name === row.stage)} items={kind.stages.map((one) => ({ title: say(one.label) }))} />;
}

function History({ kind, row }: { kind: Kind; row: Row }) {
  const { t } = useTranslation("things");
  const say = useSay();
  const events = usePages<Happened>(`/things/${kind.name}/${row.id}/events`);
  const items = events.items.map((one) => {
    const stage = one.type.endsWith(".stage_changed") ? stageOf(kind, one.payload.stage) : undefined;
    return { key: one.id, content: <>{say(one.label)} {stage ? <strong>{say(stage.label)}</strong> : null} <Time value={one.at} /></> };
  });
  return (
    <section className={styles.part}>
      <h2>{t("history")}</h2>
      {events.error ? <ErrorState compact error={events.error} onRetry={() => void events.refetch()} /> : null}
      <Timeline items={items} />
      {events.hasNextPage ? <Button onClick={() => void events.fetchNextPage()}>{t("more")}</Button> : null}
    </section>
  );
}

/** The flows it went through, the last first. */
function Runs({ kind, row }: { kind: Kind; row: Row }) {
  const { t } = useTranslation("things");
  const say = useSay();
  const runs = usePages<Run>(`/subjects/${kind.name}/${row.id}/runs`);
  return (
    <section className={styles.part}>
      <h2>{t("runs")}</h2>
      {runs.error ? <ErrorState compact error={runs.error} onRetry={() => void runs.refetch()} /> : null}
      {runs.items.length === 0 && !runs.isPending && !runs.error ? <p className="t-faint">{t("noRuns")}</p> : null}
      <ul className="t-plain">
        {runs.items.map((one) => (
          <li key={one.id} className={styles.line}>
            <Link to={`/runs/${one.id}`}>{one.flow.name}</Link>
            {one.block_label ? <span>{say(one.block_label)}</span> : null}
            <Tag>{t(`runState.${one.state}`, { defaultValue: one.state })}</Tag>
            <Time value={one.entered_at} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One thing: how far it is, what is known of it, what happened to it, and the flows it is in. */
export function ThingPage() {
  const { type = "", thingId = "" } = useParams();
  const { t } = useTranslation("things");
  const say = useSay();
  const kind = useKind(type).data;
  const query = useQuery({ queryKey: [`/things/${type}`, thingId], queryFn: ({ signal }) => api.get<Row>(`/things/${type}/${thingId}`, undefined, signal) });
  const crumbs = [
    { label: t("title"), to: "/things" },
    { label: kind ? say(kind.label) : type, to: `/things/${type}` },
  ];
  return (
    <Page title={query.data ? query.data.title || query.data.number : t("title")} crumbs={crumbs}>
      <Loaded query={query}>
        {(row) =>
          kind ? (
            <div className={styles.sheet}>
              <div className={`t-card ${styles.wide}`}>
                <Progress kind={kind} row={row} />
                <p className="t-faint">
                  {t("number")} <code>{row.number}</code> · {t("stageSince")} <Time value={row.stage_at} />
                </p>
              </div>
              <div className={`t-card ${styles.part}`}>
                <ThingForm key={row.updated_at} kind={kind} row={row} onDone={() => void query.refetch()} />
              </div>
              <div className={`t-card ${styles.part}`}>
                <Runs kind={kind} row={row} />
                <History key={row.updated_at} kind={kind} row={row} />
              </div>
            </div>
          ) : null
        }
      </Loaded>
    </Page>
  );
}
