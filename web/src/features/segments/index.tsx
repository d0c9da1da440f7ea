import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("segments", { zh, en });

export { ComparePage } from "./ComparePage";
export { SegmentBuilderPage } from "./SegmentBuilderPage";
export { SegmentListPage } from "./SegmentListPage";
export { TagsPage } from "./TagsPage";
