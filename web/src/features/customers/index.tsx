import { addWords } from "@/shared/i18n";
import consentsEn from "./consents.en.json";
import consentsZh from "./consents.zh.json";
import en from "./en.json";
import zh from "./zh.json";

addWords("customers", { zh, en });
addWords("consents", { zh: consentsZh, en: consentsEn });

export { CustomerListPage } from "./CustomerListPage";
export { CustomerPage } from "./CustomerPage";
export { DuplicatesPage } from "./DuplicatesPage";
