import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("connectors", { zh, en });

export { AuthorisedPage } from "./AuthorisedPage";
export { ConnectorPage } from "./ConnectorPage";
export { ConnectorsPage } from "./ConnectorsPage";
