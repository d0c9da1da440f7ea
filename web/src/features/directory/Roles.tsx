import { Tag } from "antd";
import { useSay, useTranslation } from "@/shared/i18n";
import type { Holding } from "./types";

/** Roles within their scopes; none is said to see nothing. */
export function Roles({ of }: { of: readonly Holding[] }) {
  const { t } = useTranslation("directory");
  const say = useSay();
  if (of.length === 0) return <span className="t-quiet">{t("noRoles")}</span>;
  return (
    <>
      {of.map((one) => (
        <Tag key={`${one.role_id}${one.scope}${one.org_unit_name ?? ""}`}>
          {say(one.role_name)} · {one.org_unit_name ?? t(`reach.${one.scope}`)}
        </Tag>
      ))}
    </>
  );
}
