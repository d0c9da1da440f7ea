import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("login", { zh, en });

export { ArrivalPage } from "./ArrivalPage";
export { LoginPage } from "./LoginPage";
export { TryPage } from "./TryPage";
