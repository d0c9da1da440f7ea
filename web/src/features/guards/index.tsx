import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("guards", { zh, en });

export { FlowLimitsPage } from "./FlowLimitsPage";
export { FlowSecretsPage } from "./FlowSecretsPage";
export { WorkersPage } from "./WorkersPage";
