import { Button } from "antd";
import { useNavigate } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";

/** Nothing here works before WeCom is connected: says so, and leads there whoever may go. */
export function NoAccount({ hint }: { hint: string }) {
  const { t } = useTranslation("contact");
  const can = useCan();
  const navigate = useNavigate();
  const connect = can("source.read") ? (
    <Button type="primary" onClick={() => void navigate("/connectors")}>
      {t("codes.connect")}
    </Button>
  ) : null;
  return <EmptyState title={t("codes.noAccountTitle")} hint={hint} action={connect} />;
}
