import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("settings", { zh, en });

export { ApiKeysPage } from "./ApiKeysPage";
export { AuditPage } from "./AuditPage";
export { IdentityPage } from "./IdentityPage";
export { FieldPriorityPage } from "./FieldPriorityPage";
export { OrganisationPage } from "./OrganisationPage";
export { PeoplePage } from "./PeoplePage";
export { RetentionPage } from "./RetentionPage";
export { RolesPage } from "./RolesPage";
export { RatesPage } from "./RatesPage";
