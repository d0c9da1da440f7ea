import { Button, Drawer, Segmented, Tag } from "antd";
import { useMemo, useState } from "react";
import { queryClient, usePages } from "@/shared/api";
import { Time, useBusinessNow } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { RequestDrawer } from "./RequestDrawer";
import { RequestForm } from "./RequestForm";
import type { RightsRequest } from "./types";

const PATH = "/rights-requests";
const colours = { open: "processing", approved: "processing", done: "success", refused: "default", failed: "error" } as const;
const states = ["all", "open", "done", "refused"] as const;
const refresh = () => void queryClient.invalidateQueries({ queryKey: [PATH] });

function useColumns(): Column<RightsRequest>[] {
  const { t } = useTranslation("rights");
  const now = useBusinessNow();
  return useMemo(
    () => [
      { key: "kind", title: t("kind"), width: 160, render: (row) => t(row.kind) },
      { key: "reason", title: t("reason"), render: (row) => row.reason },
      { key: "status", title: t("status"), width: 110, render: (row) => <Tag color={colours[row.status]}>{t(`is.${row.status}`)}</Tag> },
      { key: "asked", title: t("asked"), width: 150, render: (row) => <Time value={row.asked_at} /> },
      { key: "due", title: t("due"), width: 150, render: (row) => <>{row.status === "open" && Date.parse(row.due_at) < now.valueOf() ? <Tag color="error">{t("late")}</Tag> : null}<Time value={row.due_at} only="date" /></> },
      { key: "by", title: t("by"), width: 110, render: (row) => row.created_by_name ?? (row.created_by ? "—" : t("byPlatform")) },
      { key: "decided", title: t("decided"), width: 110, render: (row) => row.decided_by_name ?? "—" },
    ],
    [t, now],
  );
}

/** Copies and erasures that people asked for: filed by one, approved by another, done with a receipt. */
export function RightsPage() {
  const { t } = useTranslation("rights");
  const can = useCan();
  const [state, setState] = useState<(typeof states)[number]>("all");
  const rows = usePages<RightsRequest>(PATH, state === "all" ? {} : { status: state });
  const columns = useColumns();
  const [filing, setFiling] = useState(false);
  const [opened, setOpened] = useState<string | null>(null);
  useLive(["rights"], refresh);
  const one = rows.items.find((row) => row.id === opened);
  const create = can("rights.write") ? (
    <Button type="primary" onClick={() => setFiling(true)}>
      {t("create")}
    </Button>
  ) : null;
  return (
    <ListPage
      title={t("title")}
      lead={t("lead")}
      actions={rows.items.length > 0 ? create : null}
      filters={<Segmented aria-label={t("status")} value={state} onChange={setState} options={states.map((value) => ({ value, label: t(`is.${value}`) }))} />}
    >
      <DataTable label={t("title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={(row) => setOpened(row.id)} empty={<EmptyState title={t("emptyTitle")} hint={t("emptyHint")} action={create} />} />
      <Drawer open={filing} onClose={() => setFiling(false)} size={560} title={t("create")} destroyOnHidden>
        <RequestForm
          onFiled={() => {
            refresh();
            setFiling(false);
          }}
        />
      </Drawer>
      <Drawer open={one !== undefined} onClose={() => setOpened(null)} size={640} title={one ? t(one.kind) : ""} destroyOnHidden>
        {one ? <RequestDrawer one={one} onDone={() => setOpened(null)} /> : null}
      </Drawer>
    </ListPage>
  );
}
