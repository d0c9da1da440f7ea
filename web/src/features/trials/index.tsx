import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("trials", { zh, en });

export { TrialsPage } from "./TrialsPage";
