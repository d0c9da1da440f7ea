import { Button, Drawer, Segmented } from "antd";
import { useState } from "react";
import { usePages } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable } from "@/shared/table";
import { Radar } from "./Radar";
import { useMaterialColumns, useScriptColumns } from "./Shelf";
import { MaterialForm, ScriptForm } from "./ShelfForms";
import { TopicForm, Topics } from "./Topics";
import type { Material, Script, Topic } from "./types";

const TABS = ["materials", "scripts", "topics", "radar"] as const;
type Tab = (typeof TABS)[number];
type Open = { tab: "materials"; row: Material | null } | { tab: "scripts"; row: Script | null } | { tab: "topics"; row: Topic | null };

function Materials({ onEdit }: { onEdit: (row: Material) => void }) {
  const { t } = useTranslation("desk");
  const rows = usePages<Material>("/materials", {}, 1000);
  return <DataTable label={t("materials.materials")} rows={rows} columns={useMaterialColumns(onEdit)} rowKey={(row) => row.id} onOpen={onEdit} empty={<EmptyState title={t("materials.none")} hint={t("materials.noneHint")} />} />;
}

function Scripts({ onEdit }: { onEdit: (row: Script) => void }) {
  const { t } = useTranslation("desk");
  const rows = usePages<Script>("/talk-scripts", {}, 1000);
  return <DataTable label={t("materials.scripts")} rows={rows} columns={useScriptColumns(onEdit)} rowKey={(row) => row.id} onOpen={onEdit} empty={<EmptyState title={t("materials.none")} hint={t("materials.noneHint")} />} />;
}

function Opened({ open, onDone }: { open: Open; onDone: () => void }) {
  if (open.tab === "materials") return <MaterialForm row={open.row} onDone={onDone} />;
  if (open.tab === "scripts") return <ScriptForm row={open.row} onDone={onDone} />;
  return <TopicForm row={open.row} onDone={onDone} />;
}

const MAKE = { materials: "materials.newMaterial", scripts: "materials.newScript", topics: "materials.newTopic" } as const;

/** What advisers show and say, what questions it answers, and who read it. */
export function MaterialsPage() {
  const { t } = useTranslation("desk");
  const may = useCan()("material.write");
  const [tab, setTab] = useState<Tab>("materials");
  const [open, setOpen] = useState<Open | null>(null);
  const make = may && tab !== "radar" ? (
    <Button type="primary" onClick={() => setOpen({ tab, row: null })}>
      {t(MAKE[tab])}
    </Button>
  ) : null;
  return (
    <ListPage
      title={t("materials.title")}
      lead={t("materials.lead")}
      actions={make}
      filters={<Segmented aria-label={t("materials.which")} value={tab} onChange={setTab} options={TABS.map((one) => ({ value: one, label: t(`materials.${one}`) }))} />}
    >
      {tab === "materials" ? <Materials onEdit={(row) => setOpen({ tab: "materials", row })} /> : null}
      {tab === "scripts" ? <Scripts onEdit={(row) => setOpen({ tab: "scripts", row })} /> : null}
      {tab === "topics" ? <Topics onEdit={(row) => setOpen({ tab: "topics", row })} /> : null}
      {tab === "radar" ? <Radar /> : null}
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={600} title={open ? t(MAKE[open.tab]) : ""} destroyOnHidden>
        {open ? <Opened open={open} onDone={() => setOpen(null)} /> : null}
      </Drawer>
    </ListPage>
  );
}
