import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Form, InputNumber } from "antd";
import { api, type Schemas } from "@/shared/api";
import { formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import styles from "../steer/Steer.module.css";

type Own = Schemas["LimitsOut"]["own"];

const FIELDS = ["runs_per_hour", "runs_inside", "effects_per_minute", "cost_per_day", "stuck_hours", "steps_per_run"] as const;
/** What the server takes. */
const BOUNDS: Partial<Record<(typeof FIELDS)[number], [number, number]>> = { stuck_hours: [1, 8760], steps_per_run: [20, 50_000] };

/** What a flow (without an id: every flow that has no limits of its own) may not exceed: it is paused, and a warning raised. */
export function Limits({ flowId }: { flowId?: string }) {
  const { t } = useTranslation("steer");
  const can = useCan();
  const told = useTold();
  const client = useQueryClient();
  const path = flowId ? `/flows/${flowId}/limits` : "/flow-alerts/limits";
  const key = flowId ? ["/flows", flowId, "limits"] : ["/flow-alerts/limits"];
  const query = useQuery({ queryKey: key, queryFn: ({ signal }) => api.get<Schemas["LimitsOut"]>(path, undefined, signal) });
  const save = useMutation({
    mutationFn: (next: Own) => api.put(path, next),
    onSuccess: () => {
      told.done(t("limits.saved"));
      void client.invalidateQueries({ queryKey: key });
      if (!flowId) void client.invalidateQueries({ queryKey: ["/flows"] });
    },
    onError: told.failed,
  });
  return (
    <section id="limits" className={`t-card ${styles.sheet}`}>
      <h2>{t(flowId ? "limits.title" : "limits.allTitle")}</h2>
      <p className={styles.lead}>{t(flowId ? "limits.lead" : "limits.allLead")}</p>
      <Loaded query={query}>
        {(found) => (
          <Form<Own> layout="vertical" initialValues={found.own} disabled={!can("flow.publish")} onFinish={(next) => save.mutate(next)}>
            <div className={styles.figures}>
              {FIELDS.map((field) => (
                <Form.Item key={field} name={field} label={t(`limits.${field}`)}>
                  <InputNumber min={BOUNDS[field]?.[0] ?? 1} max={BOUNDS[field]?.[1] ?? 2_000_000_000} precision={0} style={{ width: "100%" }} placeholder={formatNumber(found.effective[field] ?? 0)} />
                </Form.Item>
              ))}
            </div>
            <Button htmlType="submit" loading={save.isPending}>
              {t("limits.save")}
            </Button>
          </Form>
        )}
      </Loaded>
    </section>
  );
}
