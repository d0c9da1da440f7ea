import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, InputNumber, Select, Tooltip } from "antd";
import { useTranslation } from "@/shared/i18n";
import { SHOP_HOURS } from "./hours";
import styles from "./Contact.module.css";
import type { Adviser, Hours, Seat } from "./types";

interface Props {
  value?: Seat[];
  onChange?: (value: Seat[]) => void;
  advisers: readonly Adviser[];
  single: boolean;
  /** Names of those who are behind the code already, whether or not they are still listed. */
  known?: ReadonlyMap<string, string>;
}

const WEEK = [1, 2, 3, 4, 5, 6, 7];

function HoursRow({ hours, label, onChange, onRemove }: { hours: Hours; label: string; onChange: (hours: Hours) => void; onRemove: () => void }) {
  const { t } = useTranslation("contact");
  return (
    <div className={styles.hours}>
      <Select mode="multiple" showSearch={{ optionFilterProp: "label" }} aria-label={t("seats.days", { name: label })} style={{ minWidth: 220, flex: 1 }} value={hours.days} onChange={(days) => onChange({ ...hours, days })} options={WEEK.map((day) => ({ value: day, label: t(`day.${day}`) }))} />
      <Input type="time" aria-label={t("seats.from", { name: label })} style={{ width: 116 }} value={hours.from} onChange={(event) => onChange({ ...hours, from: event.target.value })} />
      –
      <Input type="time" aria-label={t("seats.until", { name: label })} style={{ width: 116 }} value={hours.until === "24:00" ? "00:00" : hours.until} onChange={(event) => onChange({ ...hours, until: event.target.value === "00:00" ? "24:00" : event.target.value })} />
      <Button type="text" icon={<DeleteOutlined />} aria-label={t("seats.removeHours", { name: label })} onClick={onRemove} />
    </div>
  );
}

function SeatRow({ seat, name, single, onChange, onRemove }: { seat: Seat; name: string; single: boolean; onChange: (seat: Seat) => void; onRemove: () => void }) {
  const { t } = useTranslation("contact");
  const put = (part: Partial<Seat>) => onChange({ ...seat, ...part });
  const hours = (index: number, one: Hours | null) => put({ hours: seat.hours.flatMap((kept, place) => (place !== index ? [kept] : one ? [one] : [])) });
  return (
    <div className={styles.seat}>
      <span>{name}</span>
      {single ? <span /> : <InputNumber aria-label={t("seats.weightOf", { name })} min={1} max={100} precision={0} value={seat.weight} onChange={(weight) => put({ weight: weight ?? 1 })} />}
      {single ? <span /> : <InputNumber aria-label={t("seats.capOf", { name })} min={1} precision={0} placeholder={t("seats.noCap")} value={seat.daily_cap} onChange={(cap) => put({ daily_cap: cap })} />}
      {single ? <span /> : (
        <Checkbox checked={seat.backup} onChange={(event) => put({ backup: event.target.checked })}>
          {t("seats.backup")}
        </Checkbox>
      )}
      <span>
        <Tooltip title={t("seats.addHours")}>
          <Button type="text" icon={<PlusOutlined />} aria-label={t("seats.addHoursOf", { name })} onClick={() => put({ hours: [...seat.hours, SHOP_HOURS] })} />
        </Tooltip>
        <Button type="text" icon={<DeleteOutlined />} aria-label={t("seats.remove", { name })} onClick={onRemove} />
      </span>
      {seat.hours.map((one, index) => (
        <HoursRow key={index} hours={one} label={name} onChange={(changed) => hours(index, changed)} onRemove={() => hours(index, null)} />
      ))}
    </div>
  );
}

/** Who is behind a code: weights, caps, backups and hours of each. */
export function SeatsField({ value = [], onChange, advisers, single, known }: Props) {
  const { t } = useTranslation("contact");
  const name = (member: string) => advisers.find((one) => one.member === member)?.name ?? known?.get(member) ?? member;
  const free = advisers.filter((one) => !one.away && !value.some((seat) => seat.member === one.member));
  const add = (member: string) => {
    const seat: Seat = { member, weight: 1, daily_cap: null, backup: false, hours: [] };
    onChange?.(single ? [seat] : [...value, seat]);
  };
  return (
    <div>
      <Select showSearch={{ optionFilterProp: "label" }} aria-label={t("seats.add")} placeholder={t("seats.add")} style={{ width: "100%" }} value={null} onChange={add} options={free.map((one) => ({ value: one.member, label: one.name }))} notFoundContent={t("seats.none")} />
      {value.length > 0 && !single ? (
        <div className={styles.seat} aria-hidden="true">
          <span className="t-faint">{t("seats.adviser")}</span>
          <span className="t-faint">{t("seats.weight")}</span>
          <span className="t-faint">{t("seats.cap")}</span>
          <span />
          <span />
        </div>
      ) : null}
      {value.map((seat, index) => (
        <SeatRow key={seat.member} seat={seat} single={single} name={name(seat.member)} onChange={(changed) => onChange?.(value.map((kept, place) => (place === index ? changed : kept)))} onRemove={() => onChange?.(value.filter((_, place) => place !== index))} />
      ))}
    </div>
  );
}
