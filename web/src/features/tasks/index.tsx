import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("tasks", { zh, en });

export { TasksPage } from "./TasksPage";
