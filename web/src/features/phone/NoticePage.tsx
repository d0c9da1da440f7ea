import { useParams } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { Asked } from "./Asked";

/** One notice on the large screen. */
export function NoticePage() {
  const { t } = useTranslation("phone");
  const { noticeId = "" } = useParams();
  return (
    <Page title={t("title")} crumbs={[{ label: t("settingsTitle"), to: "/notices" }]}>
      <Section>
        <Asked id={noticeId} below />
      </Section>
    </Page>
  );
}
