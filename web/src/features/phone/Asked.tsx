import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Input, Tag } from "antd";
import { useState } from "react";
import { api, asApiError, queryClient, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { MediaPreview } from "@/shared/media";
import { Loaded } from "@/shared/states";
import styles from "./Phone.module.css";

type Whole = Schemas["NoticeWhole"];

function Answers({ one }: { one: Whole }) {
  const { t } = useTranslation("phone");
  const say = useSay();
  const [comment, setComment] = useState("");
  const decide = useMutation({
    mutationFn: (choice: string) => api.post(`/notices/${one.id}/decide`, { choice, comment }),
    onSettled: () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/notices") }),
  });
  const needs = one.choices.some((choice) => choice.reason);
  return (
    <form className={styles.answers} onSubmit={(event) => event.preventDefault()}>
      <label htmlFor="comment">{t(needs ? "reason" : "comment")}</label>
      <Input.TextArea id="comment" rows={3} maxLength={2000} value={comment} onChange={(event) => setComment(event.target.value)} />
      {decide.error ? <Alert type="error" showIcon title={asApiError(decide.error).sentence} /> : null}
      <div className={styles.buttons}>
        {one.choices.map((choice) => (
          <Button key={choice.name} size="large" type={choice.good ? "primary" : "default"} danger={!choice.good} disabled={choice.reason && comment.trim() === ""} loading={decide.isPending && decide.variables === choice.name} onClick={() => decide.mutate(choice.name)}>
            {say(choice.label)}
          </Button>
        ))}
      </div>
    </form>
  );
}

/** One thing that is asked: what it is, and yes or no. */
export function Asked({ id, below = false }: { id: string; below?: boolean }) {
  const { t } = useTranslation("phone");
  const say = useSay();
  const found = useQuery({ queryKey: ["/notices", id], retry: false, queryFn: ({ signal }) => api.get<Whole>(`/notices/${id}`, undefined, signal) });
  return (
    <Loaded query={found} rows={4}>
      {(one) => (
        <>
          {below ? <h2 className={styles.title}>{say(one.title)}</h2> : <h1 className={styles.title}>{say(one.title)}</h1>}
          <p className="t-quiet">
            <Time value={one.made_at} clock="machine" /> {one.urgent ? <Tag color="error">{t("urgent")}</Tag> : null}
          </p>
          {one.lines.map((line) => <p key={line.zh} className={styles.line}>{say(line)}</p>)}
          {one.media_id ? <MediaPreview id={one.media_id} size={220} /> : null}
          {one.over ? <Alert type="success" showIcon title={t("over")} /> : null}
          {one.choices.length > 0 ? <Answers one={one} /> : null}
          {!one.over && one.choices.length === 0 ? <Alert type="info" showIcon title={t("onScreen")} /> : null}
          <p className={styles.more}><a href={one.page}>{t("open")}</a></p>
        </>
      )}
    </Loaded>
  );
}
