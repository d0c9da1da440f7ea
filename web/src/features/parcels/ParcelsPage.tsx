import { Button, Drawer, Space, Tabs, Tag } from "antd";
import { useState } from "react";
import { usePages } from "@/shared/api";
import { Num, useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { BatchForm } from "./BatchForm";
import { Claims } from "./Claims";
import { FUNNEL, type Batch } from "./types";

function Printing({ batch }: { batch: Batch }) {
  const { t } = useTranslation("parcels");
  if (batch.kind !== "card") return <p className="t-faint">{t("print.links")}</p>;
  return (
    <Space wrap>
      <Button type="primary" href={`/v1/parcel-batches/${batch.id}/sheet?count=240`} target="_blank">
        {t("print.sheet")}
      </Button>
      <Button href={`/v1/parcel-batches/${batch.id}/cards.csv`}>{t("print.table")}</Button>
      <span className="t-faint">{t("print.hint")}</span>
    </Space>
  );
}

/** Cards in parcels and links of orders that lead a shop's buyers to an adviser, and what came of them. */
export function ParcelsPage() {
  const { t } = useTranslation("parcels");
  const may = useCan()("contact.write");
  const sourceName = useSourceName();
  const [open, setOpen] = useState<{ row: Batch | null } | null>(null);
  const rows = usePages<Batch>("/parcel-batches", {}, 200);
  const columns: Column<Batch>[] = [
    { key: "name", title: t("list.name"), render: (row) => <strong>{row.name}</strong> },
    { key: "shop", title: t("list.shop"), width: 130, render: (row) => (row.source ? sourceName(row.source) : "—") },
    { key: "kind", title: t("list.kind"), width: 116, render: (row) => <Tag>{t(`kind.${row.kind}`)}</Tag> },
    ...FUNNEL.map((one): Column<Batch> => ({ key: one, title: t(`figure.${one}`), width: one === "again" ? 116 : 86, align: "right", render: (row) => <Num value={row.figures[one]} /> })),
    { key: "odd", title: t("figure.odd"), width: 112, align: "right", render: (row) => <Num value={row.figures.taken + row.figures.expired} /> },
  ];
  const create = may ? (
    <Button type="primary" onClick={() => setOpen({ row: null })}>
      {t("create")}
    </Button>
  ) : null;
  const row = open?.row ?? null;
  return (
    <ListPage title={t("title")} lead={t("lead")} actions={rows.items.length > 0 ? create : null}>
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(one) => one.id} onOpen={(one) => setOpen({ row: one })} empty={<EmptyState title={t("none")} hint={t("noneHint")} action={create} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={900} title={row?.name ?? t("create")} destroyOnHidden>
        {open && !row ? <BatchForm batch={null} onDone={(made) => setOpen({ row: made })} /> : null}
        {row ? (
          <Tabs
            items={[
              { key: "claims", label: t("claim.title"), children: <Claims batch={row} /> },
              ...(may ? [{ key: "print", label: t("print.title"), children: <Printing batch={row} /> }, { key: "form", label: t("form.title"), children: <BatchForm batch={row} onDone={() => setOpen(null)} /> }] : []),
            ]}
          />
        ) : null}
      </Drawer>
    </ListPage>
  );
}
