import { DeleteOutlined, DownOutlined } from "@ant-design/icons";
import { Button, Dropdown, Input, Space } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "@/shared/i18n";
import { MediaField } from "./MediaField";
import styles from "./Media.module.css";
import { attachmentOf, insideOf, KINDS, kindOf, type Attachment, type Msgtype } from "./types";

interface EditProps {
  kind: Msgtype;
  inside: Record<string, string>;
  put: (inside: Record<string, string>) => void;
  disabled: boolean;
}

const FIELDS: Partial<Record<Msgtype, readonly { name: string; max: number; example?: string }[]>> = {
  link: [{ name: "title", max: 42 }, { name: "url", max: 1000, example: "https://" }, { name: "desc", max: 170 }],
  miniprogram: [{ name: "title", max: 21 }, { name: "appid", max: 64, example: "wx…" }, { name: "page", max: 500, example: "pages/index/index" }],
};

function Edit({ kind, inside, put, disabled }: EditProps) {
  const { t } = useTranslation("media");
  const fields = FIELDS[kind];
  const key = fields ? "cover" : "media";
  const theirs = kind === "link" ? inside.picurl : kind === "miniprogram" ? inside.pic_media_id : inside.media_id;
  const choose = (id: string | null) => {
    const rest = Object.fromEntries(Object.entries(inside).filter(([name]) => name !== key));
    put(id ? { ...rest, [key]: id } : rest);
  };
  return (
    <div className={styles.inside}>
      {fields?.map(({ name, max, example }) => (
        <label key={name} className={styles.field}>
          <span>{t(`field.${name}`)}</span>
          <Input value={inside[name] ?? ""} maxLength={max} placeholder={example ?? ""} disabled={disabled} onChange={(event) => put({ ...inside, [name]: event.target.value })} />
        </label>
      ))}
      {theirs && !inside[key] ? (
        <span className="t-faint">{t("platforms", { id: theirs.slice(0, 24) })}</span>
      ) : (
        <MediaField kind={kind === "video" || kind === "file" ? kind : "image"} value={inside[key]} onChange={choose} disabled={disabled} {...(fields ? { label: t(kind === "link" ? "coverMaybe" : "cover") } : {})} />
      )}
    </div>
  );
}

interface Props {
  id?: string;
  value?: readonly Attachment[];
  onChange?: (attachments: Attachment[]) => void;
  most?: number;
  kinds?: readonly Msgtype[];
  disabled?: boolean;
}

function Add({ kinds, onAdd, disabled, more }: { kinds: readonly Msgtype[]; onAdd: (kind: Msgtype) => void; disabled: boolean; more: ReactNode }) {
  const { t } = useTranslation("media");
  return (
    <Dropdown trigger={["click"]} disabled={disabled} menu={{ items: kinds.map((kind) => ({ key: kind, label: t(`kind.${kind}`) })), onClick: ({ key }) => onAdd(key as Msgtype) }}>
      <Button disabled={disabled}>
        <Space>
          {more}
          <DownOutlined />
        </Space>
      </Button>
    </Dropdown>
  );
}

/** What a message carries beside its words, each as its reader will see it. */
export function AttachmentsField({ value = [], onChange, most = 9, kinds = KINDS, disabled = false }: Props) {
  const { t } = useTranslation("media");
  const put = (at: number, one: Attachment) => onChange?.(value.map((old, index) => (index === at ? one : old)));
  return (
    <div className={styles.list}>
      {value.map((one, at) => {
        const kind = kindOf(one);
        return (
          <div key={at} className={styles.one}>
            <div className={styles.head}>
              <strong>{kind ? t(`kind.${kind}`) : String(one.msgtype)}</strong>
              {disabled ? null : <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={t("removeOne", { n: at + 1 })} onClick={() => onChange?.(value.filter((_, index) => index !== at))} />}
            </div>
            {kind ? <Edit kind={kind} inside={insideOf(one)} put={(inside) => put(at, attachmentOf(kind, inside))} disabled={disabled} /> : null}
          </div>
        );
      })}
      {value.length < most ? <Add kinds={kinds} disabled={disabled} onAdd={(kind) => onChange?.([...value, attachmentOf(kind, {})])} more={value.length > 0 ? t("addMore") : t("add")} /> : null}
    </div>
  );
}
