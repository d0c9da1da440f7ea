import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("intake", { zh, en });

export { HealthPage } from "./HealthPage";
export { QuarantinePage } from "./QuarantinePage";
export { SourcesPage } from "./SourcesPage";
