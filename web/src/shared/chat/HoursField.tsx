import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useTranslation } from "@/shared/i18n";

export interface ServiceHours {
  days: number[];
  from: string;
  until: string;
}

const WEEK = [1, 2, 3, 4, 5, 6, 7];
const FIRST: ServiceHours = { days: WEEK, from: "09:00", until: "21:00" };

/** Days and times of day on which somebody is there; none: always. A day's end is written 24:00 and shown as midnight. */
export function HoursField({ value = [], onChange, id }: { value?: ServiceHours[]; onChange?: (value: ServiceHours[]) => void; id?: string }) {
  const { t } = useTranslation("shared");
  const put = (place: number, one: ServiceHours | null) => onChange?.(value.flatMap((kept, at) => (at !== place ? [kept] : one ? [one] : [])));
  return (
    <div id={id} style={{ display: "flex", flexDirection: "column", gap: 8 }}>
      {value.map((one, place) => (
        <div key={place} style={{ display: "flex", flexWrap: "wrap", gap: 8, alignItems: "center" }}>
          <Select mode="multiple" aria-label={t("hours.days")} style={{ minWidth: 200, flex: 1 }} value={one.days} onChange={(days: number[]) => put(place, { ...one, days })} options={WEEK.map((day) => ({ value: day, label: t(`hours.day.${day}`) }))} />
          <Input type="time" aria-label={t("hours.from")} style={{ width: 116 }} value={one.from} onChange={(event) => put(place, { ...one, from: event.target.value })} />–
          <Input type="time" aria-label={t("hours.until")} style={{ width: 116 }} value={one.until === "24:00" ? "00:00" : one.until} onChange={(event) => put(place, { ...one, until: event.target.value === "00:00" ? "24:00" : event.target.value })} />
          <Button type="text" icon={<DeleteOutlined />} aria-label={t("hours.remove")} onClick={() => put(place, null)} />
        </div>
      ))}
      <div>
        <Button size="small" icon={<PlusOutlined />} disabled={value.length >= 14} onClick={() => onChange?.([...value, FIRST])}>
          {t("hours.add")}
        </Button>
        {value.length === 0 ? <span className="t-faint"> {t("hours.always")}</span> : null}
      </div>
    </div>
  );
}
