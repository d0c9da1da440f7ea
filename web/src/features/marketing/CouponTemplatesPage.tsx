import { Button, Drawer, Tag } from "antd";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { usePages } from "@/shared/api";
import { MachineTimeHint, Num, Percent, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ExportButton, ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { useBenefit } from "./benefit";
import { CouponForm } from "./CouponForm";
import type { CouponTemplate } from "./types";

function useTemplateColumns(): Column<CouponTemplate>[] {
  const { t } = useTranslation("marketing");
  const { benefit, validity } = useBenefit();
  return useMemo(
    () => [
      {
        key: "name",
        title: t("coupons.column.name"),
        render: (row) => (
          <>
            <Link to={`/coupons/${row.id}`} tabIndex={-1}>
              {row.name}
            </Link>{" "}
            {row.archived ? <Tag>{t("coupons.archived")}</Tag> : null}
          </>
        ),
      },
      { key: "benefit", title: t("coupons.column.benefit"), width: 220, render: benefit },
      { key: "valid", title: t("coupons.column.valid"), width: 150, render: validity },
      {
        key: "stock",
        title: t("coupons.column.stock"),
        width: 160,
        align: "right",
        render: (row) => (
          <>
            <Num value={row.issued} /> / {row.quota === null ? t("coupons.unlimited") : <Num value={row.quota} />}
          </>
        ),
      },
      { key: "redeemed", title: t("coupons.column.redeemed"), width: 100, align: "right", render: (row) => <Num value={row.redeemed} /> },
      { key: "rate", title: t("coupons.column.rate"), width: 96, align: "right", render: (row) => <Percent value={row.issued > 0 ? row.redeemed / row.issued : null} /> },
      { key: "created", title: t("coupons.column.created"), width: 156, render: (row) => <Time value={row.created_at} clock="machine" /> },
    ],
    [t, benefit, validity],
  );
}

export function CouponTemplatesPage() {
  const { t } = useTranslation("marketing");
  const can = useCan();
  const navigate = useNavigate();
  const rows = usePages<CouponTemplate>("/coupon-templates");
  const columns = useTemplateColumns();
  const [creating, setCreating] = useState(false);
  const create = can("coupon.write") ? (
    <Button type="primary" onClick={() => setCreating(true)}>
      {t("coupons.create")}
    </Button>
  ) : null;
  return (
    <ListPage
      title={t("coupons.title")}
      lead={<>{t("coupons.lead")}<MachineTimeHint /></>}
      actions={
        <>
          {rows.items.length > 0 ? <ExportButton list="coupons" /> : null}
          {can("coupon.redeem") ? <Button onClick={() => void navigate("/redeem")}>{t("coupons.redeem")}</Button> : null}
          {rows.items.length > 0 ? create : null}
        </>
      }
    >
      <DataTable
        label={t("coupons.title")}
        rows={rows}
        columns={columns}
        rowKey={(row) => row.id}
        to={(row) => `/coupons/${row.id}`}
        empty={<EmptyState title={t("coupons.emptyTitle")} hint={t("coupons.emptyHint")} action={create} />}
      />
      <Drawer open={creating} onClose={() => setCreating(false)} size={520} title={t("coupons.create")} destroyOnHidden>
        <CouponForm onDone={() => setCreating(false)} />
      </Drawer>
    </ListPage>
  );
}
