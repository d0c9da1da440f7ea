import { Segmented, Tag } from "antd";
import { useMemo } from "react";
import { usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Adviser, Friend } from "./types";

interface Props {
  from: Adviser;
  /** Null: all of hers. */
  picked: ReadonlySet<string> | null;
  onPick: (picked: ReadonlySet<string> | null) => void;
}

function Friends({ from, picked, onPick }: Props & { picked: ReadonlySet<string> }) {
  const { t } = useTranslation("handover");
  const rows = usePages<Friend>(`/adviser-friends/${from.account_id}/${encodeURIComponent(from.member)}/customers`);
  const columns = useMemo<Column<Friend>[]>(
    () => [
      {
        key: "name",
        title: t("customer"),
        render: (row) => (
          <>
            {row.customer_name ?? t("nameless")} {row.under_way ? <Tag color="processing">{t("handingOver")}</Tag> : row.capped ? <Tag color="warning">{t("item.capped")}</Tag> : row.times > 0 ? <Tag>{t("times", { n: row.times })}</Tag> : null}
          </>
        ),
      },
      { key: "orders", title: t("orders"), width: 70, align: "right", render: (row) => <Num value={row.orders} /> },
      { key: "added", title: t("addedAt"), width: 152, render: (row) => <Time value={row.added_at} /> },
    ],
    [t],
  );
  return (
    <div style={{ height: 340, display: "flex", flexDirection: "column", marginTop: 8 }}>
      <DataTable
        label={t("choose")}
        rows={rows}
        columns={columns}
        rowKey={(row) => row.customer_id}
        minWidth={480}
        picking={{ picked, onPick, name: (row) => row.customer_name ?? t("nameless") }}
        empty={<EmptyState compact title={t("nobodyTitle")} />}
      />
    </div>
  );
}

/** All of an adviser's friends, or those who are ticked. */
export function ChooseFriends({ from, picked, onPick }: Props) {
  const { t } = useTranslation("handover");
  return (
    <>
      <Segmented
        aria-label={t("whom")}
        value={picked === null ? "all" : "some"}
        onChange={(value) => onPick(value === "all" ? null : new Set())}
        options={[
          { value: "all", label: t("all", { n: from.friends }) },
          { value: "some", label: picked === null ? t("some") : t("someOf", { n: picked.size }) },
        ]}
      />
      {picked === null ? null : <Friends from={from} picked={picked} onPick={onPick} />}
    </>
  );
}
