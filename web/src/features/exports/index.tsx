import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("exports", { zh, en });

export { ExportsPage } from "./ExportsPage";
