import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("directory", { zh, en });

export { DirectoriesPage } from "./DirectoriesPage";
export { DirectoryPage } from "./DirectoryPage";
