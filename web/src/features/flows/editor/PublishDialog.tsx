import { Alert, Button, Input, Modal, Radio, Select, Space } from "antd";
import { useState } from "react";
import { compare, isSame, type Block, type Graph, type GraphDiff, type Kinds } from "@/shared/canvas";
import { formatNumber } from "@/shared/format";
import { useLanguage, useTranslation } from "@/shared/i18n";
import type { Finding, Flow, Running } from "../api";
import type { Publishing, Window } from "../life/api";
import { CallersAsked } from "../life/Callers";
import { useCallers } from "../life/useCallers";
import { WindowFields } from "../life/WindowFields";
import { wording } from "../subject";
import { PublishAhead, useAhead } from "../live/PublishAhead";
import { titleOf } from "./nodes";
import styles from "./PublishDialog.module.css";

interface Props {
  flow: Flow;
  kinds: Kinds;
  published: Graph | null;
  draft: Graph;
  findings: readonly Finding[];
  busy: boolean;
  onPublish: (publishing: Publishing) => void;
  onCompare: () => void;
  onClose: () => void;
}

const CHOICES: Running[] = ["stay", "move", "leave"];

function Changes({ diff, onCompare }: { diff: GraphDiff; onCompare: () => void }) {
  const { t } = useTranslation("flows");
  if (isSame(diff)) return <p>{t("publish.same")}</p>;
  const arrows = diff.arrowsAdded.length + diff.arrowsRemoved.length;
  return (
    <p>
      {t("publish.changes", { added: diff.added.length, changed: diff.changed.length, removed: diff.removed.length, arrows })}{" "}
      <Button type="link" size="small" onClick={onCompare}>
        {t("publish.see")}
      </Button>
    </p>
  );
}

/** Who stands in a block that is gone goes on at its heir, or leaves. */
function Heirs({ gone, draft, kinds, value, onChange }: { gone: readonly Block[]; draft: Graph; kinds: Kinds; value: Record<string, string>; onChange: (value: Record<string, string>) => void }) {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const options = draft.blocks.filter((block) => kinds.get(block.kind)?.role !== "start").map((block) => ({ value: block.id, label: titleOf(block, kinds, language) }));
  return gone.map((block) => (
    <label key={block.id} className={styles.heir}>
      <span>{t("publish.heir", { block: titleOf(block, kinds, language) })}</span>
      <Select
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        aria-label={t("publish.heir", { block: titleOf(block, kinds, language) })}
        placeholder={t("publish.heirNone")}
        options={options}
        value={value[block.id] ?? null}
        onChange={(to: string | null) => onChange(Object.fromEntries([...Object.entries(value).filter(([id]) => id !== block.id), ...(to ? [[block.id, to]] : [])]) as Record<string, string>)}
      />
    </label>
  ));
}

/** The last look before a flow meets customers: what changes, whom it concerns, what becomes of those inside, and for how long. */
export function PublishDialog({ flow, kinds, published, draft, findings, busy, onPublish, onCompare, onClose }: Props) {
  const { t } = useTranslation("flows");
  const [running, setRunning] = useState<Running>("stay");
  const [note, setNote] = useState("");
  const [window, setWindow] = useState<Window | null>(null);
  const [successors, setSuccessors] = useState<Record<string, string>>({});
  const [looked, setLooked] = useState(false);
  const callers = useCallers(flow.id).filter((one) => one.published);
  const errors = findings.filter((finding) => finding.severity === "error").length;
  const inside = flow.counts?.active ?? 0;
  const diff = published ? compare(published, draft) : null;
  const atWork = flow.status === "running" || flow.status === "paused";
  const asked = (useAhead(flow.id).data?.reasons ?? []).length > 0;
  const whole = window === null || (window.name.trim() !== "" && window.starts_at !== "" && window.ends_at !== "");
  return (
    <Modal
      open
      width={600}
      centered
      classNames={{ body: styles.scroll ?? "" }}
      title={t("publish.title", { name: flow.name })}
      onCancel={onClose}
      footer={
        <Space>
          <Button onClick={onClose}>{t("publish.later")}</Button>
          {window && !whole ? <span className={styles.means}>{t("variant.missing")}</span> : null}
          <Button type="primary" loading={busy} disabled={errors > 0 || !whole || (callers.length > 0 && !looked)} onClick={() => onPublish({ running, note: note.trim(), successors, window })}>
            {t(asked ? "approval.submit" : window ? "variant.go" : "publish.go", wording(flow.draft.settings))}
          </Button>
        </Space>
      }
    >
      <div className={styles.body}>
        {errors > 0 ? <Alert type="error" showIcon title={t("publish.blocked", { count: errors })} /> : null}
        {diff ? <Changes diff={diff} onCompare={onCompare} /> : <p>{t("publish.first")}</p>}
        {flow.approval ? <Alert type="info" showIcon title={t("publish.replaces", { name: flow.approval.requested_name })} /> : null}
        {callers.length > 0 ? <CallersAsked callers={callers} looked={looked} onLook={setLooked} /> : null}
        <PublishAhead flowId={flow.id} />
        {atWork ? <WindowFields value={window} onChange={setWindow} /> : null}
        {published && inside > 0 && !window ? (
          <fieldset className={styles.inside}>
            <legend>{t("publish.inside", { n: formatNumber(inside) })}</legend>
            <Radio.Group className={styles.choices ?? ""} value={running} onChange={(event) => setRunning(event.target.value as Running)}>
              {CHOICES.map((choice) => (
                <Radio key={choice} value={choice} className={styles.choice ?? ""}>
                  <strong>{t(`publish.${choice}`)}</strong>
                  <span className={styles.means}>{t(`publish.${choice}Means`)}</span>
                </Radio>
              ))}
            </Radio.Group>
            {running === "move" && diff ? <Heirs gone={diff.removed} draft={draft} kinds={kinds} value={successors} onChange={setSuccessors} /> : null}
          </fieldset>
        ) : null}
        {window ? null : <Input aria-label={t("publish.why")} placeholder={t("publish.why")} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />}
      </div>
    </Modal>
  );
}
