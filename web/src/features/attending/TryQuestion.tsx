import { useMutation } from "@tanstack/react-query";
import { Alert, Input } from "antd";
import { useState } from "react";
import { api } from "@/shared/api";
import { Percent } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Tried } from "./types";

/** What would be answered to a question, and why: nobody knows before having tried. */
export function TryQuestion() {
  const { t } = useTranslation("attending");
  const told = useTold();
  const [text, setText] = useState("");
  const ask = useMutation({ mutationFn: () => api.post<Tried>("/knowledge-articles/try", { text }), onError: told.failed });
  const found = ask.data;
  return (
    <>
      <Input.Search aria-label={t("try.question")} placeholder={t("try.place")} enterButton={t("try.ask")} maxLength={2000} value={text} loading={ask.isPending} onChange={(event) => setText(event.target.value)} onSearch={() => text.trim() && ask.mutate()} />
      <div role="status" style={{ marginTop: 16 }}>
        {found ? <Alert type={found.answer ? "success" : "info"} showIcon title={t(`why.${found.why}`)} description={found.answer ?? t("try.person")} /> : <p className="t-faint">{t("try.hint")}</p>}
      </div>
      {found && found.near.length > 0 ? (
        <>
          <h3 style={{ marginTop: 20 }}>{t("try.near")}</h3>
          <ol className="t-plain">
            {found.near.map((one) => (
              <li key={one.article_id} style={{ marginBottom: 12 }}>
                <strong>{one.title}</strong> <Percent value={one.score} />
                <div className="t-faint">{one.by_topic ? t("try.byTopic") : t("try.shared", { question: one.question, shared: one.shared.filter((word) => word.length > 1).join(t("try.comma")) })}</div>
              </li>
            ))}
          </ol>
        </>
      ) : null}
    </>
  );
}
