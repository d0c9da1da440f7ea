import { Button, Drawer, Modal, Typography } from "antd";
import { useMemo, useState } from "react";
import { useSwitchColumns } from "@/shared/accounts";
import { usePages } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Site } from "./site";
import { SiteForm } from "./SiteForm";
import { Snippet } from "./Snippet";

const BEACONS = { connector: "beacon" };

function useColumns(): Column<Site>[] {
  const { t } = useTranslation("sites");
  const switches = useSwitchColumns();
  return useMemo(
    () => [
      { key: "name", title: t("name"), width: 200, render: (row) => row.name },
      { key: "source", title: t("source"), width: 140, render: (row) => <code>{row.source}</code> },
      { key: "origins", title: t("origins"), render: (row) => ((row.config.origins ?? []) as string[]).join("  ") },
      ...switches,
    ],
    [t, switches],
  );
}

/** The company's own web sites: which pages may send, and the line to put into them. */
export function SitesPage() {
  const { t } = useTranslation("sites");
  const can = useCan();
  const filters = useUrlFilters(["edit"]);
  const rows = usePages<Site>("/source-accounts", BEACONS);
  const columns = useColumns();
  const [secret, setSecret] = useState<string | null>(null);
  const edited = filters.values.edit ?? null;
  const site = rows.items.find((one) => one.source === edited) ?? null;
  const open = can("source.write") && (edited === "+" || site !== null);
  const close = () => filters.set({ edit: null });
  const create = can("source.write") ? (
    <Button type="primary" onClick={() => filters.set({ edit: "+" })}>
      {t("create")}
    </Button>
  ) : null;
  return (
    <ListPage title={t("title")} lead={t("lead")} actions={rows.items.length > 0 ? create : null}>
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={(row) => filters.set({ edit: row.source })} empty={<EmptyState title={t("emptyTitle")} hint={t("emptyHint")} action={create} />} />
      <Drawer open={open} onClose={close} size={640} title={site ? site.name : t("create")} destroyOnHidden>
        {site ? <Snippet site={site} onSecret={setSecret} /> : null}
        <SiteForm
          key={site?.id ?? "new"}
          site={site}
          onDone={(made) => {
            close();
            setSecret(made);
          }}
        />
      </Drawer>
      <Modal open={secret !== null} title={t("madeTitle")} closable={false} mask={{ closable: false }} footer={<Button onClick={() => setSecret(null)}>{t("shared:action.close")}</Button>}>
        <p>{t("madeHint")}</p>
        <Typography.Text copyable code>
          {secret}
        </Typography.Text>
      </Modal>
    </ListPage>
  );
}
