import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("flows", { zh, en });

export { FlowListPage } from "./FlowListPage";
export { FlowPage } from "./FlowPage";
export { RunPage } from "./RunPage";
