import { Button, Drawer, Input, Segmented } from "antd";
import { useMemo, useState } from "react";
import { useNavigate, useParams } from "react-router";
import { usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { ThingForm } from "./ThingForm";
import { useKind } from "./useKind";
import { Value } from "./Value";

type Kind = Schemas["ThingTypeOut"];
type Row = Schemas["ThingRow"];

/** More columns than these are no longer read at a glance; the page of a thing has them all. */
const SHOWN = 4;

function useColumns(kind: Kind | undefined): Column<Row>[] {
  const { t } = useTranslation("things");
  const say = useSay();
  return useMemo(() => {
    const stages = new Map(kind?.stages.map((one) => [one.name, say(one.label)]));
    const own = (kind?.fields ?? []).slice(0, SHOWN).map<Column<Row>>((one) => ({
      key: one.name,
      title: say(one.label),
      render: (row) => <Value type={one.type} value={row.fields[one.name]} />,
    }));
    return [
      { key: "title", title: t("thingTitle"), render: (row) => <strong>{row.title || row.number}</strong> },
      { key: "number", title: t("number"), width: 150, render: (row) => <code>{row.number}</code> },
      ...(stages.size > 0 ? [{ key: "stage", title: t("stage"), width: 150, render: (row: Row) => (row.stage ? (stages.get(row.stage) ?? row.stage) : "—") }] : []),
      ...own,
      { key: "updated", title: t("updated"), width: 170, render: (row) => <Time value={row.updated_at} /> },
    ];
  }, [t, say, kind]);
}

/** Things of one sort: how many stand in each stage, and which. */
export function ThingsPage() {
  const { type = "" } = useParams();
  const { t } = useTranslation("things");
  const say = useSay();
  const can = useCan();
  const navigate = useNavigate();
  const kind = useKind(type).data;
  const [stage, setStage] = useState("");
  const [q, setQ] = useState("");
  const [adding, setAdding] = useState(false);
  const rows = usePages<Row>(`/things/${type}`, { ...(stage ? { stage } : {}), ...(q ? { q } : {}) });
  const columns = useColumns(kind);
  const name = kind ? say(kind.label) : type;
  const add = can("thing.write") ? (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t("add", { name })}
    </Button>
  ) : null;
  const stages = kind?.stages ?? [];
  const filters = (
    <>
      <Input.Search allowClear aria-label={t("search")} placeholder={t("search")} style={{ width: 240 }} onSearch={setQ} />
      {stages.length > 0 ? <Segmented<string> aria-label={t("stage")} value={stage} onChange={setStage} options={[{ value: "", label: t("all") }, ...stages.map((one) => ({ value: one.name, label: `${say(one.label)} ${one.things}` }))]} /> : null}
    </>
  );
  return (
    <ListPage title={name} lead={t("thingsLead")} actions={add} filters={filters}>
      <DataTable label={name} rows={rows} columns={columns} rowKey={(row) => row.id} to={(row) => `/things/${type}/${row.id}`} empty={<EmptyState title={t("noneTitle", { name })} hint={t("noneHint")} action={add} />} />
      <Drawer open={adding} onClose={() => setAdding(false)} size={520} title={t("add", { name })} destroyOnHidden>
        {kind ? <ThingForm kind={kind} row={null} onDone={(row) => void navigate(`/things/${type}/${row.id}`)} /> : null}
      </Drawer>
    </ListPage>
  );
}
