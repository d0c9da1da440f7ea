export { Money, Num, Percent, Time } from "./Values";
export { BusinessNowContext, useBusinessNow } from "./businessNow";
export { formatMoney, formatNumber, formatPercent, formatShort, type Amount } from "./number";
export { dayEnd, dayStart, formatClock, formatDate, formatRelative, formatTime } from "./time";
