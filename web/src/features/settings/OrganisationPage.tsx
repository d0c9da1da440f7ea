import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Select, Space, Tag } from "antd";
import { useState } from "react";
import { api, queryClient, type Page as ApiPage } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded, useTold } from "@/shared/states";
import type { OrgUnit } from "./types";
import styles from "./Settings.module.css";

const KEY = ["/org-units"];
const BELOW: Record<OrgUnit["kind"], OrgUnit["kind"][]> = { brand: ["region", "store"], region: ["store"], store: [] };

interface Asked {
  /** The unit that is renamed, or above the one that is added; null adds a brand. */
  unit: OrgUnit | null;
  adding: boolean;
}

function useChange(onDone: () => void) {
  const { t } = useTranslation("settings");
  const told = useTold();
  return useMutation({
    mutationFn: ({ id, body }: { id: string | null; body: object }) => (id ? api.patch(`/org-units/${id}`, body) : api.post("/org-units", body)),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: KEY });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.failed,
  });
}

interface UnitValues {
  kind: OrgUnit["kind"];
  code: string;
  name: string;
}

function UnitDialog({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const [form] = Form.useForm<UnitValues>();
  const change = useChange(onClose);
  const kinds: OrgUnit["kind"][] = asked.unit ? BELOW[asked.unit.kind] : ["brand"];
  const submit = (values: UnitValues) =>
    change.mutate(asked.adding ? { id: null, body: { ...values, parent_id: asked.unit?.id ?? null } } : { id: asked.unit?.id ?? null, body: { name: values.name } });
  return (
    <Modal open title={asked.adding ? t("organisation.add") : t("organisation.rename")} okText={t("shared:action.save")} cancelText={t("shared:action.cancel")} confirmLoading={change.isPending} onCancel={onClose} onOk={() => form.submit()}>
      <Form<UnitValues> form={form} layout="vertical" initialValues={asked.adding ? { kind: kinds[0] } : { name: asked.unit?.name }} onFinish={submit}>
        {asked.adding ? (
          <>
            {asked.unit ? <Form.Item label={t("organisation.parent")}>{asked.unit.name}</Form.Item> : null}
            <Form.Item name="kind" label={t("organisation.kindLabel")}>
              <Select options={kinds.map((kind) => ({ value: kind, label: t(`organisation.kind.${kind}`) }))} />
            </Form.Item>
            <Form.Item name="code" label={t("organisation.code")} extra={t("organisation.codeHint")} rules={[{ required: true, pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/, message: t("organisation.codeHint") }]}>
              <Input maxLength={64} />
            </Form.Item>
          </>
        ) : null}
        <Form.Item name="name" label={t("organisation.name")} rules={[{ required: true }]}>
          <Input maxLength={100} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Branch({ units, parent, editable, onAsk }: { units: readonly OrgUnit[]; parent: string | null; editable: boolean; onAsk: (asked: Asked) => void }) {
  const { t } = useTranslation("settings");
  const change = useChange(() => undefined);
  const here = units.filter((unit) => unit.parent_id === parent);
  if (here.length === 0) return null;
  return (
    <ul className={styles.tree}>
      {here.map((unit) => (
        <li key={unit.id}>
          <div className={styles.unit}>
            <Tag>{t(`organisation.kind.${unit.kind}`)}</Tag>
            <span className={unit.active ? undefined : styles.closed}>{unit.name}</span>
            <code className="t-faint">{unit.code}</code>
            {unit.active ? null : <Tag>{t("organisation.closed")}</Tag>}
            {editable ? (
              <Space size={0}>
                {BELOW[unit.kind].length > 0 && unit.active ? (
                  <Button type="link" size="small" aria-label={`${t("organisation.addBelow")} ${unit.name}`} onClick={() => onAsk({ unit, adding: true })}>
                    {t("organisation.addBelow")}
                  </Button>
                ) : null}
                <Button type="link" size="small" aria-label={`${t("organisation.rename")} ${unit.name}`} onClick={() => onAsk({ unit, adding: false })}>
                  {t("organisation.rename")}
                </Button>
                <Button type="link" size="small" aria-label={`${t(unit.active ? "organisation.close" : "organisation.reopen")} ${unit.name}`} onClick={() => change.mutate({ id: unit.id, body: { active: !unit.active } })}>
                  {t(unit.active ? "organisation.close" : "organisation.reopen")}
                </Button>
              </Space>
            ) : (
              <span />
            )}
          </div>
          <Branch units={units} parent={unit.id} editable={editable} onAsk={onAsk} />
        </li>
      ))}
    </ul>
  );
}

export function OrganisationPage() {
  const { t } = useTranslation("settings");
  const editable = useCan()("settings.write");
  const [asked, setAsked] = useState<Asked | null>(null);
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.get<ApiPage<OrgUnit>>("/org-units", undefined, signal) });
  const add = editable ? (
    <Button type="primary" onClick={() => setAsked({ unit: null, adding: true })}>
      {t("organisation.add")}
    </Button>
  ) : null;
  return (
    <Page title={t("organisation.title")} lead={t("organisation.lead")} actions={add}>
      <Section>
        <Loaded query={query}>
          {({ items }) => (items.length === 0 ? <EmptyState title={t("organisation.emptyTitle")} hint={t("organisation.emptyHint")} action={add} /> : <Branch units={items} parent={null} editable={editable} onAsk={setAsked} />)}
        </Loaded>
      </Section>
      {asked ? <UnitDialog asked={asked} onClose={() => setAsked(null)} /> : null}
    </Page>
  );
}
