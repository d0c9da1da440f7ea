import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("attending", { zh, en });

export { DeskPage } from "./DeskPage";
export { KnowledgePage } from "./KnowledgePage";
