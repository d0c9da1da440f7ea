import { CopyOutlined, DeleteOutlined } from "@ant-design/icons";
import { Alert, Button, Form, Input, Space } from "antd";
import { useMemo } from "react";
import { portsOf, type Block, type Kind, type Kinds } from "@/shared/canvas";
import { SchemaForm } from "@/shared/form";
import { useLanguage, useSay, useTranslation } from "@/shared/i18n";
import type { Finding } from "../api";
import { iconOf } from "../look";
import { formSchema } from "./formSchema";
import { titleOf } from "./nodes";
import type { Editor } from "./useEditor";
import styles from "./BlockPanel.module.css";

interface Props {
  block: Block;
  kinds: Kinds;
  editor: Editor;
  findings: readonly Finding[];
  editable: boolean;
}

function Ways({ block, kind, kinds, editor, editable }: Pick<Props, "block" | "kinds" | "editor" | "editable"> & { kind: Kind }) {
  const language = useLanguage();
  const { t } = useTranslation("flows");
  const say = useSay();
  const ports = portsOf(kind, block.config);
  if (ports.length === 0) return null;
  const targets = editor.graph.blocks.filter((one) => one.id !== block.id);
  return (
    <section>
      <h3 className={styles.heading}>{t("panel.ways")}</h3>
      {ports.map((port) => {
        const arrow = editor.graph.arrows.find((one) => one.from === block.id && one.port === port.name);
        return (
          <label key={port.name} className={styles.way}>
            <span>{say(port.label)}</span>
            {/* A plain list beside the drag: every arrow can be drawn from the keyboard. */}
            <select
              disabled={!editable}
              value={arrow?.to ?? ""}
              onChange={(event) => (event.target.value ? editor.connect({ from: block.id, port: port.name, to: event.target.value }) : arrow && editor.disconnect(arrow))}
            >
              <option value="">{t(port.optional ? "panel.leaves" : "panel.open")}</option>
              {targets.map((one) => (
                <option key={one.id} value={one.id}>
                  {titleOf(one, kinds, language)}
                </option>
              ))}
            </select>
          </label>
        );
      })}
    </section>
  );
}

/** The right side while editing: the selected block's form, its ways on, its findings. */
export function BlockPanel({ block, kinds, editor, findings, editable }: Props) {
  const kind = kinds.get(block.kind);
  const schema = useMemo(() => (kind ? formSchema(kind, block.config, editor.graph) : {}), [kind, block.config, editor.graph]);
  const { t } = useTranslation("flows");
  const say = useSay();
  return (
    <div className={styles.panel}>
      <header className={styles.header}>
        <span className={styles.icon} aria-hidden>{iconOf(block.kind, kind?.icon ?? "", kind?.group ?? "flow")}</span>
        <div>
          <h2 className={styles.title}>{kind ? say(kind.label) : block.kind}</h2>
          <p className={styles.help}>{kind ? say(kind.help) : t("panel.unknown")}</p>
        </div>
      </header>
      {findings.map((finding, index) => (
        <Alert key={`${finding.code}${index}`} type={finding.severity} showIcon title={say(finding.message)} description={say(finding.mend)} />
      ))}
      <Form layout="vertical" component="div" disabled={!editable}>
        <Form.Item label={t("panel.label")}>
          <Input aria-label={t("panel.label")} maxLength={60} value={block.label ?? ""} placeholder={kind ? say(kind.label) : ""} onChange={(event) => editor.describe(block.id, { label: event.target.value })} />
        </Form.Item>
      </Form>
      {kind ? (
        <SchemaForm
          key={block.id}
          schema={schema}
          value={{ ...block.config }}
          disabled={!editable}
          findings={findings.flatMap((finding) => (finding.where ? [{ where: finding.where, text: say(finding.message), severity: finding.severity }] : []))}
          onChange={(config) => editor.configure(block.id, config)}
        />
      ) : null}
      {kind ? <Ways block={block} kind={kind} kinds={kinds} editor={editor} editable={editable} /> : null}
      <Form layout="vertical" component="div" disabled={!editable}>
        <Form.Item label={t("panel.note")}>
          <Input.TextArea aria-label={t("panel.note")} autoSize={{ minRows: 2, maxRows: 6 }} maxLength={2000} value={block.note ?? ""} onChange={(event) => editor.describe(block.id, { note: event.target.value })} />
        </Form.Item>
      </Form>
      {editable ? (
        <Space>
          <Button icon={<CopyOutlined />} onClick={() => editor.paste(editor.copied() ?? "")}>
            {t("panel.duplicate")}
          </Button>
          <Button danger icon={<DeleteOutlined />} onClick={editor.remove}>
            {t("panel.remove")}
          </Button>
        </Space>
      ) : null}
    </div>
  );
}
