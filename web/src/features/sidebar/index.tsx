import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("sidebar", { zh, en });

export { SidebarPage } from "./SidebarPage";
