import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("qr", { zh, en });

export { CodePicture } from "./CodePicture";
