import { formatTime } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useMe } from "@/shared/session";
import type { AuditLine } from "../types";

/** What can be opened, and where. */
const PLACES: Record<string, (id: string) => string> = {
  customer: (id) => `/customers/${id}`,
  flow: (id) => `/flows/${id}`,
  flow_run: (id) => `/runs/${id}`,
  segment: (id) => `/segments/${id}`,
  coupon_template: (id) => `/coupons/${id}`,
  import: (id) => `/imports/${id}`,
  message_template: () => "/messages/templates",
  org_unit: () => "/settings/organisation",
  staff_user: () => "/settings/people",
  staff_role: () => "/settings/roles",
  api_key: () => "/settings/api-keys",
  tag: () => "/tags",
  geofence: () => "/geofences",
};
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function placeOf(line: AuditLine): string | null {
  const place = PLACES[line.entity];
  const isOne = line.entity !== "customer" || UUID.test(line.entity_id);
  return place && isOne ? place(line.entity_id) : null;
}

/** What the thing was called then, else what it is called now. Things with no name of their own stay nameless. */
export function nameOf({ before, after, names, entity, entity_id: id }: AuditLine): string {
  for (const name of [after?.name, before?.name, after?.code, names[id]]) if (typeof name === "string") return name;
  return entity === "tag" || entity === "geofence" ? id : "";
}

/** `Segment` -> `segment`, `API key` as it is. */
function inSentence(noun: string): string {
  return /^[A-Z][a-z]/.test(noun) ? noun.charAt(0).toLowerCase() + noun.slice(1) : noun;
}

/** `flow.published` as a sentence without its subject: what was done to which kind of thing. */
export function useDeed(): (line: Pick<AuditLine, "action" | "entity"> & Partial<Pick<AuditLine, "before" | "after">>) => string {
  const { t } = useTranslation("settings");
  const { zone } = useMe().tenant;
  return ({ action, entity, before, after }) => {
    if (action === "clock.moved" && typeof before?.at === "string" && typeof after?.at === "string") {
      return t("audit.deed.clock_moved_between", { from: formatTime(before.at, zone), to: formatTime(after.at, zone) });
    }
    const verb = action.slice(action.indexOf(".") + 1);
    const thing = inSentence(t(`audit.entity.${entity}`, { defaultValue: t("audit.entity.other") }));
    return t(`audit.deed.${action.replace(".", "_")}`, { defaultValue: t("audit.did", { verb: t(`audit.verb.${verb}`, { defaultValue: t("audit.verb.changed") }), thing }) });
  };
}
