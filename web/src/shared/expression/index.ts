import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("expression", { zh, en });

export { ExpressionEditor, type ExpressionEditorProps } from "./ExpressionEditor";
export { CUSTOMER_SCOPE, eventsOf, isWritable, namesIn, useCatalog, type CatalogAnswer, type CatalogField, type CatalogRoot, type Names, type ScopeRoots } from "./catalog";
export { checkExpression, useChecked, type Checked, type Problem } from "./check";
export { print } from "./print";
export { askedOf } from "./related";
export { RelationEditor } from "./RelationEditor";
export { Sentence } from "./Sentence";
export { regionPath, regionTree, useDivisions, type Region } from "./regions";
export type { Tree } from "./tree";
export { unfinished } from "./unfinished";
