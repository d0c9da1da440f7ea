import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("contact", { zh, en });

export { LiveCodePage } from "./LiveCodePage";
export { LiveCodesPage } from "./LiveCodesPage";
export { WelcomesPage } from "./WelcomesPage";
