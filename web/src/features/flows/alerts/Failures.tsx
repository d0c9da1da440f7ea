import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown, Space } from "antd";
import { api, type Schemas } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useLanguage, useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import { spoken } from "../live/spoken";
import type { Flow } from "../api";
import { useCalled } from "../useCalled";
import styles from "../steer/Steer.module.css";

type Causes = Schemas["CausesOut"];
type Cause = Causes["causes"][number];

/** Failed runs by cause; each cause is tried again or skipped as a whole. */
export function Failures({ flow }: { flow: Flow }) {
  const flowId = flow.id;
  const { block: nameOf } = useCalled(flow.draft);
  const { t } = useTranslation("steer");
  const say = useSay();
  const language = useLanguage();
  const can = useCan();
  const told = useTold();
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["/flows", flowId, "failures"], queryFn: ({ signal }) => api.get<Causes>(`/flows/${flowId}/failures`, undefined, signal), staleTime: 0 });
  const mend = useMutation({
    mutationFn: ({ one, how, port }: { one: Cause; how: "retry" | "skip"; port: number }) => api.post(`/flows/${flowId}/failures/mend`, { block: one.block, reason: one.reason, how, port }),
    onSuccess: () => {
      told.done(t("failures.begun"));
      void client.invalidateQueries({ queryKey: ["/flows", flowId] });
    },
    onError: told.failed,
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
                      <Time value={one.first_at} /> – <Time value={one.last_at} />
                    </span>
                  </div>
                  {can("flow.write") ? (
                    <Space>
                      <Button size="small" onClick={() => mend.mutate({ one, how: "retry", port: 0 })}>
                        {t("failures.retry")}
                      </Button>
                      <Dropdown menu={{ items: one.ports.map((port, index) => ({ key: port.name, label: t("failures.by", { port: say(port.label) }), onClick: () => mend.mutate({ one, how: "skip", port: index }) })) }} trigger={["click"]}>
                        <Button size="small">{t("failures.skip")}</Button>
                      </Dropdown>
                    </Space>
                  ) : null}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}
