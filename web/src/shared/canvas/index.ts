export * from "./model";
export * from "./edits";
export * from "./clipboard";
export * from "./layout";
export * from "./checks";
export * from "./diff";
export * as history from "./history";
export type { History } from "./history";
