import { useMutation, useQuery } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, Select, Space, Tag } from "antd";
import { useState } from "react";
import { api, queryClient, type Page as ApiPage } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { Page, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, Loaded, NoMatch, useTold } from "@/shared/states";
import type { OrgUnit } from "./types";
import styles from "./Settings.module.css";

const KEY = ["/org-units"];
const BELOW: Record<OrgUnit["kind"], OrgUnit["kind"][]> = { brand: ["region", "store"], region: ["store"], store: [] };

interface Asked {
  /** The unit that is renamed or moved, or above the one that is added; null adds a brand. */
  unit: OrgUnit | null;
  what: "add" | "rename" | "move";
}

/** Under which a unit of each kind may stand. */
const ABOVE: Record<OrgUnit["kind"], OrgUnit["kind"][]> = { brand: [], region: ["brand"], store: ["brand", "region"] };

async function readAll(signal: AbortSignal): Promise<OrgUnit[]> {
  const units: OrgUnit[] = [];
  let cursor: string | null = null;
  do {
    const page: ApiPage<OrgUnit> = await api.get<ApiPage<OrgUnit>>("/org-units", { cursor }, signal);
    units.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return units;
}

function useChange(onDone: () => void, onError?: (error: unknown) => void) {
  const { t } = useTranslation("settings");
  const told = useTold();
  return useMutation({
    mutationFn: ({ id, body }: { id: string | null; body: object }) => (id ? api.patch(`/org-units/${id}`, body) : api.post("/org-units", body)),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: KEY });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: onError ?? told.failed,
  });
}

interface UnitValues {
  kind: OrgUnit["kind"];
  code: string;
  name: string;
  parent_id: string;
}

function UnitDialog({ asked, units, onClose }: { asked: Asked; units: readonly OrgUnit[]; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const told = useTold();
  const [form] = Form.useForm<UnitValues>();
  const change = useChange(onClose, told.refused(form));
  const { unit, what } = asked;
  const kinds: OrgUnit["kind"][] = unit ? BELOW[unit.kind] : ["brand"];
  const submit = (values: UnitValues) => change.mutate(what === "add" ? { id: null, body: { ...values, parent_id: unit?.id ?? null } } : { id: unit?.id ?? null, body: values });
  const homes = unit ? units.filter((one) => one.active && one.id !== unit.parent_id && ABOVE[unit.kind].includes(one.kind)) : [];
  const first: Partial<UnitValues> = { add: kinds[0] ? { kind: kinds[0] } : {}, rename: { name: unit?.name ?? "" }, move: {} }[what];
  return (
    <Modal open title={t(`organisation.${what === "add" && unit ? "addBelow" : what}Title`, { name: unit?.name })} okText={t("shared:action.save")} cancelText={t("shared:action.cancel")} confirmLoading={change.isPending} onCancel={onClose} onOk={() => form.submit()}>
      <Form<UnitValues> form={form} layout="vertical" initialValues={first} onFinish={submit}>
        {what === "move" ? (
          <Form.Item name="parent_id" label={t("organisation.newParent")} extra={t("organisation.moveHint")} rules={[{ required: true, message: t("organisation.newParent") }]}>
            <Select showSearch={{ optionFilterProp: "label" }} options={homes.map((one) => ({ value: one.id, label: `${t(`organisation.kind.${one.kind}`)} · ${one.name}` }))} />
          </Form.Item>
        ) : null}
        {what === "add" ? (
          <>
            <Form.Item name="kind" label={t("organisation.kindLabel")}>
              <Select options={kinds.map((kind) => ({ value: kind, label: t(`organisation.kind.${kind}`) }))} />
            </Form.Item>
            <Form.Item name="code" label={t("organisation.code")} extra={t("organisation.codeHint")} rules={[{ required: true, pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/, message: t("organisation.codeHint") }]}>
              <Input maxLength={64} />
            </Form.Item>
          </>
        ) : null}
        {what === "move" ? null : (
          <Form.Item name="name" label={t("organisation.name")} rules={[{ required: true, message: t("organisation.nameMissing") }]}>
            <Input maxLength={100} autoFocus={what === "rename"} />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}

/** Closing is asked about, since it takes the unit out of every choice; opening again is not. */
function useSwitch() {
  const { t } = useTranslation("settings");
  const { modal } = App.useApp();
  const change = useChange(() => undefined);
  return (unit: OrgUnit, below: number) => {
    const go = () => change.mutateAsync({ id: unit.id, body: { active: !unit.active } }).catch(() => undefined);
    if (!unit.active) return void go();
    modal.confirm({
      title: t("organisation.closeTitle", { name: unit.name }),
      content: below > 0 ? t("organisation.closeBelow", { count: below }) : t("organisation.closeHint"),
      okText: t("organisation.close"),
      okButtonProps: { danger: true },
      cancelText: t("shared:action.cancel"),
      onOk: go,
    });
  };
}

interface BranchProps {
  units: readonly OrgUnit[];
  parent: string | null;
  shown: ReadonlySet<string>;
  editable: boolean;
  onAsk: (asked: Asked) => void;
}

function Deeds({ unit, below, onAsk }: { unit: OrgUnit; below: number; onAsk: (asked: Asked) => void }) {
  const { t } = useTranslation("settings");
  const toggle = useSwitch();
  const deed = (key: string, onClick: () => void) => (
    <Button type="link" size="small" aria-label={`${t(`organisation.${key}`)} ${unit.name}`} onClick={onClick}>
      {t(`organisation.${key}`)}
    </Button>
  );
  return (
    <Space size={0}>
      {BELOW[unit.kind].length > 0 && unit.active ? deed("addBelow", () => onAsk({ unit, what: "add" })) : null}
      {deed("rename", () => onAsk({ unit, what: "rename" }))}
      {ABOVE[unit.kind].length > 0 ? deed("move", () => onAsk({ unit, what: "move" })) : null}
      {deed(unit.active ? "close" : "reopen", () => toggle(unit, below))}
    </Space>
  );
}

function Branch({ units, parent, shown, editable, onAsk }: BranchProps) {
  const { t } = useTranslation("settings");
  const here = units.filter((unit) => unit.parent_id === parent && shown.has(unit.id));
  if (here.length === 0) return null;
  return (
    <ul className={styles.tree}>
      {here.map((unit) => {
        const below = units.filter((one) => one.parent_id === unit.id).length;
        return (
          <li key={unit.id}>
            <div className={styles.unit}>
              <Tag>{t(`organisation.kind.${unit.kind}`)}</Tag>
              <span className={unit.active ? undefined : styles.closed}>{unit.name}</span>
              <code className="t-faint">{unit.code === unit.name ? "" : unit.code}</code>
              {below > 0 ? <span className="t-faint">{t("organisation.below", { count: below })}</span> : null}
              {unit.active ? null : <Tag>{t("organisation.closed")}</Tag>}
              {editable ? <Deeds unit={unit} below={below} onAsk={onAsk} /> : <span />}
            </div>
            <Branch units={units} parent={unit.id} shown={shown} editable={editable} onAsk={onAsk} />
          </li>
        );
      })}
    </ul>
  );
}

/** What fits the text, with everything above it, so that a store is found in its place. */
function fitting(units: readonly OrgUnit[], text: string): Set<string> {
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const needle = text.trim().toLowerCase();
  const shown = new Set<string>();
  for (const unit of units) {
    if (needle && !`${unit.name} ${unit.code}`.toLowerCase().includes(needle)) continue;
    for (let at: OrgUnit | undefined = unit; at && !shown.has(at.id); at = at.parent_id ? byId.get(at.parent_id) : undefined) shown.add(at.id);
  }
  return shown;
}

export function OrganisationPage() {
  const { t } = useTranslation("settings");
  const editable = useCan()("settings.write");
  const [asked, setAsked] = useState<Asked | null>(null);
  const [text, setText] = useState("");
  const query = useQuery({ queryKey: [...KEY, "tree"], queryFn: ({ signal }) => readAll(signal) });
  const add = editable ? (
    <Button type="primary" onClick={() => setAsked({ unit: null, what: "add" })}>
      {t("organisation.addBrand")}
    </Button>
  ) : null;
  return (
    <Page title={t("organisation.title")} lead={t("organisation.lead")} actions={add}>
      <Section>
        <Loaded query={query}>
          {(units) => {
            const shown = fitting(units, text);
            if (units.length === 0) return <EmptyState title={t("organisation.emptyTitle")} hint={t("organisation.emptyHint")} action={add} />;
            return (
              <>
                <Input.Search allowClear className={styles.find ?? ""} aria-label={t("organisation.find")} placeholder={t("organisation.find")} value={text} onChange={(event) => setText(event.target.value)} />
                {shown.size === 0 ? <NoMatch onClear={() => setText("")} /> : <Branch units={units} parent={null} shown={shown} editable={editable} onAsk={setAsked} />}
              </>
            );
          }}
        </Loaded>
      </Section>
      {asked ? <UnitDialog asked={asked} units={query.data ?? []} onClose={() => setAsked(null)} /> : null}
    </Page>
  );
}
