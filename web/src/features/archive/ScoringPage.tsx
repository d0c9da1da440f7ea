import { Button, Drawer, Segmented, Select, Tag } from "antd";
import { useState } from "react";
import { usePages } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { FormOfScores } from "./FormOfScores";
import { ScoreOne } from "./ScoreOne";
import type { Sample, Scores } from "./types";

const STATES = ["open", "scored", "appealed", "settled"] as const;
const COLOURS = { open: "orange", scored: "green", appealed: "red", settled: "default" } as const;

function Figures() {
  const { t } = useTranslation("archive");
  const rows = usePages<Scores>("/score-figures", { weeks: 12 }, 500);
  const columns: Column<Scores>[] = [
    { key: "adviser", title: t("talk.adviser"), render: (row) => row.adviser },
    { key: "scored", title: t("score.scored"), width: 120, align: "right", render: (row) => <Num value={row.scored} /> },
    { key: "waiting", title: t("score.waiting"), width: 120, align: "right", render: (row) => <Num value={row.waiting} /> },
    { key: "mean", title: t("score.mean"), width: 120, align: "right", render: (row) => row.mean ?? "—" },
    { key: "lowest", title: t("score.lowest"), width: 120, align: "right", render: (row) => row.lowest ?? "—" },
    { key: "fatal", title: t("score.fatal"), width: 140, align: "right", render: (row) => <Num value={row.fatal} /> },
    { key: "appeals", title: t("score.appeals"), width: 120, align: "right", render: (row) => <Num value={row.appeals} /> },
  ];
  return <DataTable label={t("score.figures")} rows={rows} columns={columns} rowKey={(row) => row.member} empty={<EmptyState title={t("score.none")} hint={t("score.noneHint")} />} />;
}

/** Talks drawn by lot each week, scored by a person. */
export function ScoringPage() {
  const { t } = useTranslation("archive");
  const [shown, setShown] = useState<"samples" | "figures">("samples");
  const [state, setState] = useState<Sample["state"]>("open");
  const [form, setForm] = useState(false);
  const [one, setOne] = useState<Sample | null>(null);
  const rows = usePages<Sample>("/score-samples", { state }, 50, shown === "samples");
  const columns: Column<Sample>[] = [
    { key: "week", title: t("score.week"), width: 150, render: (row) => row.week },
    { key: "adviser", title: t("talk.adviser"), width: 160, render: (row) => row.adviser },
    { key: "customer", title: t("talk.customer"), render: (row) => row.customer ?? t("talk.nameless") },
    { key: "state", title: t("score.state"), width: 120, render: (row) => <Tag color={COLOURS[row.state]}>{t(`score.is.${row.state}`)}</Tag> },
    { key: "total", title: t("score.total"), width: 110, align: "right", render: (row) => row.total ?? "—" },
    { key: "by", title: t("score.by"), width: 140, render: (row) => row.scored_by ?? "—" },
  ];
  return (
    <ListPage
      title={t("score.title")}
      lead={t("score.lead")}
      actions={<Button onClick={() => setForm(true)}>{t("form.title")}</Button>}
      filters={
        <>
          <Segmented aria-label={t("score.which")} value={shown} onChange={setShown} options={(["samples", "figures"] as const).map((value) => ({ value, label: t(`score.${value}`) }))} />
          {shown === "samples" ? <Select aria-label={t("score.state")} style={{ width: 140 }} value={state} onChange={setState} options={STATES.map((value) => ({ value, label: t(`score.is.${value}`) }))} /> : null}
        </>
      }
    >
      {shown === "figures" ? <Figures /> : <DataTable label={t("score.title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={setOne} empty={<EmptyState title={t("score.none")} hint={t("score.noneHint")} />} />}
      <Drawer open={one !== null} onClose={() => setOne(null)} size={860} title={one ? t("talk.between", { customer: one.customer ?? t("talk.nameless"), adviser: one.adviser }) : ""} destroyOnHidden>
        {one ? <ScoreOne sample={one} onDone={() => setOne(null)} /> : null}
      </Drawer>
      <Drawer open={form} onClose={() => setForm(false)} size={560} title={t("form.title")} destroyOnHidden>
        <FormOfScores onDone={() => setForm(false)} />
      </Drawer>
    </ListPage>
  );
}
