import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("messages", { zh, en });

export { InboxPage } from "./InboxPage";
export { OutboxPage } from "./OutboxPage";
export { TemplatesPage } from "./TemplatesPage";
