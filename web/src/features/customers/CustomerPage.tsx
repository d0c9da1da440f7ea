import { useQuery } from "@tanstack/react-query";
import { MergeOutlined } from "@ant-design/icons";
import { Alert, Button, Tabs } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api, queryClient } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { DetailPage, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { ErrorState, LoadingState } from "@/shared/states";
import { MergeHistory } from "./MergeHistory";
import { Consents } from "./page/Consents";
import { Conversation } from "./page/Conversation";
import { Coupons } from "./page/Coupons";
import { Groups } from "./page/Groups";
import { CustomerFacts } from "./page/CustomerFacts";
import { CustomerSummary } from "./page/CustomerSummary";
import { MergeDialog } from "./page/MergeDialog";
import { Points } from "./page/Points";
import { Referrals } from "./page/Referrals";
import { Runs } from "./page/Runs";
import { Timeline } from "./page/Timeline";
import type { Customer } from "./types";

function useCustomer(id: string) {
  return useQuery({ queryKey: ["/customers", id], queryFn: ({ signal }) => api.get<Customer>(`/customers/${id}`, undefined, signal) });
}

function useTabs(id: string) {
  const { t } = useTranslation("customers");
  const can = useCan();
  return [
    { key: "timeline", label: t("tab.timeline"), children: <Timeline customerId={id} /> },
    { key: "conversation", label: t("tab.conversation"), children: <Conversation customerId={id} /> },
    { key: "consents", label: t("consents:title"), children: <Consents customerId={id} /> },
    ...(can("flow.read") ? [{ key: "runs", label: t("tab.runs"), children: <Runs customerId={id} /> }] : []),
    ...(can("points.read") ? [{ key: "points", label: t("tab.points"), children: <Points customerId={id} /> }] : []),
    ...(can("contact.read") ? [{ key: "groups", label: t("tab.groups"), children: <Groups customerId={id} /> }] : []),
    { key: "referrals", label: t("tab.referrals"), children: <Referrals customerId={id} /> },
    ...(can("coupon.read") ? [{ key: "coupons", label: t("tab.coupons"), children: <Coupons customerId={id} /> }] : []),
    ...(can("customer.merge") ? [{ key: "merges", label: t("tab.merges"), children: <MergeHistory customerId={id} /> }] : []),
  ];
}

function Record({ customer }: { customer: Customer }) {
  const { t } = useTranslation("customers");
  const filters = useUrlFilters(["tab"]);
  const tabs = useTabs(customer.id);
  const [merging, setMerging] = useState(false);
  const mergeable = useCan()("customer.merge") && customer.merged_into === null;
  return (
    <DetailPage
      title={customer.name ?? t("unnamed")}
      crumbs={[{ label: t("title"), to: "/customers" }]}
      actions={
        mergeable ? (
          <Button icon={<MergeOutlined />} onClick={() => setMerging(true)}>
            {t("merge.withOther")}
          </Button>
        ) : null
      }
      summary={
        <>
          {customer.merged_into ? (
            <Alert type="info" showIcon style={{ marginBottom: 16 }} title={t("merged")} action={<Link to={`/customers/${customer.merged_into}`}>{t("openSurvivor")}</Link>} />
          ) : null}
          <CustomerSummary customer={customer} />
        </>
      }
      facts={<CustomerFacts customer={customer} />}
    >
      <Section>
        <Tabs activeKey={filters.values.tab ?? "timeline"} onChange={(tab) => filters.set({ tab: tab === "timeline" ? null : tab })} items={tabs} destroyOnHidden />
      </Section>
      {mergeable ? <MergeDialog customer={customer} open={merging} onClose={() => setMerging(false)} /> : null}
    </DetailPage>
  );
}

export function CustomerPage() {
  const { customerId = "" } = useParams();
  const query = useCustomer(customerId);
  useLive([`customer:${customerId}`], () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/customers") && queryKey.some((part) => String(part).includes(customerId)) }));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={12} title />;
  return <Record key={query.data.id} customer={query.data} />;
}
