import { useTranslation } from "@/shared/i18n";
import { MediaPreview } from "./MediaField";
import styles from "./Media.module.css";
import { insideOf, kindOf, type Attachment } from "./types";

/** Attachments to look at. */
export function AttachmentsShown({ value }: { value: readonly Attachment[] }) {
  const { t } = useTranslation("media");
  return (
    <ul className={`t-plain ${styles.shown}`}>
      {value.map((one, at) => {
        const kind = kindOf(one);
        const inside = insideOf(one);
        const file = inside.media ?? inside.cover;
        return (
          <li key={at}>
            {file ? <MediaPreview id={file} size={72} /> : null}
            {kind === "link" ? (
              <a href={inside.url} target="_blank" rel="noreferrer">
                {inside.title ?? inside.url}
              </a>
            ) : (
              <span className="t-soft">{inside.title ?? (kind ? t(`kind.${kind}`) : String(one.msgtype))}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
