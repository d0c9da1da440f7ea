import { Button, Drawer, Segmented, Space, Tag, Tooltip } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { usePages } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { Num, Time, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, NoMatch } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { LeadCard } from "./LeadCard";
import { LeadFunnel } from "./LeadFunnel";
import { RulesForm } from "./RulesForm";
import { COLOURS, STATES, type Lead } from "./types";

const OPEN = "new,assigned,contacted";

function useColumns(): Column<Lead>[] {
  const { t } = useTranslation("leads");
  const sourceName = useSourceName();
  return useMemo(
    () => [
      { key: "customer", title: t("customer"), render: (row) => <Link to={`/customers/${row.customer_id}`}>{row.customer ?? t("unnamed")}</Link> },
      { key: "subject", title: t("subject"), render: (row) => <>{row.subject || "—"}{row.times > 1 ? <Tag style={{ marginInlineStart: 8 }}>{t("times", { count: row.times })}</Tag> : null}</> },
      { key: "source", title: t("source"), width: 140, render: (row) => sourceName(row.source) },
      {
        key: "score",
        title: t("score"),
        width: 90,
        align: "right",
        render: (row) => (
          <Tooltip title={Object.entries(row.reasons).map(([sign, points]) => `${t(`sign.${sign}`)} +${points}`).join(t("join"))}>
            <span>
              <Num value={row.score} />
            </span>
          </Tooltip>
        ),
      },
      { key: "owner", title: t("owner"), width: 120, render: (row) => row.owner ?? <span className="t-faint">{t("nobody")}</span> },
      {
        key: "state",
        title: t("state"),
        width: 220,
        render: (row) => (
          <>
            <Tag color={COLOURS[row.state]} style={{ marginInlineEnd: 8 }}>
              {t(`state.${row.state}`)}
            </Tag>
            {row.overdue ? <Tag color="warning">{t("overdue")}</Tag> : row.why && row.why !== "hand" ? <span className="t-faint">{t(`why.${row.why}`)}</span> : null}
          </>
        ),
      },
      { key: "created", title: t("created"), width: 156, render: (row) => <Time value={row.created_at} /> },
    ],
    [t, sourceName],
  );
}

function List({ state, mine, narrowed, onOpen }: { state: string; mine: boolean; narrowed: boolean; onOpen: (row: Lead) => void }) {
  const { t } = useTranslation("leads");
  const columns = useColumns();
  const rows = usePages<Lead>("/leads", { ...(state ? { state } : {}), ...(mine ? { owner: "me" } : {}) });
  const empty = narrowed || mine ? <NoMatch /> : <EmptyState title={t("none")} hint={t("noneHint")} />;
  return <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={onOpen} empty={empty} />;
}

/** Leads: who asked, whose she is to follow up, and what came of it. */
export function LeadsPage() {
  const { t } = useTranslation("leads");
  const can = useCan();
  const filters = useUrlFilters(["view", "mine", "lead"]);
  const [rules, setRules] = useState(false);
  const view = filters.values.view ?? "open";
  const state = view === "open" ? OPEN : view === "all" ? "" : view;
  const views = ["open", ...STATES.filter((one) => one === "won" || one === "lost"), "all", "funnel"];
  return (
    <ListPage
      title={t("title")}
      lead={t("lead")}
      actions={can("lead.rules") ? <Button onClick={() => setRules(true)}>{t("rules")}</Button> : null}
      filters={
        <Space wrap>
          <Segmented aria-label={t("which")} value={view} onChange={(next) => filters.set({ view: next === "open" ? null : next })} options={views.map((value) => ({ value, label: t(`view.${value}`) }))} />
          {view === "funnel" ? null : (
            <Segmented aria-label={t("whose")} value={filters.values.mine ? "mine" : "every"} onChange={(next) => filters.set({ mine: next === "mine" ? "1" : null })} options={["every", "mine"].map((value) => ({ value, label: t(`whose.${value}`) }))} />
          )}
        </Space>
      }
    >
      {view === "funnel" ? <LeadFunnel /> : <List state={state} narrowed={view !== "open" && view !== "all"} mine={Boolean(filters.values.mine)} onOpen={(row) => filters.set({ lead: row.id })} />}
      <Drawer open={Boolean(filters.values.lead)} onClose={() => filters.set({ lead: null })} size={520} title={t("card")} destroyOnHidden>
        {filters.values.lead ? <LeadCard id={filters.values.lead} /> : null}
      </Drawer>
      <Drawer open={rules} onClose={() => setRules(false)} size={560} title={t("rules")} destroyOnHidden>
        {rules ? <RulesForm onDone={() => setRules(false)} /> : null}
      </Drawer>
    </ListPage>
  );
}
