import { Tag, Tooltip } from "antd";
import { useTranslation } from "@/shared/i18n";
import type { LiveCode } from "./types";

/** Who gets the code's friends now, or why nobody does. */
export function Standing({ code }: { code: LiveCode }) {
  const { t } = useTranslation("contact");
  if (code.archived) return <Tag>{t("codes.archived")}</Tag>;
  if (code.where === "stuck")
    return (
      <Tooltip title={code.problem}>
        <Tag color="error">{t("codes.stuck")}</Tag>
      </Tooltip>
    );
  if (code.where === "making") return <Tag color="processing">{t("codes.making")}</Tag>;
  const now = code.seats.filter((one) => one.now).map((one) => one.name);
  const shown = now.slice(0, 3).join(t("comma")) + (now.length > 3 ? t("codes.andMore", { n: now.length }) : "");
  if (code.reason === "nobody")
    return (
      <Tooltip title={t("codes.nobodyHint", { names: shown })}>
        <Tag color="warning">{t("codes.nobody")}</Tag>
      </Tooltip>
    );
  return (
    <>
      {shown} {code.reason === "backup" ? <Tag color="gold">{t("codes.backup")}</Tag> : null}
    </>
  );
}
