import { Button } from "antd";
import { DownloadOutlined } from "@ant-design/icons";
import { apiUrl } from "@/shared/api";
import { Bubbles, type Bubble } from "@/shared/chat";
import { useTranslation } from "@/shared/i18n";
import type { Message } from "./types";

const FILES = new Set(["image", "voice", "video", "file", "emotion"]);

function Body({ message, talk }: { message: Message; talk: string }) {
  const { t } = useTranslation("archive");
  const link = typeof message.media.link_url === "string" ? message.media.link_url : null;
  return (
    <>
      {message.text || t(`kind.${message.kind}`, { defaultValue: t("kind.other") })}
      {link?.startsWith("https://") ? (
        <>
          {" "}
          <a href={link} target="_blank" rel="noreferrer noopener">
            {t("kind.open")}
          </a>
        </>
      ) : null}
      {FILES.has(message.kind) && message.media.sdkfileid ? (
        <div>
          <Button size="small" icon={<DownloadOutlined />} href={apiUrl(`/archive/talks/${talk}/messages/${message.id}/file`)}>
            {t("kind.download")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

/** Messages of a talk, which come newest first, as people read them. */
export function Talked({ messages, talk, customer, adviser }: { messages: readonly Message[]; talk: string; customer: string; adviser: string }) {
  const { t } = useTranslation("archive");
  const items: Bubble[] = [...messages].reverse().map((one) => ({
    id: one.id,
    at: one.at,
    theirs: one.said_by === "customer",
    who: one.said_by === "customer" ? customer : adviser,
    text: <Body message={one} talk={talk} />,
    notes: one.recalled_at ? [t("talk.recalled")] : [],
    words: one.words,
  }));
  return <Bubbles label={t("talk.said")} items={items} />;
}
