import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("geofences", { zh, en });

export { GeofencesPage } from "./GeofencesPage";
