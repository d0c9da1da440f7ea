import { useQuery } from "@tanstack/react-query";
import { Checkbox } from "antd";
import { api, type Page } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { Loaded } from "@/shared/states";
import type { Permission } from "./types";
import styles from "./Settings.module.css";

export function usePermissions() {
  return useQuery({ queryKey: ["/permissions"], queryFn: ({ signal }) => api.get<Page<Permission>>("/permissions", undefined, signal), staleTime: 10 * 60_000 });
}

/** `*` holds everything, `customer.*` all of its area. */
export function holds(held: readonly string[], name: string): boolean {
  return held.includes(name) || held.includes("*") || held.includes(`${name.split(".")[0] ?? ""}.*`);
}

function byArea(permissions: readonly Permission[]): [string, Permission[]][] {
  const areas = new Map<string, Permission[]>();
  for (const one of permissions) areas.set(one.area, [...(areas.get(one.area) ?? []), one]);
  return [...areas.entries()];
}

/** One row per area, one box per right. Wildcards show as their boxes and become plain names once something changes. */
export function PermissionMatrix({ value = [], onChange, disabled = false }: { value?: readonly string[]; onChange?: (value: string[]) => void; disabled?: boolean }) {
  const { t } = useTranslation("settings");
  const say = useSay();
  const query = usePermissions();
  return (
    <Loaded query={query}>
      {({ items }) => {
        const held = items.filter((one) => holds(value, one.name)).map((one) => one.name);
        const toggle = (names: string[], on: boolean) => onChange?.(on ? [...new Set([...held, ...names])] : held.filter((name) => !names.includes(name)));
        return (
          <div className={styles.matrix}>
            {byArea(items).map(([area, permissions]) => {
              const names = permissions.map((one) => one.name);
              const count = names.filter((name) => held.includes(name)).length;
              return (
                <div key={area} role="group" aria-label={t(`roles.area.${area}`, { defaultValue: area })} className={styles.area}>
                  <div className={styles.areaName}>
                    <Checkbox disabled={disabled} checked={count === names.length} indeterminate={count > 0 && count < names.length} onChange={(event) => toggle(names, event.target.checked)}>
                      {t(`roles.area.${area}`, { defaultValue: area })}
                    </Checkbox>
                  </div>
                  <div className={styles.rights}>
                    {permissions.map((one) => (
                      <Checkbox key={one.name} disabled={disabled} checked={held.includes(one.name)} onChange={(event) => toggle([one.name], event.target.checked)}>
                        {say(one.label)}
                      </Checkbox>
                    ))}
                  </div>
                </div>
              );
            })}
          </div>
        );
      }}
    </Loaded>
  );
}
