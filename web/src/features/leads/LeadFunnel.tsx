import { useQuery } from "@tanstack/react-query";
import { DatePicker, Select } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { api } from "@/shared/api";
import { FunnelChart } from "@/shared/chart";
import { useUrlFilters } from "@/shared/filters";
import { formatNumber, Money, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, Loaded } from "@/shared/states";
import type { LeadFunnels } from "./types";

/** Each but the first is some of the people of the step before: who ordered without becoming a friend stands beside the last. */
const STEPS = ["consulted", "leads", "contacted", "friends", "friend_orders"] as const;

function Drawn({ found }: { found: LeadFunnels }) {
  const { t } = useTranslation("leads");
  const sourceName = useSourceName();
  const [which, setWhich] = useState("");
  if (found.sources.length === 0) return <EmptyState title={t("funnelNone")} hint={t("noneHint")} />;
  const picked = found.sources.filter((one) => !which || one.source === which);
  const sum = (step: (typeof STEPS)[number] | "orders") => picked.reduce((all, one) => all + one[step], 0);
  const amount = picked.reduce((all, one) => all + Number(one.amount.amount), 0);
  // Forms and people make leads of somebody who wrote to no desk.
  const steps = STEPS.filter((step) => step !== "consulted" || sum("consulted") >= sum("leads"));
  return (
    <>
      <Select aria-label={t("source")} style={{ width: 200, marginBottom: 12 }} value={which} onChange={setWhich} options={[{ value: "", label: t("everySource") }, ...found.sources.filter((one) => one.source).map((one) => ({ value: one.source, label: sourceName(one.source) }))]} />
      <FunnelChart label={t("view.funnel")} steps={steps.map((step) => ({ key: step, label: t(`funnel.${step}`), count: sum(step) }))} />
      {sum("orders") > 0 ? (
        <p style={{ margin: "12px 0 0" }}>
          {t("funnelOrders", { count: sum("orders"), direct: formatNumber(sum("orders") - sum("friend_orders")) })} <Money value={amount} />
        </p>
      ) : null}
    </>
  );
}

/** From a question to a lead, a friend and an order, by source. */
export function LeadFunnel() {
  const { t } = useTranslation("leads");
  const filters = useUrlFilters(["from", "to"]);
  const asked = filters.values;
  const query = useQuery({ queryKey: ["/lead-funnel", asked], queryFn: ({ signal }) => api.get<LeadFunnels>("/lead-funnel", asked, signal), placeholderData: (before) => before });
  const { from = query.data?.first_day, to = query.data?.last_day } = asked;
  return (
    <div style={{ padding: 20 }}>
      <DatePicker.RangePicker
        allowClear={false}
        aria-label={t("days")}
        style={{ width: 270, marginBottom: 12, marginInlineEnd: 12 }}
        value={from && to ? [dayjs(from), dayjs(to)] : null}
        onChange={(days) => filters.set({ from: days?.[0]?.format("YYYY-MM-DD") ?? null, to: days?.[1]?.format("YYYY-MM-DD") ?? null })}
      />
      <Loaded query={query} rows={6}>
        {(found) => <Drawn found={found} />}
      </Loaded>
    </div>
  );
}
