import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("home", { zh, en });

export { HomePage } from "./HomePage";
