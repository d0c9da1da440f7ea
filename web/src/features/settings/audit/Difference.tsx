import { Tag } from "antd";
import type { ReactNode } from "react";
import { formatTime } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useMe } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import type { AuditLine } from "../types";
import styles from "../Settings.module.css";

const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const CODE = /^[a-z][a-z_]*$/;

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function useShown(names: Record<string, string>): (value: unknown, other: unknown) => ReactNode {
  const { t } = useTranslation("settings");
  const { zone } = useMe().tenant;
  const text = (value: unknown): string => {
    if (value === null || value === undefined || value === "") return t("audit.empty");
    if (typeof value === "boolean") return t(value ? "shared:word.yes" : "shared:word.no");
    if (typeof value !== "string") return JSON.stringify(value, null, 1);
    if (names[value]) return names[value];
    if (MOMENT.test(value)) return formatTime(value, zone);
    return CODE.test(value) ? t(`audit.value.${value}`, { defaultValue: t(`shared:source.${value}`, { defaultValue: value }) }) : value;
  };
  return (value, other) => {
    if (!Array.isArray(value)) return text(value);
    // Of a list only what came or went matters; what stayed is counted.
    const before = Array.isArray(other) ? other : [];
    const changed = value.filter((one) => !before.some((was) => same(was, one)));
    const kept = value.length - changed.length;
    return (
      <>
        {changed.map((one) => (
          <Tag key={JSON.stringify(one)}>{typeof one === "object" && one !== null ? Object.values(one as object).map(text).join(" · ") : text(one)}</Tag>
        ))}
        {kept > 0 ? <span className="t-faint">{t("audit.kept", { count: kept })}</span> : null}
      </>
    );
  };
}

/** Only what differs; a thing that was made or taken away shows everything it had. */
export function Difference({ line }: { line: AuditLine }) {
  const { t } = useTranslation("settings");
  const shown = useShown(line.names);
  const before = line.before ?? {};
  const after = line.after ?? {};
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !same(before[key], after[key]));
  if (keys.length === 0) return <EmptyState compact title={t("audit.noChange")} />;
  return (
    <table className={styles.diff}>
      <thead>
        <tr>
          <th scope="col" style={{ width: "24%" }}>
            {t("audit.field")}
          </th>
          {line.before ? <th scope="col">{t("audit.before")}</th> : null}
          {line.after ? <th scope="col">{t("audit.after")}</th> : null}
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key}>
            <th scope="row">{t(`audit.fieldName.${key}`, { defaultValue: t(`shared:field.${key}`, { defaultValue: key.replaceAll("_", " ") }) })}</th>
            {line.before ? <td className={key in before ? styles.before : undefined}>{key in before ? shown(before[key], after[key]) : null}</td> : null}
            {line.after ? <td className={key in after ? styles.after : undefined}>{key in after ? shown(after[key], before[key]) : null}</td> : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
