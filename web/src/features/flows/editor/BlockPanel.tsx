import { CopyOutlined, DeleteOutlined } from "@ant-design/icons";
import { Button, Form, Input, Space, Switch } from "antd";
import { useMemo, useState } from "react";
import { useParams } from "react-router";
import type { Block, Kinds } from "@/shared/canvas";
import { SchemaForm } from "@/shared/form";
import { useSay, useTranslation } from "@/shared/i18n";
import type { Finding } from "../api";
import { iconOf } from "../look";
import { useSubject } from "../subject";
import { formSchema } from "./formSchema";
import type { Wanted } from "./useConnecting";
import type { Editor } from "./useEditor";
import { Ways } from "./Ways";
import styles from "./BlockPanel.module.css";

interface Props {
  block: Block;
  kinds: Kinds;
  editor: Editor;
  findings: readonly Finding[];
  editable: boolean;
  onWanted: (wanted: Wanted) => void;
}

const SHORT = 80;
/** Where the first sentence ends: not at the dot of a name such as `run.x` or `{{referral.link}}`, nor of a figure. */
const SENTENCE = /。|(?<!\b(?:run|item|event|customer|referral))\.(?=\s|$)/;

/** What a kind does: its first sentence, and the rest for whoever asks. */
function Help({ text }: { text: string }) {
  const { t } = useTranslation("flows");
  const [whole, setWhole] = useState(false);
  const end = SENTENCE.exec(text)?.index ?? text.length;
  const first = text.slice(0, end + 1);
  if (text.length <= SHORT || first.length >= text.length) return <p className={styles.help}>{text}</p>;
  return (
    <p className={styles.help}>
      {whole ? text : first}{" "}
      <Button type="link" size="small" className={styles.more ?? ""} aria-expanded={whole} onClick={() => setWhole(!whole)}>
        {t(whole ? "panel.less" : "panel.more")}
      </Button>
    </p>
  );
}

/** The right side while editing: the selected block's form, its ways on, the findings that name one of its fields. */
export function BlockPanel({ block, kinds, editor, findings, editable, onWanted }: Props) {
  const kind = kinds.get(block.kind);
  const { flowId = "" } = useParams();
  const about = useSubject(editor.graph.settings);
  const schema = useMemo(() => (kind ? formSchema(kind, block, editor.graph, kinds, flowId, about) : {}), [kind, block, editor.graph, kinds, flowId, about]);
  const { t } = useTranslation("flows");
  const say = useSay();
  return (
    <div className={styles.panel}>
      <header className={styles.header}>
        <span className={styles.icon} aria-hidden>{iconOf(block.kind, kind?.icon ?? "", kind?.group ?? "flow")}</span>
        <div>
          <h2 className={styles.title}>{kind ? say(kind.label) : block.kind}</h2>
          <Help key={block.kind} text={kind ? say(kind.help) : t("panel.unknown")} />
        </div>
      </header>
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
      {kind ? <Ways block={block} kind={kind} kinds={kinds} editor={editor} editable={editable} onWanted={onWanted} /> : null}
      <Form layout="vertical" component="div" disabled={!editable}>
        <Form.Item label={t("panel.note")}>
          <Input.TextArea aria-label={t("panel.note")} autoSize={{ minRows: 2, maxRows: 6 }} maxLength={2000} value={block.note ?? ""} onChange={(event) => editor.describe(block.id, { note: event.target.value })} />
        </Form.Item>
      </Form>
      {kind?.group === "service" || block.human ? (
        <Form layout="vertical" component="div" disabled={!editable}>
          <Form.Item help={t("panel.humanMeans")}>
            <Space size={8}>
              <Switch size="small" aria-label={t("panel.human")} checked={block.human ?? false} onChange={(human) => editor.describe(block.id, { human })} />
              {t("panel.human")}
            </Space>
          </Form.Item>
        </Form>
      ) : null}
      {editable ? (
        <Space>
          <Button icon={<CopyOutlined />} onClick={editor.duplicate}>
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
