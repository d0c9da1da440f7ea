import { useMutation } from "@tanstack/react-query";
import { App, Button } from "antd";
import { api, apiUrl, queryClient } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { ExportLine } from "./types";
import styles from "./Exports.module.css";

/** What one may do with an export now. */
export function ExportActions({ one }: { one: ExportLine }) {
  const { t } = useTranslation("exports");
  const can = useCan();
  const told = useTold();
  const { modal } = App.useApp();
  const act = useMutation({
    mutationFn: (what: "approve" | "refuse" | "cancel") => api.post(`/exports/${one.id}/${what}`),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: ["/exports"] }),
    onError: told.failed,
  });
  const going = one.status === "queued" || one.status === "running" || one.status === "waiting";
  const askApprove = () =>
    void modal.confirm({
      title: t("approveAsk", { who: one.created_by ?? "" }),
      content: (
        <>
          <p>{t("approveReason", { reason: one.reason })}</p>
          <p className="t-faint">{t("approveHint")}</p>
        </>
      ),
      okText: t("approve"),
      onOk: () => act.mutate("approve"),
    });
  if (one.status === "waiting" && !one.mine && can("export.approve"))
    return (
      <span className={styles.actions}>
        <Button size="small" type="primary" loading={act.isPending} onClick={askApprove}>
          {t("approve")}
        </Button>
        <Button size="small" danger onClick={() => act.mutate("refuse")}>
          {t("refuse")}
        </Button>
      </span>
    );
  if (!one.mine) return null;
  return (
    <span className={styles.actions}>
      {one.file ? (
        <Button size="small" type="primary" href={apiUrl(`/exports/${one.id}/file`)}>
          {t("download")}
        </Button>
      ) : null}
      {going || one.file ? (
        <Button size="small" loading={act.isPending} onClick={() => act.mutate("cancel")}>
          {going ? t("cancel") : t("drop")}
        </Button>
      ) : null}
    </span>
  );
}
