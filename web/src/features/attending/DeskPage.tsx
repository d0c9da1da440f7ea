import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Segmented, Tag } from "antd";
import { useState } from "react";
import { api, usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { DeskSettings } from "./DeskSettings";
import { TalkDrawer } from "./TalkDrawer";
import type { Figures, Talk } from "./types";

const WHICH = ["asked", "late", "all"] as const;
const COLOURS = { open: "default", asked: "orange", person: "green" } as const;

function useColumns(): Column<Talk>[] {
  const { t } = useTranslation("attending");
  return [
    { key: "customer", title: t("talk.customer"), render: (row) => row.customer ?? t("talk.nameless") },
    { key: "desk", title: t("talk.desk"), width: 150, render: (row) => row.desk || "—" },
    { key: "state", title: t("talk.state"), width: 150, render: (row) => <Tag color={COLOURS[row.state]}>{t(`state.${row.state}`)}</Tag> },
    { key: "member", title: t("talk.member"), width: 140, render: (row) => row.member || "—" },
    {
      key: "waiting",
      title: t("talk.waiting"),
      width: 220,
      render: (row) =>
        row.waiting_since ? (
          <>
            <Time value={row.waiting_since} /> {row.alarmed_at ? <Tag color="red">{t("talk.late")}</Tag> : null}
          </>
        ) : (
          "—"
        ),
    },
    { key: "last", title: t("talk.last"), width: 170, render: (row) => <Time value={row.last_at} /> },
  ];
}

/** Talks at service desks: who waits for a person, and what the desk answered by itself. */
export function DeskPage() {
  const { t } = useTranslation("attending");
  const can = useCan();
  const [which, setWhich] = useState<(typeof WHICH)[number]>("all");
  const [open, setOpen] = useState<Talk | "settings" | null>(null);
  const rows = usePages<Talk>("/desk-talks", { which });
  const figures = useQuery({ queryKey: ["/desk-talks", "figures"], queryFn: ({ signal }) => api.get<Figures>("/desk-talks/figures", { days: 7 }, signal) });
  const columns = useColumns();
  const counts = figures.data;
  return (
    <ListPage
      title={t("desk.title")}
      lead={t("desk.lead")}
      actions={can("contact.write") ? <Button onClick={() => setOpen("settings")}>{t("desk.settings")}</Button> : null}
      filters={
        <>
          <Segmented aria-label={t("desk.which")} value={which} onChange={setWhich} options={WHICH.map((value) => ({ value, label: t(`desk.only.${value}`) }))} />
          {counts ? (
            <span className="t-soft">
              {t("desk.figures")} {(["asked", "answered", "handed_over", "waiting", "late"] as const).map((name) => (
                <span key={name} style={{ marginInlineStart: 12 }}>
                  {t(`desk.${name}`)} <strong><Num value={counts[name]} /></strong>
                </span>
              ))}
            </span>
          ) : null}
        </>
      }
    >
      <DataTable label={t("desk.title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={setOpen} empty={<EmptyState title={t("desk.none")} hint={t("desk.noneHint")} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={640} title={open === "settings" ? t("desk.settings") : open ? (open.customer ?? t("talk.nameless")) : ""} destroyOnHidden>
        {open === "settings" ? <DeskSettings onDone={() => setOpen(null)} /> : open ? <TalkDrawer talk={open} /> : null}
      </Drawer>
    </ListPage>
  );
}
