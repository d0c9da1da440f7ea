import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Segmented, Table } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { api, usePages, type Schemas } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, Loaded, LoadingState } from "@/shared/states";
import { FlowTabs } from "../steer/FlowTabs";
import styles from "../steer/Steer.module.css";
import { StoreForm } from "./StoreForm";
import type { OpenFlow } from "./StoreFlowsPage";
import { differing, type Setting, type Store } from "./values";
import { useStoreWords } from "./words";

/** What head office has opened, and within which limits. */
function Opened({ flowId, settings }: { flowId: string; settings: readonly Setting[] }) {
  const { t } = useTranslation("steer");
  const say = useStoreWords();
  return (
    <section className={`t-card ${styles.sheet}`}>
      <div className={styles.head}>
        <h2>{t("stores.opened")}</h2>
        <Link to={`/flows/${flowId}`}>{t("stores.toCanvas")}</Link>
      </div>
      <Table
        size="small"
        rowKey="name"
        pagination={false}
        scroll={{ x: true }}
        dataSource={[...settings]}
        columns={[
          { title: t("stores.what"), dataIndex: "label" },
          { title: t("stores.kind"), render: (_value, one) => t(`stores.type.${one.type}`) },
          { title: t("stores.default"), render: (_value, one) => say.value(one.default) },
          { title: t("stores.limits"), render: (_value, one) => (one.type === "bool" ? "—" : say.limit(one)) },
        ]}
      />
    </section>
  );
}

/** Every store in reach: what its customers get where it differs from head office's. */
function Stores({ rows, settings, onOpen }: { rows: ReturnType<typeof usePages<Store>>; settings: readonly Setting[]; onOpen: (store: Store) => void }) {
  const { t } = useTranslation("steer");
  const say = useStoreWords();
  const [shown, setShown] = useState<"differ" | "all">("all");
  const differ = rows.items.filter((one) => differing(settings, one).length > 0);
  const own = (setting: Setting, one: Store) => (differing([setting], one).length > 0 ? <strong>{say.value(one.effective[setting.name] ?? setting.default)}</strong> : <span className={styles.small}>{t("stores.same")}</span>);
  return (
    <section className={`t-card ${styles.sheet}`}>
      <div className={styles.head}>
        <h2>{t("stores.heading")}</h2>
        <Segmented
          aria-label={t("stores.heading")}
          value={shown}
          onChange={setShown}
          options={[
            { value: "all", label: t("stores.all", { n: formatNumber(rows.items.length) }) },
            { value: "differ", label: t("stores.differ", { n: formatNumber(differ.length) }) },
          ]}
        />
      </div>
      <Table<Store>
        size="small"
        rowKey="store_id"
        pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: true }}
        dataSource={shown === "all" ? rows.items : differ}
        locale={{ emptyText: t("stores.none") }}
        columns={[
          { title: t("stores.store"), render: (_value, one) => <Button type="link" size="small" style={{ padding: 0 }} onClick={() => onOpen(one)}>{one.name}</Button> },
          ...settings.map((setting) => ({ key: setting.name, title: setting.label, render: (_value: unknown, one: Store) => own(setting, one) })),
          { title: t("stores.updated"), render: (_value, one) => (one.updated_at ? <><Time value={one.updated_at} /> {one.updated_by}</> : "—") },
        ]}
      />
      {rows.hasNextPage ? (
        <Button block loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
          {t("behind.more")}
        </Button>
      ) : null}
    </section>
  );
}

function Sheet({ flowId, settings }: { flowId: string; settings: readonly Setting[] }) {
  const { t } = useTranslation("steer");
  const can = useCan();
  const rows = usePages<Store>(`/flows/${flowId}/stores`, {}, 1000);
  const [open, setOpen] = useState<Store | null>(null);
  const [only] = rows.items;
  if (settings.length === 0) return <EmptyState title={t("stores.notOpen")} hint={t("stores.notOpenHint")} />;
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState />;
  if (!can("flow.read") && only && rows.items.length === 1)
    return (
      <section className={`t-card ${styles.sheet}`} style={{ maxWidth: 720 }}>
        <h2>{only.name}</h2>
        <p className={styles.lead}>{t("stores.ownLead")}</p>
        <StoreForm key={only.updated_at} flowId={flowId} settings={settings} store={only} />
      </section>
    );
  return (
    <>
      {can("flow.read") ? <Opened flowId={flowId} settings={settings} /> : null}
      <Stores rows={rows} settings={settings} onOpen={setOpen} />
      {open ? (
        <Drawer open size={480} title={open.name} onClose={() => setOpen(null)}>
          <p className={styles.lead}>{t("stores.ownLead")}</p>
          <StoreForm flowId={flowId} settings={settings} store={open} onSaved={() => setOpen(null)} />
        </Drawer>
      ) : null}
    </>
  );
}

/** What stores may set in a flow, and what each has: a manager sets her own, head office sees which differ. */
export function StoreSettingsPage() {
  const { flowId = "" } = useParams();
  const { t } = useTranslation("steer");
  const reads = useCan()("flow.read");
  const settings = useQuery({ queryKey: ["/flows", flowId, "store-settings"], queryFn: ({ signal }) => api.get<Schemas["StoreSettingsOut"]>(`/flows/${flowId}/store-settings`, undefined, signal), staleTime: 0 });
  // Who may not read flows knows its name from the list of those open to stores.
  const open = usePages<OpenFlow>("/store-flows", {}, 50, !reads);
  const drawn = useQuery({ queryKey: ["/flows", flowId], queryFn: ({ signal }) => api.get<{ name: string }>(`/flows/${flowId}`, undefined, signal), enabled: reads });
  const name = drawn.data?.name ?? open.items.find((one) => one.id === flowId)?.name;
  const crumbs = reads ? [{ label: t("tabs.flows"), to: "/flows" }, ...(name ? [{ label: name, to: `/flows/${flowId}` }] : [])] : [{ label: t("stores.flows"), to: "/store-flows" }];
  return (
    <Page title={reads || !name ? t("stores.title") : name} lead={t("stores.lead")} crumbs={crumbs}>
      {reads ? <FlowTabs flowId={flowId} /> : null}
      <Loaded query={settings}>{(found) => <Sheet flowId={flowId} settings={found.settings} />}</Loaded>
    </Page>
  );
}
