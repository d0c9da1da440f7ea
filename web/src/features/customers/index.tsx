import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("customers", { zh, en });

export { CustomerListPage } from "./CustomerListPage";
export { CustomerPage } from "./CustomerPage";
export { DuplicatesPage } from "./DuplicatesPage";
