import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("playbook", { zh, en });

export { PlaybookPage } from "./PlaybookPage";
export { PlaybooksPage } from "./PlaybooksPage";
