import { Modal } from "antd";
import { useTranslation } from "@/shared/i18n";
import styles from "./KeysDialog.module.css";

const KEYS: [string, string][] = [
  ["add", "N"],
  ["find", "Ctrl F"],
  ["select", "Tab · Enter"],
  ["form", "Enter"],
  ["back", "Esc"],
  ["move", "← ↑ → ↓"],
  ["many", "Shift"],
  ["copy", "Ctrl C · X · V"],
  ["duplicate", "Ctrl D"],
  ["remove", "Delete"],
  ["undo", "Ctrl Z · Ctrl Shift Z"],
  ["arrange", "T"],
  ["fit", "F"],
  ["save", "Ctrl S"],
  ["palette", "/ · ↑ ↓"],
  ["region", "F6 · Shift F6"],
  ["problems", "E"],
  ["check", "C"],
  ["settings", "S"],
  ["versions", "V"],
  ["publish", "P"],
  ["help", "?"],
];

/** Everything on the canvas can be done from the keyboard; this says how. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("flows");
  return (
    <Modal open title={t("keys.title")} footer={null} onCancel={onClose} width={480}>
      <dl className={styles.keys}>
        {KEYS.map(([what, keys]) => (
          <div key={what}>
            <dt>{t(`keys.${what}`)}</dt>
            <dd>
              {keys.split(" · ").map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
