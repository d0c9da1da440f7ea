import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("sending", { zh, en });

export { MassSendPage } from "./MassSendPage";
export { MassSendsPage } from "./MassSendsPage";
