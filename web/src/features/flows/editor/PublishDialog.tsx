import { Alert, Button, Modal, Radio, Space } from "antd";
import { useState } from "react";
import { compare, isSame, type Graph } from "@/shared/canvas";
import { formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import type { Finding, Flow, Running } from "../api";
import { PublishAhead } from "../live/PublishAhead";
import styles from "./PublishDialog.module.css";

interface Props {
  flow: Flow;
  published: Graph | null;
  draft: Graph;
  findings: readonly Finding[];
  busy: boolean;
  onPublish: (running: Running) => void;
  onClose: () => void;
}

const CHOICES: Running[] = ["stay", "move", "leave"];

function Changes({ published, draft }: { published: Graph; draft: Graph }) {
  const { t } = useTranslation("flows");
  const diff = compare(published, draft);
  if (isSame(diff)) return <p>{t("publish.same")}</p>;
  const arrows = diff.arrowsAdded.length + diff.arrowsRemoved.length;
  return <p>{t("publish.changes", { added: diff.added.length, changed: diff.changed.length, removed: diff.removed.length, arrows })}</p>;
}

/** The last look before a flow meets customers: what changes, whom it concerns, what becomes of those inside. */
export function PublishDialog({ flow, published, draft, findings, busy, onPublish, onClose }: Props) {
  const { t } = useTranslation("flows");
  const [running, setRunning] = useState<Running>("stay");
  const errors = findings.filter((finding) => finding.severity === "error").length;
  const inside = flow.counts?.active ?? 0;
  return (
    <Modal
      open
      width={560}
      title={t("publish.title", { name: flow.name })}
      onCancel={onClose}
      footer={
        <Space>
          <Button onClick={onClose}>{t("publish.later")}</Button>
          <Button type="primary" loading={busy} disabled={errors > 0} onClick={() => onPublish(running)}>
            {t("publish.go")}
          </Button>
        </Space>
      }
    >
      <div className={styles.body}>
        {errors > 0 ? <Alert type="error" showIcon title={t("publish.blocked", { count: errors })} /> : null}
        {published ? <Changes published={published} draft={draft} /> : <p>{t("publish.first")}</p>}
        <PublishAhead flowId={flow.id} />
        {published && inside > 0 ? (
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
          </fieldset>
        ) : null}
      </div>
    </Modal>
  );
}
