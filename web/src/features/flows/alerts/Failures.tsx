import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Dropdown, Space } from "antd";
import { useState } from "react";
import { api, type Schemas } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useLanguage, useSay, useTranslation } from "@/shared/i18n";
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

/** What is mended in the background leaves the list as it goes. */
const WATCH_MS = 3_000;

/** Failed runs by cause; each cause is tried again or skipped as a whole. */
export function Failures({ flow }: { flow: Flow }) {
  const flowId = flow.id;
  const { block: nameOf } = useCalled(flow.draft);
  const { t } = useTranslation("steer");
  const say = useSay();
  const language = useLanguage();
  const can = useCan();
  const told = useTold();
  const { modal } = App.useApp();
  const [behind, setBehind] = useState<Behind | null>(null);
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["/flows", flowId, "failures"], queryFn: ({ signal }) => api.get<Causes>(`/flows/${flowId}/failures`, undefined, signal), staleTime: 0, refetchInterval: WATCH_MS });
  const mend = useMutation({
    mutationFn: ({ one, how, port }: { one: Cause; how: "retry" | "skip"; port: number }) => api.post(`/flows/${flowId}/failures/mend`, { block: one.block, reason: one.reason, how, port }),
    onSuccess: () => {
      told.done(t("failures.begun"));
      void client.invalidateQueries({ queryKey: ["/flows", flowId] });
    },
    onError: told.failed,
  });
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
                <li key={one.block + one.reason} className={styles.line}>
                  <div className={styles.grow}>
                    <strong>{t("failures.count", { n: formatNumber(one.n), block: nameOf(one.block, one.block_label) })}</strong>
                    <span className={styles.fails}>{spoken(one.reason, language)}</span>
                    <span className={styles.small}>
                      {sameMinute(one) ? null : <><Time value={one.first_at} /> – </>}
                      <Time value={one.last_at} />
                    </span>
                  </div>
                  <Space wrap>
                    <Button size="small" onClick={() => setBehind({ title: t("failures.count", { n: formatNumber(one.n), block: nameOf(one.block, one.block_label) }), path: `/flows/${flowId}/people`, params: { block: one.block, state: "failed" }, real: true })}>
                      {t("failures.who")}
                    </Button>
                    {can("flow.write") ? (
                    <>
                      <Button size="small" loading={mend.isPending && mend.variables.one === one} onClick={() => ask(one, "retry")}>
                        {t("failures.retry")}
                      </Button>
                      <Dropdown menu={{ items: one.ports.map((port, index) => ({ key: port.name, label: t("failures.by", { port: say(port.label) }), onClick: () => ask(one, "skip", index, say(port.label)) })) }} trigger={["click"]}>
                        <Button size="small">{t("failures.skip")}</Button>
                      </Dropdown>
                    </>
                    ) : null}
                  </Space>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {behind ? <PeopleBehind behind={behind} onClose={() => setBehind(null)} /> : null}
    </section>
  );
}
