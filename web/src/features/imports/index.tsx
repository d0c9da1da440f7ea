import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("imports", { zh, en });

export { ImportListPage } from "./ImportListPage";
export { ImportPage } from "./ImportPage";
