import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("leads", { zh, en });

export { LeadsPage } from "./LeadsPage";
