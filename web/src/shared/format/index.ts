export { MachineTimeHint, Money, Num, Percent, Time } from "./Values";
export { BusinessNowContext, useBusinessNow, useClockMoved } from "./businessNow";
export { shortId } from "./id";
export { useChannelName, useSourceName } from "./source";
export { formatMoney, formatNumber, formatPercent, formatShort, type Amount } from "./number";
export { dayEnd, dayStart, formatClock, formatDate, formatRelative, formatTime } from "./time";
