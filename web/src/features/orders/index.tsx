import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("orders", { zh, en });

export { OrderListPage } from "./OrderListPage";
export { OrderPage } from "./OrderPage";
