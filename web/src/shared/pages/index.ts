export { Page, type Crumb, type PageProps } from "./Page";
export { ListPage } from "./ListPage";
export { DetailPage, Facts, Section } from "./DetailPage";
export { BoardPage, Question } from "./BoardPage";
export { ExportButton, exportAddress } from "./ExportButton";
