import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Space } from "antd";
import { useState } from "react";
import { api, type Schemas } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useLanguage, useSay, useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import { spoken } from "../live/spoken";
import type { Flow } from "../api";
import { useCalled } from "../useCalled";
import { PeopleBehind, type Behind } from "../steer/PeopleBehind";
import styles from "../steer/Steer.module.css";

type Causes = Schemas["CausesOut"];
type Cause = Causes["causes"][number];

function sameMinute(one: Cause): boolean {
  return one.first_at.slice(0, 16) === one.last_at.slice(0, 16);
}

interface CauseProps {
  cause: Cause;
  /** Who failed where, in words. */
  title: string;
  mending: boolean;
  onWho: () => void;
  onMend: (how: "retry" | "skip", port?: number, way?: string) => void;
}

function CauseLine({ cause, title, mending, onWho, onMend }: CauseProps) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const language = useLanguage();
  const can = useCan();
  const ways = cause.ports.map((port, index) => ({ key: port.name, label: t("failures.by", { port: say(port.label) }), onClick: () => onMend("skip", index, say(port.label)) }));
  return (
    <li className={styles.line}>
      <div className={styles.grow}>
        <strong>{title}</strong>
        <span className={styles.fails}>{spoken(cause.reason, language)}</span>
        <span className={styles.small}>
          {sameMinute(cause) ? null : <><Time value={cause.first_at} /> – </>}
          <Time value={cause.last_at} />
        </span>
      </div>
      <Space wrap>
        <Button size="small" onClick={onWho}>
          {t("failures.who")}
        </Button>
        {can("flow.write") ? (
          <>
            <Button size="small" loading={mending} onClick={() => onMend("retry")}>
              {t("failures.retry")}
            </Button>
            <Dropdown menu={{ items: ways }} trigger={["click"]}>
              <Button size="small">{t("failures.skip")}</Button>
            </Dropdown>
          </>
        ) : null}
      </Space>
    </li>
  );
}

/** Failed runs by cause; each cause is tried again or skipped as a whole. */
export function Failures({ flow }: { flow: Flow }) {
  const flowId = flow.id;
  const { block: nameOf } = useCalled(flow.draft);
  const { t } = useTranslation("steer");
  const told = useTold();
  const { modal } = App.useApp();
  const [behind, setBehind] = useState<Behind | null>(null);
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["/flows", flowId, "failures"], queryFn: ({ signal }) => api.get<Causes>(`/flows/${flowId}/failures`, undefined, signal), staleTime: 0 });
  // What is mended in the background leaves the list as it goes.
  useLive([`flow:${flowId}`, "clock"], () => void query.refetch());
  const mend = useMutation({
    mutationFn: ({ one, how, port }: { one: Cause; how: "retry" | "skip"; port: number }) => api.post(`/flows/${flowId}/failures/mend`, { block: one.block, reason: one.reason, how, port }),
    onSuccess: () => {
      told.done(t("failures.begun"));
      void client.invalidateQueries({ queryKey: ["/flows", flowId] });
    },
    onError: told.failed,
  });
  const titleOf = (one: Cause) => t("failures.count", { n: formatNumber(one.n), block: nameOf(one.block, one.block_label) });
  const ask = (one: Cause, how: "retry" | "skip", port = 0, way = "") =>
    modal.confirm({
      title: t(`failures.ask.${how}`, { count: one.n, block: nameOf(one.block, one.block_label), way }),
      content: t(`failures.means.${how}`),
      okText: t(`failures.${how}`),
      cancelText: t("failures.keep"),
      onOk: () => mend.mutateAsync({ one, how, port }).catch(() => undefined),
    });
  return (
    <section id="failures" className={`t-card ${styles.sheet}`}>
      <h2>{t("failures.title")}</h2>
      <Loaded query={query}>
        {(found) =>
          found.causes.length === 0 ? (
            <EmptyState compact title={t("failures.none")} />
          ) : (
            <ul className="t-plain">
              {found.causes.map((one) => (
                <CauseLine
                  key={one.block + one.reason}
                  cause={one}
                  title={titleOf(one)}
                  mending={mend.isPending && mend.variables.one === one}
                  onWho={() => setBehind({ title: titleOf(one), path: `/flows/${flowId}/people`, params: { block: one.block, state: "failed" }, real: true })}
                  onMend={(how, port, way) => ask(one, how, port, way)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      {behind ? <PeopleBehind behind={behind} onClose={() => setBehind(null)} /> : null}
    </section>
  );
}
