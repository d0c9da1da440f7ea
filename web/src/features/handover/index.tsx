import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("handover", { zh, en });

export { HandOverPage } from "./HandOverPage";
export { LostFriendsPage } from "./LostFriendsPage";
