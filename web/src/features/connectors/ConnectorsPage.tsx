import { Button, Drawer, Segmented, Tag } from "antd";
import { useMemo, useState } from "react";
import { useNavigate } from "react-router";
import { usePages } from "@/shared/api";
import { MachineTimeHint, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { Channels } from "./Channels";
import { Light } from "./Light";
import { NewAccount } from "./NewAccount";
import type { AccountLine } from "./types";

function useColumns(): Column<AccountLine>[] {
  const { t } = useTranslation("connectors");
  const say = useSay();
  return useMemo(
    () => [
      { key: "name", title: t("name"), render: (row) => row.name },
      {
        key: "platform",
        title: t("platform"),
        width: 200,
        render: (row) => (
          <>
            {say(row.platform)} {row.simulated ? <Tag>{t("simulated")}</Tag> : null}
          </>
        ),
      },
      { key: "source", title: t("source"), width: 140, render: (row) => <code>{row.source}</code> },
      { key: "light", title: t("state"), width: 260, render: (row) => <Light account={row} /> },
      { key: "expires", title: t("tokenUntil"), width: 180, render: (row) => <Time value={row.expires_at} clock="machine" /> },
    ],
    [t, say],
  );
}

/** The shops and accounts that Tandem is connected to. */
export function ConnectorsPage() {
  const { t } = useTranslation("connectors");
  const can = useCan();
  const navigate = useNavigate();
  const rows = usePages<AccountLine>("/connector-accounts");
  const columns = useColumns();
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState<"accounts" | "channels">("accounts");
  const tabs = can("message.read") ? <Segmented aria-label={t("which")} value={shown} onChange={setShown} options={(["accounts", "channels"] as const).map((value) => ({ value, label: t(value) }))} /> : null;
  const create = can("source.write") ? (
    <Button type="primary" onClick={() => setOpen(true)}>
      {t("connect")}
    </Button>
  ) : null;
  return (
    <ListPage title={t("title")} lead={<>{t("lead")}<MachineTimeHint /></>} actions={rows.items.length > 0 ? create : null} filters={tabs}>
      {shown === "channels" ? <Channels /> : <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={(row) => void navigate(`/connectors/${row.id}`)} empty={<EmptyState title={t("emptyTitle")} hint={t("emptyHint")} action={create} />} />}
      <Drawer open={open} onClose={() => setOpen(false)} size={560} title={t("connect")} destroyOnHidden>
        <NewAccount onMade={(id) => void navigate(`/connectors/${id}`)} />
      </Drawer>
    </ListPage>
  );
}
