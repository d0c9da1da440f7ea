import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("things", { zh, en });

export { ThingPage } from "./ThingPage";
export { ThingsPage } from "./ThingsPage";
export { ThingTypesPage } from "./ThingTypesPage";
