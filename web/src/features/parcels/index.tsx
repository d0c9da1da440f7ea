import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("parcels", { zh, en });

export { ParcelsPage } from "./ParcelsPage";
