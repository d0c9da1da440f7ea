import { usePages, type Schemas } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable } from "@/shared/table";
import { StatusTag } from "../StatusTag";

export type OpenFlow = Schemas["OpenFlowOut"];

/** The flows in which stores may set something: where a store's manager begins. */
export function StoreFlowsPage() {
  const { t } = useTranslation("steer");
  const can = useCan();
  const rows = usePages<OpenFlow>("/store-flows");
  return (
    <ListPage title={t("stores.flows")} lead={t("stores.flowsLead")}>
      <DataTable<OpenFlow>
        label={t("stores.flows")}
        rows={rows}
        rowKey={(flow) => flow.id}
        to={(flow) => (can("flow.read") ? `/flows/${flow.id}/stores` : `/store-flows/${flow.id}`)}
        minWidth={560}
        columns={[
          { key: "name", title: t("stores.flow"), render: (flow) => <strong>{flow.name}</strong> },
          { key: "status", title: t("stores.status"), width: 160, render: (flow) => <StatusTag status={flow.status} /> },
          { key: "adapted", title: t("stores.adapted"), width: 200, align: "right", render: (flow) => <Num value={flow.adapted} /> },
        ]}
        empty={<EmptyState title={t("stores.noFlows")} hint={t("stores.noFlowsHint")} />}
      />
    </ListPage>
  );
}
