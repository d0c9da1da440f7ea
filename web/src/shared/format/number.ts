import type { Language } from "@/shared/i18n";

/** Amounts travel as decimal text so that no binary float ever touches money. */
export interface Amount {
  amount: string;
  currency: string;
}

const symbols: Record<string, string> = { CNY: "¥", USD: "$", EUR: "€", HKD: "HK$" };

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** `-1234.5` -> `-¥1,234.50`; works on the text, never through a float. */
export function formatMoney(amount: string | number, currency = "CNY"): string {
  const text = typeof amount === "number" ? amount.toFixed(2) : amount.trim();
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (!match) return text;
  const [, sign = "", whole = "0", fraction = ""] = match;
  const cents = (fraction + "00").slice(0, Math.max(2, fraction.replace(/0+$/, "").length));
  return `${sign}${symbols[currency] ?? `${currency} `}${group(whole)}.${cents}`;
}

export function formatNumber(value: number | string, digits = 0): string {
  const number = typeof value === "string" ? Number(value) : value;
  if (!Number.isFinite(number)) return String(value);
  return number.toLocaleString("en-US", { maximumFractionDigits: digits });
}

export function formatPercent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)}%`;
}

/** For places with no room for the full figure, which the caller shows on hover: 1.2 wan in Chinese, 12K in English. */
export function formatShort(value: number, language: Language): string {
  if (Math.abs(value) < 1e4) return formatNumber(value, 1);
  return new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-US", { notation: "compact", maximumFractionDigits: 1 }).format(value);
}
