import { Button, Drawer, Modal, Typography } from "antd";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { useSwitchColumns } from "@/shared/accounts";
import { usePages } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { useSourceName } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { REPORTS, SourceForm } from "./SourceForm";
import type { Source } from "./types";

const CONNECTORS = ["webhook", "poll", ...REPORTS] as const;

function useColumns(): Column<Source>[] {
  const { t } = useTranslation("intake");
  const name = useSourceName();
  const switches = useSwitchColumns();
  return useMemo(
    () => [
      { key: "name", title: t("sources.name"), render: (row) => row.name },
      { key: "source", title: t("sources.source"), width: 150, render: (row) => <code>{row.source}</code> },
      { key: "connector", title: t("sources.connector"), width: 140, render: (row) => t(`sources.${row.connector}`, { defaultValue: name(row.connector) }) },
      { key: "address", title: t("sources.address"), render: (row) => <code>{row.address ?? "—"}</code> },
      ...switches,
    ],
    [t, name, switches],
  );
}

/** Who sends us what, set up by the person who runs it. */
export function SourcesPage() {
  const { t } = useTranslation("intake");
  const can = useCan();
  const navigate = useNavigate();
  const filters = useUrlFilters(["edit"]);
  const rows = usePages<Source>("/source-accounts");
  const columns = useColumns();
  const [made, setMade] = useState<string | null>(null);
  const edited = filters.values.edit ?? null;
  const source = rows.items.find((one) => one.source === edited) ?? null;
  const open = can("source.write") && (edited === "" || edited === "+" || source !== null);
  const create = can("source.write") ? (
    <Button type="primary" onClick={() => filters.set({ edit: "+" })}>
      {t("sources.create")}
    </Button>
  ) : null;
  return (
    <ListPage title={t("sources.title")} lead={t("sources.lead")} actions={rows.items.length > 0 ? create : null}>
      <DataTable label={t("sources.title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={(row) => (row.connector === "beacon" ? void navigate(`/sites?edit=${encodeURIComponent(row.source)}`) : filters.set({ edit: row.source }))} empty={<EmptyState title={t("sources.emptyTitle")} hint={t("sources.emptyHint")} action={create} />} />
      <Drawer open={open} onClose={() => filters.set({ edit: null })} size={760} title={source ? source.name : t("sources.create")} destroyOnHidden>
        <SourceForm
          key={source?.id ?? "new"}
          source={source}
          connectors={CONNECTORS}
          onDone={(secret) => {
            filters.set({ edit: null });
            setMade(secret);
          }}
        />
      </Drawer>
      <Modal open={made !== null} title={t("sources.madeTitle")} closable={false} mask={{ closable: false }} footer={<Button onClick={() => setMade(null)}>{t("shared:action.close")}</Button>}>
        <p>{t("sources.madeHint")}</p>
        <Typography.Text copyable code>
          {made}
        </Typography.Text>
      </Modal>
    </ListPage>
  );
}
