import { Tooltip } from "antd";
import { useContext } from "react";
import { useLanguage, useTranslation } from "@/shared/i18n";
import { MeContext } from "@/shared/session";
import { BusinessNowContext, useClockMoved } from "./businessNow";
import { formatMoney, formatNumber, formatPercent, formatShort, type Amount } from "./number";
import { formatDate, formatRelative, formatTime } from "./time";

function Missing() {
  const { t } = useTranslation("shared");
  return <span className="t-faint">{t("word.missing")}</span>;
}

interface TimeProps {
  value: string | null | undefined;
  only?: "date";
  /**
   * What happens to customers, orders and runs has business time. Who changed a setting, a template or a flow, sessions, keys, imports and the
   * audit trail live by the machine's clock, which no demo moves.
   */
  clock?: "business" | "machine";
}

/** Behind the lead of a list that lives by the machine's clock, once a demo has moved its own; Chinese sentences follow one another without a space. */
export function MachineTimeHint() {
  const { t } = useTranslation("shared");
  const language = useLanguage();
  return useClockMoved() ? <>{(language === "zh" ? "" : " ") + t("time.machineLead")}</> : null;
}

/** A point in time in the tenant's zone; how long ago or ahead on hover. */
export function Time({ value, only, clock = "business" }: TimeProps) {
  const me = useContext(MeContext);
  const now = useContext(BusinessNowContext);
  const moved = useClockMoved();
  const { t } = useTranslation("shared");
  const language = useLanguage();
  if (!value) return <Missing />;
  const zone = me?.tenant.zone ?? "Asia/Shanghai";
  const text = only === "date" ? formatDate(value, zone) : formatTime(value, zone);
  const ago = formatRelative(value, (clock === "business" ? now : null) ?? new Date(), language);
  return (
    <Tooltip title={clock === "machine" && moved ? `${ago} · ${t("time.machine")}` : ago}>
      <time dateTime={value} className="t-num">
        {text}
      </time>
    </Tooltip>
  );
}

/** `waiting`: so many orders in another currency have no rate yet and are not in the sum; a nothing made of them is not told as nothing. */
export function Money({ value, currency, waiting = 0 }: { value: Amount | string | number | null | undefined; currency?: string; waiting?: number }) {
  const me = useContext(MeContext);
  const { t } = useTranslation("shared");
  if (waiting > 0) {
    const none = value === null || value === undefined || Number(typeof value === "object" ? value.amount : value) === 0;
    return (
      <Tooltip title={t("money.waitingHint", { count: waiting })}>
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what it says on hover must be reachable without a mouse */}
        <span tabIndex={0}>
          {none ? null : <Money value={value} {...(currency === undefined ? {} : { currency })} />} <span className="t-faint">{t(none ? "money.waiting" : "money.waitingToo")}</span>
        </span>
      </Tooltip>
    );
  }
  if (value === null || value === undefined) return <Missing />;
  const amount = typeof value === "object" ? value.amount : value;
  const unit = typeof value === "object" ? value.currency : (currency ?? me?.tenant.currency ?? "CNY");
  return <span className="t-num">{formatMoney(amount, unit)}</span>;
}

export function Num({ value, digits = 0, short = false }: { value: number | string | null | undefined; digits?: number; short?: boolean }) {
  const language = useLanguage();
  if (value === null || value === undefined) return <Missing />;
  const full = formatNumber(value, digits);
  if (!short) return <span className="t-num">{full}</span>;
  const brief = formatShort(Number(value), language);
  if (brief === full) return <span className="t-num">{full}</span>;
  return (
    <Tooltip title={full}>
      <span className="t-num">{brief}</span>
    </Tooltip>
  );
}

export function Percent({ value, digits = 1 }: { value: number | null | undefined; digits?: number }) {
  if (value === null || value === undefined) return <Missing />;
  return <span className="t-num">{formatPercent(value, digits)}</span>;
}
