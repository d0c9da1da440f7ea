import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("desk", { zh, en });

export { AdvisersPage } from "./AdvisersPage";
export { MaterialsPage } from "./MaterialsPage";
export { ReferralsPage } from "./ReferralsPage";
