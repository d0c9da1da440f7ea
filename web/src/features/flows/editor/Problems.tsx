import { CheckCircleFilled, ExclamationCircleFilled, WarningFilled } from "@ant-design/icons";
import { useMemo } from "react";
import { blockOf, portsOf, sketchFindings, type Graph, type Kinds } from "@/shared/canvas";
import { say, useLanguage, useSay, useTranslation } from "@/shared/i18n";
import type { Finding } from "../api";
import { titleOf } from "./nodes";
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
        return { block: finding.block, severity, code: `sketch.${finding.code}`, message: { zh: message, en: message }, mend: { zh: mend, en: mend } };
      }),
    [graph, kinds, language, t],
  );
}

interface Props {
  findings: readonly Finding[];
  graph: Graph;
  kinds: Kinds;
  checked: boolean;
  onGo: (block: string) => void;
}

/** Problems below the canvas: what, where, how to mend it; pressing one goes to its block. */
export function Problems({ findings, graph, kinds, checked, onGo }: Props) {
  const { t } = useTranslation("flows");
  const told = useSay();
  const language = useLanguage();
  if (findings.length === 0) {
    return (
      <div className={styles.fine} role="status">
        <CheckCircleFilled /> {t(checked ? "problem.none" : "problem.noneYet")}
      </div>
    );
  }
  return (
    <ul className={`t-plain ${styles.list}`} aria-label={t("problem.title")}>
      {findings.map((finding, index) => {
        const block = finding.block ? blockOf(graph, finding.block) : undefined;
        return (
          <li key={`${finding.code}${finding.block}${index}`}>
            <button type="button" className={styles.line} disabled={!block} onClick={() => block && onGo(block.id)}>
              {finding.severity === "error" ? <ExclamationCircleFilled className={styles.error} /> : <WarningFilled className={styles.warning} />}
              {block ? <strong>{titleOf(block, kinds, language)}</strong> : null}
              <span>{told(finding.message)}</span>
              <em>{told(finding.mend)}</em>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
