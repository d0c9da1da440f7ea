export { Chart } from "./Chart";
export { axes, dailyCounts } from "./axes";
export { FunnelChart, leaks, worst, type FunnelStep } from "./FunnelChart";
