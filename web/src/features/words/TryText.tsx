import { useQuery } from "@tanstack/react-query";
import { Alert, Input, Tag } from "antd";
import { useDeferredValue, useState } from "react";
import { api } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { COLOURS, type Tried } from "./types";

const TYPES = { held_back: "error", noted: "warning", sent: "success" } as const;

/** What would become of a text, as it is typed. */
export function TryText() {
  const { t } = useTranslation("words");
  const [text, setText] = useState("");
  const slow = useDeferredValue(text);
  const tried = useQuery({ queryKey: ["/guarded-words/try", slow], queryFn: () => api.post<Tried>("/guarded-words/try", { text: slow }), enabled: slow.trim() !== "", placeholderData: (before) => before });
  const found = slow.trim() === "" ? undefined : tried.data;
  return (
    <>
      <Input.TextArea rows={6} maxLength={5000} aria-label={t("try.text")} placeholder={t("try.placeholder")} value={text} onChange={(event) => setText(event.target.value)} />
      {found ? <Alert style={{ marginTop: 16 }} type={TYPES[found.outcome]} showIcon title={t(`try.${found.outcome}`)} /> : null}
      <div style={{ marginTop: 16 }}>
        {found?.words.map((one) => (
          <p key={`${one.start}-${one.word}`}>
            <Tag color={COLOURS[one.level]}>{t(`level.${one.level}`)}</Tag>
            {t("try.word", { found: one.found, word: one.word })}
          </p>
        ))}
      </div>
    </>
  );
}
