import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("stock", { zh, en });

export { StockPage } from "./StockPage";
