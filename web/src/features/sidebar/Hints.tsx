import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Space } from "antd";
import { api, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { refreshShown, useScript } from "./useDesk";

/** What flows suggest to say to her, first on the page (F02). */
export function Hints({ customer, hints }: { customer: string; hints: Schemas["Hint"][] }) {
  const { t } = useTranslation("sidebar");
  const told = useTold();
  const use = useScript(customer);
  const away = useMutation({ mutationFn: (id: string) => api.delete(`/sidebar/customers/${customer}/hints/${id}`), onSuccess: () => refreshShown(customer), onError: told.failed });
  return hints.map((one) => (
    <Alert
      key={one.id}
      type="info"
      showIcon
      style={{ marginBottom: 8 }}
      title={t("hint.title")}
      description={
        <>
          <p style={{ whiteSpace: "pre-wrap", margin: "4px 0" }}>{one.text}</p>
          {one.missing.length > 0 ? <p className="t-faint">{t("hint.missing")}</p> : null}
          <Space>
            <Button size="small" type="primary" loading={use.isPending} onClick={() => use.mutate(one.script_id)}>
              {t("hint.use")}
            </Button>
            <Button size="small" onClick={() => away.mutate(one.id)}>
              {t("hint.away")}
            </Button>
          </Space>
        </>
      }
    />
  ));
}
