import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("media", { zh, en });

export { AttachmentsField } from "./AttachmentsField";
export { MediaField, MediaPreview } from "./MediaField";
export { AttachmentsShown } from "./Shown";
export { filled, type Attachment, type Media } from "./types";
