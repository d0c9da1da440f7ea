import { Button, Drawer, Segmented } from "antd";
import { useState } from "react";
import { usePages } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { CodeForm } from "./CodeForm";
import { WelcomeForm } from "./WelcomeForm";
import { useCodeColumns, useWelcomeColumns } from "./columns";
import type { ChannelJoins, GroupAccount, GroupCode, GroupWelcome } from "./types";

type View = "codes" | "channels" | "welcomes";

function Channels() {
  const { t } = useTranslation("groups");
  const rows = usePages<ChannelJoins>("/group-codes/channels", {}, 200);
  const columns: Column<ChannelJoins>[] = [
    { key: "channel", title: t("code.channel"), render: (row) => row.channel || t("code.noChannel") },
    { key: "codes", title: t("code.codes"), width: 110, align: "right", render: (row) => <Num value={row.codes} /> },
    { key: "joined", title: t("code.joined"), width: 110, align: "right", render: (row) => <Num value={row.joined} /> },
    { key: "here", title: t("code.here"), width: 110, align: "right", render: (row) => <Num value={row.here} /> },
    { key: "left", title: t("code.left"), width: 110, align: "right", render: (row) => <Num value={row.left} /> },
  ];
  return <DataTable label={t("codesView.channels")} rows={rows} columns={columns} rowKey={(row) => row.channel} empty={<EmptyState title={t("code.none")} hint={t("code.noneHint")} />} />;
}

/** Codes that lead into groups, what they brought, and words for newcomers. */
export function GroupCodesPage() {
  const { t } = useTranslation("groups");
  const can = useCan();
  const [view, setView] = useState<View>("codes");
  const [open, setOpen] = useState<GroupCode | GroupWelcome | "new" | null>(null);
  const accounts = usePages<GroupAccount>("/group-accounts");
  const codes = usePages<GroupCode>("/group-codes", {}, 50, view === "codes");
  const welcomes = usePages<GroupWelcome>("/group-welcomes", {}, 200, view === "welcomes");
  const may = can("contact.write") && accounts.items.length > 0;
  const close = () => setOpen(null);
  const codeColumns = useCodeColumns(may ? setOpen : null);
  const welcomeColumns = useWelcomeColumns(may ? setOpen : null);
  const create = may && view !== "channels" ? (
    <Button type="primary" onClick={() => setOpen("new")}>
      {t(view === "codes" ? "code.create" : "welcome.create")}
    </Button>
  ) : null;
  const chosen = open === "new" || open === null ? undefined : open;
  return (
    <ListPage
      title={t("codesTitle")}
      lead={t("codesLead")}
      actions={create}
      filters={<Segmented<View> aria-label={t("view.label")} value={view} onChange={setView} options={(["codes", "channels", "welcomes"] as const).map((value) => ({ value, label: t(`codesView.${value}`) }))} />}
    >
      {view === "codes" ? <DataTable label={t("codesTitle")} rows={codes} columns={codeColumns} rowKey={(row) => row.id} empty={<EmptyState title={t("code.none")} hint={t("code.noneHint")} />} /> : null}
      {view === "channels" ? <Channels /> : null}
      {view === "welcomes" ? <DataTable label={t("codesView.welcomes")} rows={welcomes} columns={welcomeColumns} rowKey={(row) => row.id} empty={<EmptyState title={t("welcome.none")} hint={t("welcome.noneHint")} />} /> : null}
      <Drawer open={open !== null} onClose={close} size={640} title={t(view === "codes" ? (chosen ? "code.edit" : "code.create") : chosen ? "welcome.edit" : "welcome.create")} destroyOnHidden>
        {view === "codes" ? <CodeForm accounts={accounts.items} code={chosen as GroupCode | undefined} onDone={close} /> : <WelcomeForm account={accounts.items[0]} welcome={chosen as GroupWelcome | undefined} onDone={close} />}
      </Drawer>
    </ListPage>
  );
}
