export { Chart } from "./Chart";
export { axes } from "./axes";
export { FunnelChart, leaks, worst, type FunnelStep } from "./FunnelChart";
