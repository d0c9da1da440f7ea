import { addWords } from "@/shared/i18n";
import en from "./en.json";
import zh from "./zh.json";

addWords("marketing", { zh, en });

export { CouponTemplatePage } from "./CouponTemplatePage";
export { CouponTemplatesPage } from "./CouponTemplatesPage";
export { PointsPage } from "./PointsPage";
export { RedeemPage } from "./RedeemPage";
