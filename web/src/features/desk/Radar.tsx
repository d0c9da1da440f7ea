import { Drawer, Typography } from "antd";
import { useState } from "react";
import { usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Figures, Reader } from "./types";

const NUMBERS = ["opened", "readers", "strangers", "seconds", "finished", "liked", "forwarded"] as const;

function useNumbers(first: string): Column<Figures>[] {
  const { t } = useTranslation("desk");
  return [
    { key: "name", title: first, render: (row) => row.name || t("radar.noAdviser") },
    ...NUMBERS.map((one): Column<Figures> => ({ key: one, title: t(`radar.${one}`), width: 110, align: "right", render: (row) => <Num value={row[one]} /> })),
  ];
}

function Readers({ material }: { material: string }) {
  const { t } = useTranslation("desk");
  const rows = usePages<Reader>(`/radar/${material}/readers`, {}, 100);
  const columns: Column<Reader>[] = [
    { key: "name", title: t("radar.people"), render: (row) => row.name ?? t("radar.unnamed") },
    { key: "at", title: t("radar.opened"), width: 160, render: (row) => <Time value={row.opened_at} /> },
    { key: "how", title: t("radar.seconds"), render: (row) => t("radar.times", { n: row.times, s: row.seconds, d: row.depth }) },
  ];
  return <DataTable label={t("radar.people")} rows={rows} columns={columns} rowKey={(row) => row.customer_id} empty={<EmptyState title={t("radar.nobody")} />} />;
}

function Advisers({ material }: { material: string }) {
  const { t } = useTranslation("desk");
  const rows = usePages<Figures>(`/radar/${material}/advisers`, {}, 500);
  return <DataTable label={t("radar.advisers")} rows={rows} columns={useNumbers(t("radar.advisers"))} rowKey={(row) => row.key || "-"} empty={<EmptyState title={t("radar.none")} />} />;
}

/** Who read what, how long, how far. */
export function Radar() {
  const { t } = useTranslation("desk");
  const can = useCan();
  const [open, setOpen] = useState<Figures | null>(null);
  const rows = usePages<Figures>("/radar", {}, 1000);
  return (
    <>
      <DataTable label={t("materials.radar")} rows={rows} columns={useNumbers(t("materials.name"))} rowKey={(row) => row.key} onOpen={setOpen} empty={<EmptyState title={t("radar.none")} hint={t("radar.noneHint")} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={860} title={open?.name} destroyOnHidden>
        {open ? (
          <>
            <Typography.Title level={5}>{t("radar.advisers")}</Typography.Title>
            <Advisers material={open.key} />
            <Typography.Title level={5}>{t("radar.people")}</Typography.Title>
            {can("customer.read") ? <Readers material={open.key} /> : null}
          </>
        ) : null}
      </Drawer>
    </>
  );
}
