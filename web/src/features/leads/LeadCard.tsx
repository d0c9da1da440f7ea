import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Descriptions, Select, Space, Tag, Timeline } from "antd";
import { Link } from "react-router";
import { api } from "@/shared/api";
import { Money, Num, Time, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import { COLOURS, isOpen, LOST, refresh, type LeadDetail, type LeadRules } from "./types";

const BESIDE = { marginInlineStart: 8 } as const;

function Doing({ lead }: { lead: LeadDetail }) {
  const { t } = useTranslation("leads");
  const told = useTold();
  const rules = useQuery({ queryKey: ["/lead-rules"], queryFn: ({ signal }) => api.get<LeadRules>("/lead-rules", undefined, signal), staleTime: 60_000 });
  const others = (rules.data?.seats ?? []).filter((one) => one.active && one.user_id !== lead.owner_id);
  const act = useMutation({
    mutationFn: ({ verb, body }: { verb: string; body?: object }) => api.post(`/leads/${lead.id}/${verb}`, body ?? {}),
    onSuccess: () => (refresh(), told.done(t("shared:state.saved"))),
    onError: told.failed,
  });
  return (
    <Space wrap style={{ marginBottom: 16 }}>
      {lead.state === "contacted" ? null : (
        <Button type="primary" loading={act.isPending} onClick={() => act.mutate({ verb: "contacted" })}>
          {t("do.contacted")}
        </Button>
      )}
      <Button onClick={() => act.mutate({ verb: "win" })}>{t("do.win")}</Button>
      <Select aria-label={t("do.lose")} placeholder={t("do.lose")} style={{ width: 150 }} value={null} onChange={(reason: string) => act.mutate({ verb: "lose", body: { reason } })} options={LOST.map((value) => ({ value, label: t(`why.${value}`) }))} />
      {others.length > 0 ? (
        <Select aria-label={t("do.assign")} placeholder={t("do.assign")} style={{ width: 150 }} value={null} showSearch={{ optionFilterProp: "label" }} onChange={(user_id: string) => act.mutate({ verb: "assign", body: { user_id } })} options={others.map((one) => ({ value: one.user_id, label: one.name }))} />
      ) : null}
    </Space>
  );
}

function Card({ lead }: { lead: LeadDetail }) {
  const { t } = useTranslation("leads");
  const sourceName = useSourceName();
  const may = useCan()("lead.write");
  return (
    <>
      {may && isOpen(lead) ? <Doing lead={lead} /> : null}
      <Descriptions
        size="small"
        column={1}
        items={[
          { key: "customer", label: t("customer"), children: <Link to={`/customers/${lead.customer_id}?tab=conversation`}>{lead.customer ?? t("unnamed")}</Link> },
          { key: "subject", label: t("subject"), children: lead.subject || "—" },
          { key: "source", label: t("source"), children: [sourceName(lead.source), lead.campaign].filter(Boolean).join(" · ") },
          { key: "owner", label: t("owner"), children: lead.owner ?? t("nobody") },
          { key: "state", label: t("state"), children: <Tag color={COLOURS[lead.state]}>{t(`state.${lead.state}`)}</Tag> },
          ...(lead.why ? [{ key: "why", label: t("why"), children: t(`why.${lead.why}`) }] : []),
          { key: "score", label: t("score"), children: <><Num value={lead.score} /><span className="t-faint" style={BESIDE}>{Object.entries(lead.reasons).map(([sign, points]) => `${t(`sign.${sign}`)} +${points}`).join(t("join"))}</span></> },
          { key: "times", label: t("asked"), children: <>{t("times", { count: lead.times })}<span className="t-faint" style={BESIDE}><Time value={lead.asked_at} /></span></> },
          ...(lead.amount ? [{ key: "amount", label: t("amount"), children: <Money value={lead.amount} /> }] : []),
          ...(lead.due_at ? [{ key: "due", label: t("due"), children: <Time value={lead.due_at} /> }] : []),
        ]}
      />
      <h3 style={{ marginTop: 16 }}>{t("steps")}</h3>
      <Timeline
        items={lead.steps.map((one) => ({
          content: (
            <>
              <strong>{t(`step.${one.type.replace("lead.", "")}`)}</strong> {one.reason ? t(`why.${one.reason}`) : one.owner && one.type === "lead.assigned" ? <span className="t-soft">{one.owner}</span> : null}
              <div className="t-faint">
                <Time value={one.at} />
              </div>
            </>
          ),
        }))}
      />
    </>
  );
}

/** A lead with everything that happened to it, and what one can do. */
export function LeadCard({ id }: { id: string }) {
  const query = useQuery({ queryKey: ["/leads", id], queryFn: ({ signal }) => api.get<LeadDetail>(`/leads/${id}`, undefined, signal) });
  return (
    <Loaded query={query} rows={8}>
      {(lead) => <Card lead={lead} />}
    </Loaded>
  );
}
