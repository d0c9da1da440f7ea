import { Tabs } from "antd";
import { useUrlFilters } from "@/shared/filters";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { FailedEvents } from "./FailedEvents";
import { Quarantined } from "./Quarantined";

/** What came in and could not be understood, or could not be applied. */
export function QuarantinePage() {
  const { t } = useTranslation("intake");
  const filters = useUrlFilters(["tab"]);
  const failed = filters.values.tab === "failed";
  return (
    <ListPage
      title={t("quarantine.title")}
      lead={t("quarantine.lead")}
      filters={
        <Tabs
          activeKey={failed ? "failed" : "open"}
          onChange={(key) => filters.set({ tab: key === "failed" ? key : null })}
          items={[
            { key: "open", label: t("quarantine.tab") },
            { key: "failed", label: t("quarantine.failedTab") },
          ]}
        />
      }
    >
      {failed ? <FailedEvents /> : <Quarantined />}
    </ListPage>
  );
}
