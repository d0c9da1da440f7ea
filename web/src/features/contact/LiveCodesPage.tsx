import { Alert, Button, Drawer, Input, Segmented, Tag } from "antd";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { usePages } from "@/shared/api";
import { Num, Percent } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, NoMatch } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { Balances } from "./Balances";
import { CodeForm } from "./CodeForm";
import { NoAccount } from "./NoAccount";
import { Standing } from "./Standing";
import type { Account, LiveCode } from "./types";

function useCodeColumns(): Column<LiveCode>[] {
  const { t } = useTranslation("contact");
  return useMemo(
    () => [
      {
        key: "name",
        title: t("codes.name"),
        render: (row) => (
          <Link to={`/live-codes/${row.id}`} tabIndex={-1}>
            {row.name} {row.kind === "link" ? <Tag color="blue">{t("form.link")}</Tag> : null}
          </Link>
        ),
      },
      { key: "channel", title: t("codes.channel"), width: 110, render: (row) => (row.channel ? <Tag>{row.channel}</Tag> : "—") },
      { key: "now", title: t("codes.now"), width: 240, render: (row) => <Standing code={row} /> },
      { key: "added", title: t("figures.added"), width: 80, align: "right", render: (row) => <Num value={row.figures.added} /> },
      { key: "kept", title: t("figures.kept"), width: 80, align: "right", render: (row) => <Num value={row.figures.kept} /> },
      { key: "lost", title: t("figures.lost"), width: 80, align: "right", render: (row) => <Num value={row.figures.lost} /> },
      { key: "first", title: t("figures.firstOrders"), width: 96, align: "right", render: (row) => <Num value={row.figures.first_orders} /> },
      { key: "rate", title: t("figures.rate"), width: 128, align: "right", render: (row) => <Percent value={row.figures.added > 0 ? row.figures.first_orders / row.figures.added : null} /> },
    ],
    [t],
  );
}

/** The codes people scan to become friends of an adviser, and what each brought. */
export function LiveCodesPage() {
  const { t } = useTranslation("contact");
  const can = useCan();
  const navigate = useNavigate();
  const [q, setQ] = useState("");
  const [archived, setArchived] = useState(false);
  const [creating, setCreating] = useState(false);
  const accounts = usePages<Account>("/contact-accounts");
  const rows = usePages<LiveCode>("/live-codes", { q: q.trim() || undefined, archived });
  const columns = useCodeColumns();
  const connected = accounts.items.length > 0;
  const trouble = accounts.items.find((one) => one.problem);
  const create =
    can("contact.write") && connected ? (
      <Button type="primary" onClick={() => setCreating(true)}>
        {t("codes.create")}
      </Button>
    ) : null;
  const narrowed = Boolean(q.trim()) || archived;
  const none = narrowed ? <NoMatch onClear={() => (setQ(""), setArchived(false))} /> : connected ? <EmptyState title={t("codes.emptyTitle")} hint={t("codes.emptyHint")} action={create} /> : accounts.isPending ? null : <NoAccount hint={t("codes.noAccountHint")} />;
  return (
    <ListPage
      title={t("codes.title")}
      lead={t("codes.lead")}
      actions={rows.items.length > 0 ? create : null}
      filters={
        <>
          <Input.Search allowClear aria-label={t("codes.search")} placeholder={t("codes.search")} style={{ width: 220 }} value={q} onChange={(event) => setQ(event.target.value)} />
          <Segmented
            aria-label={t("codes.which")}
            value={archived ? "archived" : "active"}
            onChange={(value) => setArchived(value === "archived")}
            options={[
              { value: "active", label: t("codes.active") },
              { value: "archived", label: t("codes.archived") },
            ]}
          />
        </>
      }
      tools={accounts.items.map((one) => (
        <span key={one.id} className="t-faint">
          {t("codes.room", { name: one.name, used: one.codes_used, most: one.codes_max })}
        </span>
      ))}
    >
      {trouble ? <Alert type="warning" showIcon style={{ margin: 12 }} title={t("codes.accountTrouble", { name: trouble.name })} description={trouble.problem} /> : null}
      <Balances />
      <DataTable label={t("codes.title")} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/live-codes/${row.id}`} empty={none} />
      <Drawer open={creating} onClose={() => setCreating(false)} size={720} title={t("codes.create")} destroyOnHidden>
        <CodeForm accounts={accounts.items} onDone={(id) => (setCreating(false), void navigate(`/live-codes/${id}`))} />
      </Drawer>
    </ListPage>
  );
}
