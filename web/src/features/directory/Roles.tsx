import { Tag } from "antd";
import { useSay, useTranslation } from "@/shared/i18n";
import type { Holding } from "./types";

const key = (one: Holding) => `${one.role_id}${one.scope}${one.org_unit_name ?? ""}`;

/** What of somebody's roles is given and taken: the rest stays and is not repeated. Who holds none afterwards is said to see nothing. */
export function Roles({ before, after }: { before: readonly Holding[]; after: readonly Holding[] }) {
  const { t } = useTranslation("directory");
  const say = useSay();
  const [had, has] = [new Set(before.map(key)), new Set(after.map(key))];
  const words = (one: Holding) => `${say(one.role_name)} · ${one.org_unit_name ?? t(`reach.${one.scope}`)}`;
  const given = after.filter((one) => !had.has(key(one)));
  const taken = before.filter((one) => !has.has(key(one)));
  const told = [...given.map((one) => `+ ${words(one)}`), ...taken.map((one) => `− ${words(one)}`)];
  return (
    <span title={told.join("\n")}>
      {given.map((one) => <Tag key={key(one)} color="success">+ {words(one)}</Tag>)}
      {taken.map((one) => <Tag key={key(one)} color="error">− {words(one)}</Tag>)}
      {after.length === 0 ? <span className="t-quiet">{t("noRoles")}</span> : null}
    </span>
  );
}
