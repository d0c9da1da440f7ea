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
          <Space wrap>
            <span>{t("variant.atStart")}</span>
            <Radio.Group aria-label={t("variant.atStart")} value={value.at_start} onChange={(event) => onChange({ ...value, at_start: event.target.value as Window["at_start"] })}>
              {ENTERING.map((one) => (
                <Radio key={one} value={one}>
                  {t(`variant.first.${one}`)}
                </Radio>
              ))}
            </Radio.Group>
          </Space>
          <Space wrap>
            <span>{t("variant.atEnd")}</span>
            <Radio.Group aria-label={t("variant.atEnd")} value={value.at_end} onChange={(event) => onChange({ ...value, at_end: event.target.value as Running })}>
              {LEAVING.map((one) => (
                <Radio key={one} value={one}>
                  {t(`variant.then.${one}`)}
                </Radio>
              ))}
            </Radio.Group>
          </Space>
        </>
      ) : null}
    </fieldset>
  );
}
