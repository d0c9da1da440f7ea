import { DatePicker, Input, Radio, Space } from "antd";
import dayjs from "dayjs";
import { useBusinessNow } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import type { Running } from "../api";
import type { Window } from "./api";

interface Props {
  value: Window | null;
  onChange: (value: Window | null) => void;
}

const ENTERING: Window["at_start"][] = ["stay", "move"];
const LEAVING: Running[] = ["stay", "move", "leave"];

/** What becomes of those inside: one of a few ways. */
function InsideChoice<Way extends Running>({ label, ways, told, value, onChange }: { label: string; ways: readonly Way[]; told: (way: Way) => string; value: Way; onChange: (way: Way) => void }) {
  return (
    <Space wrap>
      <span>{label}</span>
      <Radio.Group aria-label={label} value={value} onChange={(event) => onChange(event.target.value as Way)}>
        {ways.map((one) => (
          <Radio key={one} value={one}>
            {told(one)}
          </Radio>
        ))}
      </Radio.Group>
    </Space>
  );
}

/** For good, or for a window after which the everyday version is current again by itself. */
export function WindowFields({ value, onChange }: Props) {
  const { t } = useTranslation("flows");
  const now = useBusinessNow();
  const open = () => onChange({ name: "", starts_at: dayjs(now).add(1, "hour").startOf("hour").toISOString(), ends_at: dayjs(now).add(3, "day").endOf("day").startOf("minute").toISOString(), at_start: "stay", at_end: "stay" });
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0, display: "grid", gap: 8 }}>
      <Radio.Group aria-label={t("variant.howLong")} value={value !== null} onChange={(event) => (event.target.value === true ? open() : onChange(null))}>
        <Radio value={false}>{t("variant.forGood")}</Radio>
        <Radio value={true}>{t("variant.forTime")}</Radio>
      </Radio.Group>
      {value ? (
        <>
          <Input autoFocus aria-label={t("variant.name")} placeholder={t("variant.name")} maxLength={100} value={value.name} onChange={(event) => onChange({ ...value, name: event.target.value })} />
          <DatePicker.RangePicker
            showTime={{ format: "HH:mm" }}
            format="YYYY-MM-DD HH:mm"
            aria-label={t("variant.window")}
            disabledDate={(day) => day.endOf("day").isBefore(now)}
            value={[value.starts_at ? dayjs(value.starts_at) : null, value.ends_at ? dayjs(value.ends_at) : null]}
            onChange={(range) => onChange({ ...value, starts_at: range?.[0]?.toISOString() ?? "", ends_at: range?.[1]?.toISOString() ?? "" })}
          />
          <InsideChoice label={t("variant.atStart")} ways={ENTERING} told={(way) => t(`variant.first.${way}`)} value={value.at_start} onChange={(way) => onChange({ ...value, at_start: way })} />
          <InsideChoice label={t("variant.atEnd")} ways={LEAVING} told={(way) => t(`variant.then.${way}`)} value={value.at_end} onChange={(way) => onChange({ ...value, at_end: way })} />
        </>
      ) : null}
    </fieldset>
  );
}
