import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("webhooks", { zh, en });

export { WebhookPage } from "./WebhookPage";
export { WebhooksPage } from "./WebhooksPage";
