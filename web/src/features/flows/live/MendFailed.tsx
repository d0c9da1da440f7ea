import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Space } from "antd";
import { api } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { flowKey } from "../api";

/** What to do with everybody who failed, once the cause is mended. */
export function MendFailed({ flowId, failed }: { flowId: string; failed: number }) {
  const { t } = useTranslation("flows");
  const told = useTold();
  const client = useQueryClient();
  const mend = useMutation({
    mutationFn: (how: "retry" | "skip") => api.post(`/flows/${flowId}/${how}-failed`, how === "skip" ? { port: 0 } : {}),
    onSuccess: async (_answer, how) => {
      told.done(t(how === "retry" ? "people.retryDone" : "people.skipDone"));
      await client.invalidateQueries({ queryKey: flowKey(flowId) });
    },
    onError: told.failed,
  });
  return (
    <Space wrap>
      <Button size="small" loading={mend.isPending} onClick={() => mend.mutate("retry")}>
        {t("watch.retryAll", { count: failed })}
      </Button>
      <Popconfirm title={t("watch.skipAllAsk", { count: failed })} description={t("watch.skipAllMeans")} okText={t("watch.skipAll")} onConfirm={() => mend.mutate("skip")}>
        <Button size="small" disabled={mend.isPending}>
          {t("watch.skipAll")}
        </Button>
      </Popconfirm>
    </Space>
  );
}
