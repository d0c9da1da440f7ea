import { PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, DatePicker, Dropdown, Space, Tabs } from "antd";
import type { Dayjs } from "dayjs";
import { useState } from "react";
import { Link } from "react-router";
import { api, queryClient } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import { Posts } from "./Posts";
import { RuleCard } from "./RuleCard";
import { Tries } from "./Tries";
import { KINDS, fresh, whole, type Ownership, type Rule } from "./types";
import styles from "./Ownership.module.css";

function Editor({ known }: { known: Ownership }) {
  const { t } = useTranslation("ownership");
  const { modal } = App.useApp();
  const told = useTold();
  const may = useCan()("performance.write");
  const [rules, setRules] = useState<Rule[]>(() => known.rules.map(whole));
  const [since, setSince] = useState<Dayjs | null>(null);
  const save = useMutation({
    mutationFn: () => api.put<Ownership>("/ownership", { rules, version: known.version, starts_at: since?.toISOString() ?? null }),
    onSuccess: (now) => {
      queryClient.setQueryData(["/ownership"], now);
      told.done(t("saved"));
    },
    onError: told.failed,
  });
  const sound = rules.length > 0 && rules.every((rule) => rule.shares.reduce((sum, one) => sum + one.bp, 0) === 10000);
  const move = (at: number, by: number) => {
    const next = [...rules];
    next.splice(at + by, 0, ...next.splice(at, 1));
    setRules(next);
  };
  const ask = () => modal.confirm({ title: t("saveTitle"), content: t(since ? "saveSinceHint" : "saveHint"), okText: t("save"), cancelText: t("shared:action.cancel"), onOk: () => save.mutateAsync() });
  return (
    <>
      {known.unbound > 0 ? <Alert type="warning" showIcon style={{ marginBottom: 12 }} title={t("unbound", { count: known.unbound })} action={<Link to="/sidebar-settings">{t("bind")}</Link>} /> : null}
      {known.waiting ? <Alert type="info" showIcon style={{ marginBottom: 12 }} title={t("waiting")} /> : null}
      {rules.length === 0 ? <EmptyState compact title={t("none")} hint={t("noneHint")} /> : null}
      <ol className={styles.rules}>
        {rules.map((rule, at) => (
          <RuleCard key={`${rule.kind} ${at}`} rule={rule} place={at + 1} last={at === rules.length - 1} channels={known.channels} may={may} onChange={(one) => setRules(rules.map((before, index) => (index === at ? one : before)))} onMove={(by) => move(at, by)} onRemove={() => setRules(rules.filter((_, index) => index !== at))} />
        ))}
      </ol>
      <p className="t-faint">{t("nobody")}</p>
      {may ? (
        <div className={styles.foot}>
          <Dropdown menu={{ items: KINDS.map((kind) => ({ key: kind, label: t(`kind.${kind}`), onClick: () => setRules([...rules, fresh(kind)]) })) }} trigger={["click"]}>
            <Button icon={<PlusOutlined />}>{t("addRule")}</Button>
          </Dropdown>
          <DatePicker value={since} onChange={setSince} placeholder={t("fromNow")} aria-label={t("startsAt")} />
          <Button type="primary" disabled={!sound} loading={save.isPending} onClick={ask}>
            {t("save")}
          </Button>
          <Tries rules={rules} disabled={!sound} />
        </div>
      ) : null}
    </>
  );
}

function Versions({ known }: { known: Ownership }) {
  const { t } = useTranslation("ownership");
  if (known.versions.length === 0) return <EmptyState compact title={t("none")} />;
  return (
    <ol className={styles.rules}>
      {known.versions.map((one) => (
        <li key={one.version} className={styles.rule}>
          <Space wrap>
            <strong>{t("version", { number: one.version })}</strong>
            <span>
              {t("startsAt")} <Time value={one.starts_at} />
            </span>
            <span className="t-faint">
              {one.saved_by} <Time value={one.saved_at} />
            </span>
          </Space>
          <p style={{ margin: "6px 0 0" }}>{one.rules.map((rule, at) => `${at + 1}. ${t(`kind.${rule.kind}`)}`).join(" → ")}</p>
        </li>
      ))}
    </ol>
  );
}

/** By which rules orders find their advisers, who earns, and the rules before. */
export function OwnershipPage() {
  const { t } = useTranslation("ownership");
  const known = useQuery({ queryKey: ["/ownership"], queryFn: () => api.get<Ownership>("/ownership") });
  return (
    <Page title={t("title")} lead={t("lead")}>
      <Loaded query={known}>
        {(found) => (
          <Tabs
            items={[
              { key: "rules", label: t("tab.rules"), children: <Editor key={found.version} known={found} /> },
              { key: "posts", label: t("tab.posts", { count: found.posts }), children: <Posts /> },
              { key: "versions", label: t("tab.versions"), children: <Versions known={found} /> },
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}
