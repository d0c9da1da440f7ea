import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("phone", { zh, en });

export { PhonePage } from "./PhonePage";
export { NoticePage } from "./NoticePage";
export { NoticesPage } from "./NoticesPage";
