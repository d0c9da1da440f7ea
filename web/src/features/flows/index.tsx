import { addWords } from "@/shared/i18n";
import en from "./en.json";
import steerEn from "./steer/en.json";
import steerZh from "./steer/zh.json";
import zh from "./zh.json";

addWords("flows", { zh, en });
addWords("steer", { zh: steerZh, en: steerEn });

export { FlowListPage } from "./FlowListPage";
export { FlowPage } from "./FlowPage";
export { RunPage } from "./RunPage";
export { AlertsPage } from "./alerts/AlertsPage";
export { SteerPage } from "./alerts/SteerPage";
export { BacktestPage } from "./backtest/BacktestPage";
export { DrawsPage } from "./draws/DrawsPage";
export { DryRunPage } from "./dryrun/DryRunPage";
export { ResultsPage } from "./results/ResultsPage";
export { StoreFlowsPage } from "./stores/StoreFlowsPage";
export { StoreSettingsPage } from "./stores/StoreSettingsPage";
export { WhyPage } from "./why/WhyPage";
