export { Chart } from "./Chart";
export { axes } from "./axes";
