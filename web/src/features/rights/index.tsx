import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("rights", { zh, en });

export { ConsentsPage } from "./ConsentsPage";
export { RightsPage } from "./RightsPage";
