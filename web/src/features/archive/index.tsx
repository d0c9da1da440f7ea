import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("archive", { zh, en });

export { ConversationPage } from "./ConversationPage";
export { ConversationsPage } from "./ConversationsPage";
export { InspectionPage } from "./InspectionPage";
export { SearchPage } from "./SearchPage";
export { ScoringPage } from "./ScoringPage";
