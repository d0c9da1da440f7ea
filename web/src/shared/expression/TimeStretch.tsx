import { DatePicker, Select } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "@/shared/i18n";
import { useBuilder } from "./context";
import { DurationValue } from "./values";
import type { Stretch } from "./window";
import styles from "./Builder.module.css";

type Choice = "any" | "last" | "between" | "since" | "until";
const DAY = "YYYY-MM-DD";

function choiceOf(stretch: Stretch): Choice {
  if (stretch.kind !== "days") return stretch.kind;
  if (stretch.from && stretch.until) return "between";
  return stretch.from ? "since" : "until";
}

/** What a choice starts with; days already given are kept. */
function started(choice: Choice, before: Stretch, today: string): Stretch {
  const days = before.kind === "days" ? before : { from: null, until: null };
  const from = days.from ?? dayjs(days.until ?? today).subtract(29, "day").format(DAY);
  const until = days.until ?? today;
  switch (choice) {
    case "any":
      return { kind: "any" };
    case "last":
      return { kind: "last", span: { amount: "90", unit: "days" } };
    case "between":
      return { kind: "days", from, until: until < from ? from : until };
    case "since":
      return { kind: "days", from, until: null };
    case "until":
      return { kind: "days", from: null, until };
  }
}

interface Props {
  stretch: Stretch;
  /** Whether the set's time is a field that conditions may name; without it there are no dates. */
  dated: boolean;
  onChange: (stretch: Stretch) => void;
}

function Days({ stretch, onChange }: { stretch: Extract<Stretch, { kind: "days" }>; onChange: (stretch: Stretch) => void }) {
  const { t } = useTranslation("expression");
  const { disabled } = useBuilder();
  const { from, until } = stretch;
  if (from && until) {
    return (
      <DatePicker.RangePicker
        allowClear={false}
        disabled={disabled}
        aria-label={t("window")}
        style={{ width: 248 }}
        value={[dayjs(from), dayjs(until)]}
        onChange={(days) => {
          if (days?.[0] && days[1]) onChange({ kind: "days", from: days[0].format(DAY), until: days[1].format(DAY) });
        }}
      />
    );
  }
  return (
    <DatePicker
      allowClear={false}
      disabled={disabled}
      aria-label={t("window")}
      style={{ width: 136 }}
      value={dayjs(from ?? until)}
      onChange={(day) => {
        const text = day?.format(DAY);
        if (text) onChange(from ? { kind: "days", from: text, until: null } : { kind: "days", from: null, until: text });
      }}
    />
  );
}

/** In which stretch of time: any, the last so many days, or days of the calendar. */
export function TimeStretch({ stretch, dated, onChange }: Props) {
  const { t } = useTranslation("expression");
  const { disabled, today } = useBuilder();
  const choices: Choice[] = dated ? ["any", "last", "between", "since", "until"] : ["any", "last"];
  return (
    <span className={styles.joined}>
      <Select<Choice>
        disabled={disabled}
        aria-label={t("window")}
        style={{ width: 132 }}
        popupMatchSelectWidth={false}
        value={choiceOf(stretch)}
        options={choices.map((one) => ({ value: one, label: t(`stretch.${one}`) }))}
        onChange={(next) => onChange(started(next, stretch, today))}
      />
      {stretch.kind === "last" ? <DurationValue value={stretch.span} label={t("stretch.last")} onChange={(span) => onChange({ kind: "last", span })} /> : null}
      {stretch.kind === "days" ? <Days stretch={stretch} onChange={onChange} /> : null}
    </span>
  );
}
