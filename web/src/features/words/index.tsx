import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("words", { zh, en });

export { WordsPage } from "./WordsPage";
