import { Button, Drawer, Tag, Tooltip } from "antd";
import { useMemo, useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { queryClient, usePages } from "@/shared/api";
import { formatNumber, MachineTimeHint, Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { ListPage } from "@/shared/pages";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { ExportActions } from "./ExportActions";
import { NewExport } from "./NewExport";
import { STATUS_COLOURS, type Begun, type ExportLine } from "./types";
import styles from "./Exports.module.css";

const topics = ["exports"];
export const refresh = () => void queryClient.invalidateQueries({ queryKey: ["/exports"] });

function Status({ one }: { one: ExportLine }) {
  const { t } = useTranslation("exports");
  const say = useSay();
  const far = one.status === "running" && one.rows > 0;
  const tag = <Tag color={STATUS_COLOURS[one.status]}>{far ? t("far", { shown: formatNumber(one.rows) }) : t(`status.${one.status}`)}</Tag>;
  if (one.error) return <Tooltip title={say(one.error)}>{tag}</Tooltip>;
  return tag;
}

function What({ one }: { one: ExportLine }) {
  const { t } = useTranslation("exports");
  const say = useSay();
  const narrowed = Object.keys(one.filters).length;
  return (
    <span className={styles.what}>
      {say(one.list)} · {one.format.toUpperCase()} {narrowed > 0 ? <span className="t-faint">{t("narrowed", { count: narrowed })}</span> : null}
      {one.plain ? <Tag color="red">{t("plain")}</Tag> : <Tag>{t("masked")}</Tag>}
      {one.reason ? <span className={styles.reason}>{one.reason}</span> : null}
    </span>
  );
}

function useColumns(): Column<ExportLine>[] {
  const { t } = useTranslation("exports");
  return useMemo(
    () => [
      { key: "what", title: t("column.what"), render: (row) => <What one={row} /> },
      { key: "status", title: t("column.status"), width: 150, render: (row) => <Status one={row} /> },
      { key: "rows", title: t("column.rows"), width: 100, align: "right", render: (row) => <Num value={row.rows} /> },
      { key: "by", title: t("column.by"), width: 110, render: (row) => row.created_by ?? "—" },
      { key: "created", title: t("column.created"), width: 160, render: (row) => <Time value={row.created_at} clock="machine" /> },
      { key: "expires", title: t("column.expires"), width: 160, render: (row) => (row.expires_at ? <Time value={row.expires_at} clock="machine" /> : "—") },
      { key: "actions", title: t("column.actions"), width: 190, render: (row) => <ExportActions one={row} /> },
    ],
    [t],
  );
}

/** The address may name a list to begin with, as the lists' own buttons do; leaving without filing goes back to that list. */
function useBegun() {
  const [search, setSearch] = useSearchParams();
  const navigate = useNavigate();
  const { state } = useLocation() as { state: { back?: boolean } | null };
  const { list, ...filters } = Object.fromEntries(search);
  const begun: Begun | null = list ? { list, filters } : null;
  const clear = () => setSearch({}, { replace: true });
  const leave = () => (state?.back ? void navigate(-1) : clear());
  return { begun, clear, leave };
}

/** Exports one asked for, and those that wait for one's approval. */
export function ExportsPage() {
  const { t } = useTranslation("exports");
  const rows = usePages<ExportLine>("/exports");
  const columns = useColumns();
  const [making, setMaking] = useState(false);
  const { begun, clear, leave } = useBegun();
  useLive(topics, refresh);
  const close = () => {
    setMaking(false);
    if (begun) leave();
  };
  const done = () => {
    setMaking(false);
    if (begun) clear();
  };
  const make = (
    <Button type="primary" onClick={() => setMaking(true)}>
      {t("new")}
    </Button>
  );
  return (
    <ListPage
      title={t("title")}
      lead={
        <>
          {t("lead")}<MachineTimeHint />
        </>
      }
      actions={rows.items.length > 0 ? make : null}
    >
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState drawing="start" title={t("emptyTitle")} hint={t("emptyHint")} action={make} />} />
      <Drawer open={making || begun !== null} onClose={close} size={520} title={t("new")} destroyOnHidden>
        <NewExport begun={begun} onDone={done} />
      </Drawer>
    </ListPage>
  );
}
