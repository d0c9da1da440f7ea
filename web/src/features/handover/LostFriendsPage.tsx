import { Button, Drawer, Segmented } from "antd";
import { useState } from "react";
import { usePages } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable } from "@/shared/table";
import { HandOverForm } from "./HandOverForm";
import { HandOvers } from "./HandOvers";
import { useAdviserColumns, useLostColumns } from "./useColumns";
import { Work } from "./Work";
import type { Adviser, Lost } from "./types";

type Shown = "advisers" | "work" | "lost" | "handOvers";

function Advisers({ rows, onGive }: { rows: ReturnType<typeof usePages<Adviser>>; onGive: (row: Adviser) => void }) {
  const { t } = useTranslation("handover");
  const columns = useAdviserColumns(onGive);
  return <DataTable label={t("advisers")} rows={rows} columns={columns} rowKey={(row) => `${row.account_id}-${row.member}`} empty={<EmptyState title={t("noAdvisersTitle")} hint={t("noAdvisersHint")} />} />;
}

function LostList() {
  const { t } = useTranslation("handover");
  const rows = usePages<Lost>("/lost-friends");
  const columns = useLostColumns();
  return <DataTable label={t("lost")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title={t("noneLostTitle")} hint={t("noneLostHint")} />} />;
}

/** Who was lost, by whom, and how leavers' customers go to others. */
export function LostFriendsPage() {
  const { t } = useTranslation("handover");
  const can = useCan();
  const [shown, setShown] = useState<Shown>("advisers");
  const [giving, setGiving] = useState<Adviser | "anybody" | null>(null);
  const advisers = usePages<Adviser>("/adviser-friends", { days: 30 }, 1000);
  const begin =
    can("contact.write") && advisers.items.length > 1 ? (
      <Button type="primary" onClick={() => setGiving("anybody")}>
        {t("begin")}
      </Button>
    ) : null;
  return (
    <ListPage
      title={t("title")}
      lead={t("lead")}
      actions={begin}
      filters={<Segmented<Shown> aria-label={t("which")} value={shown} onChange={setShown} options={(["advisers", "work", "lost", "handOvers"] as const).map((value) => ({ value, label: t(value) }))} />}
    >
      {shown === "advisers" ? <Advisers rows={advisers} onGive={setGiving} /> : shown === "work" ? <Work /> : shown === "lost" ? <LostList /> : <HandOvers />}
      <Drawer open={giving !== null} onClose={() => setGiving(null)} size={640} title={t("begin")} destroyOnHidden>
        {giving ? <HandOverForm advisers={advisers.items} giver={giving === "anybody" ? null : giving} onDone={() => (setGiving(null), setShown("handOvers"))} /> : null}
      </Drawer>
    </ListPage>
  );
}
