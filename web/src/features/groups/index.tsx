import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("groups", { zh, en });

export { GroupCodesPage } from "./GroupCodesPage";
export { GroupPage } from "./GroupPage";
export { GroupsPage } from "./GroupsPage";
