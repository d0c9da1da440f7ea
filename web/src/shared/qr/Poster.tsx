import { Button, Input, Modal, Space } from "antd";
import { useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "@/shared/i18n";
import styles from "./Qr.module.css";

interface Words {
  title: string;
  lead: string;
  foot: string;
}

function Sheet({ src, name, words }: { src: string; name: string; words: Words }) {
  const { t } = useTranslation("qr");
  return (
    <div className={styles.sheet}>
      <h2>{words.title || name}</h2>
      {words.lead ? <p className={styles.lead}>{words.lead}</p> : null}
      <img src={src} alt={t("picture", { name })} />
      <p className={styles.foot}>{words.foot}</p>
    </div>
  );
}

/** A sheet of paper with a code, to hang up in a shop. What is printed is the sheet alone. */
export function Poster({ open, src, name, onClose }: { open: boolean; src: string; name: string; onClose: () => void }) {
  const { t } = useTranslation("qr");
  const [words, setWords] = useState<Words>({ title: name, lead: "", foot: t("foot") });
  const field = (key: keyof Words, most: number) => <Input aria-label={t(key)} placeholder={t(key)} maxLength={most} value={words[key]} onChange={(event) => setWords({ ...words, [key]: event.target.value })} />;
  return (
    <>
      <Modal
        open={open}
        onCancel={onClose}
        title={t("posterOf", { name })}
        destroyOnHidden
        style={{ top: 24 }}
        footer={
          <Button type="primary" onClick={() => window.print()}>
            {t("print")}
          </Button>
        }
      >
        <Space orientation="vertical" className={styles.words}>
          {field("title", 24)}
          {field("lead", 60)}
          {field("foot", 40)}
        </Space>
        <div className={styles.preview}>
          <Sheet src={src} name={name} words={words} />
        </div>
      </Modal>
      {open
        ? createPortal(
            <div className={styles.paper} aria-hidden>
              <Sheet src={src} name={name} words={words} />
            </div>,
            document.body,
          )
        : null}
    </>
  );
}
