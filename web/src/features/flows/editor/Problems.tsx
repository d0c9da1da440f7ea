import { CheckCircleFilled, DownOutlined, ExclamationCircleFilled, UpOutlined, WarningFilled } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { blockOf, portsOf, sketchFindings, type Graph, type Kinds } from "@/shared/canvas";
import { say, useLanguage, useSay, useTranslation } from "@/shared/i18n";
import type { Finding } from "../api";
import { mendsFor, portOf, type Mend } from "./mends";
import { titleOf } from "./nodes";
import type { Editor } from "./useEditor";
import styles from "./Problems.module.css";

/** What the canvas sees at once while drawing, told in the same shape as the server's findings. */
export function useSketch(graph: Graph, kinds: Kinds): Finding[] {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  return useMemo(
    () =>
      sketchFindings(graph, kinds).map((finding) => {
        const block = finding.block === null ? undefined : blockOf(graph, finding.block);
        const port = block && portsOf(kinds.get(block.kind), block.config).find((one) => one.name === finding.port);
        const message = t(`sketch.${finding.code}`, { port: port ? say(port.label, language) : (finding.port ?? "") });
        const mend = t(`mend.${finding.code}`);
        const severity = finding.code === "openPort" || finding.code === "unreachable" ? "warning" : "error";
        const where = finding.port === undefined ? {} : { where: `ports.${finding.port}` };
        return { block: finding.block, severity, code: `sketch.${finding.code}`, message: { zh: message, en: message }, mend: { zh: mend, en: mend }, ...where };
      }),
    [graph, kinds, language, t],
  );
}

interface Props {
  findings: readonly Finding[];
  editor: Editor;
  kinds: Kinds;
  checked: boolean;
  editable: boolean;
  onGo: (block: string) => void;
  onMend: (mend: Mend, finding: Finding) => void;
}

function Line({ finding, editor, kinds, editable, onGo, onMend }: Omit<Props, "findings" | "checked"> & { finding: Finding }) {
  const { t } = useTranslation("flows");
  const told = useSay();
  const language = useLanguage();
  const block = finding.block ? blockOf(editor.graph, finding.block) : undefined;
  // The server knows a way by its key; a person by its label.
  const name = finding.code === "port_open" ? portOf(finding) : null;
  const port = block && portsOf(kinds.get(block.kind), block.config).find((one) => one.name === name);
  return (
    <li className={styles.line}>
      <button type="button" className={styles.what} disabled={!block} onClick={() => block && onGo(block.id)}>
        {finding.severity === "error" ? <ExclamationCircleFilled className={styles.error} aria-label={t("problem.error")} /> : <WarningFilled className={styles.warning} aria-label={t("problem.warning")} />}
        {block ? <strong>{titleOf(block, kinds, language)}</strong> : null}
        <span>{port ? t("sketch.openPort", { port: told(port.label) }) : told(finding.message)}</span>
        <em>{told(finding.mend)}</em>
      </button>
      {editable
        ? mendsFor(finding, editor.graph, kinds).map((mend) => (
            <Button key={mend} size="small" onClick={() => onMend(mend, finding)}>
              {t(`mendBy.${mend}`)}
            </Button>
          ))
        : null}
    </li>
  );
}

/** Problems below the canvas: how many, and opened up what, where and how to mend it; pressing one goes to its block. */
export function Problems({ findings, checked, ...rest }: Props) {
  const { t } = useTranslation("flows");
  const id = useId();
  const [open, setOpen] = useState(false);
  const errors = findings.filter((finding) => finding.severity === "error");
  const warnings = findings.length - errors.length;
  // A check was asked for: what it found is shown without a further press.
  const before = useRef(checked);
  useEffect(() => {
    if (checked && !before.current && findings.length > 0) setOpen(true);
    before.current = checked;
  }, [checked, findings.length]);
  if (findings.length === 0) {
    return (
      <div className={styles.fine} role="status">
        <CheckCircleFilled /> {t(checked ? "problem.none" : "problem.noneYet")}
      </div>
    );
  }
  const ordered = [...errors, ...findings.filter((finding) => finding.severity !== "error")];
  return (
    <section aria-label={t("problem.title")}>
      <button type="button" className={styles.head} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {errors.length > 0 ? (
          <span className={styles.error}>
            <ExclamationCircleFilled /> {t("problem.errors", { count: errors.length })}
          </span>
        ) : null}
        {warnings > 0 ? (
          <span className={styles.warning}>
            <WarningFilled /> {t("problem.warnings", { count: warnings })}
          </span>
        ) : null}
        <span className={styles.toggle}>
          {t(open ? "problem.hide" : "problem.show")} {open ? <DownOutlined /> : <UpOutlined />}
        </span>
      </button>
      {open ? (
        <ul id={id} className={`t-plain ${styles.list}`}>
          {ordered.map((finding, index) => (
            <Line key={`${finding.code}${finding.block}${index}`} finding={finding} {...rest} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}
