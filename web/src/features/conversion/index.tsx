import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("conversion", { zh, en });

export { ConversionPage } from "./ConversionPage";
