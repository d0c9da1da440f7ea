import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("ownership", { zh, en });

export { DisputesPage } from "./DisputesPage";
export { MinePage } from "./MinePage";
export { OwnershipPage } from "./OwnershipPage";
export { PerformancePage } from "./PerformancePage";
