import { Alert, Button, Input } from "antd";
import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import { useTold } from "@/shared/states";
import type { Segment } from "./types";
import styles from "./Segments.module.css";

const LINES_MAX = 5000;

function linesOf(text: string): string[] {
  return text.split(/[\n,，;；]/).map((line) => line.trim());
}

function Left({ lines, said }: { lines: readonly string[]; said: Schemas["EntriesOut"] }) {
  const { t } = useTranslation("segments");
  const quoted = (numbers: readonly number[]) => numbers.map((number) => `${number}. ${lines[number - 1] ?? ""}`);
  const problems = [
    ...(said.unknown.length > 0 ? [{ key: "unknown", lines: quoted(said.unknown) }] : []),
    ...(said.ambiguous.length > 0 ? [{ key: "ambiguous", lines: quoted(said.ambiguous) }] : []),
  ];
  return problems.map((problem) => (
    <Alert
      key={problem.key}
      type="warning"
      showIcon
      title={t(`list.${problem.key}`, { count: problem.lines.length })}
      description={<pre className={styles.left}>{problem.lines.slice(0, 100).join("\n")}</pre>}
    />
  ));
}

/** Put people on a list by pasting who they are. */
export function ListEntries({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const told = useTold();
  const [text, setText] = useState("");
  const [done, setDone] = useState<{ lines: string[]; said: Schemas["EntriesOut"] } | null>(null);
  const lines = linesOf(text);
  const filled = lines.filter(Boolean).length;
  const add = useMutation({
    mutationFn: (pasted: string[]) => api.post<Schemas["EntriesOut"]>(`/segments/${segment.id}/entries`, { lines: pasted }),
    onSuccess: (said, pasted) => {
      setDone({ lines: pasted, said });
      if (said.unknown.length + said.ambiguous.length === 0) setText("");
      if (said.added + said.already > 0) told.done(t("list.added", { count: said.added, already: said.already }));
      void queryClient.invalidateQueries({ queryKey: ["/segments", segment.id] });
    },
    onError: told.failed,
  });
  return (
    <Section title={t("list.title")}>
      <div className={styles.entries}>
        <label htmlFor="list-lines" className="t-faint">
          {t("list.hint", { count: LINES_MAX })}
        </label>
        <Input.TextArea id="list-lines" rows={6} value={text} onChange={(event) => setText(event.target.value)} placeholder={"13800138000\nmember@example.cn\nVIP-10086"} />
        <Button type="primary" className={styles.add ?? ""} loading={add.isPending} disabled={filled === 0 || lines.length > LINES_MAX} onClick={() => add.mutate(lines)}>
          {filled > 0 ? t("list.addCount", { count: filled }) : t("list.add")}
        </Button>
        {lines.length > LINES_MAX ? <Alert type="error" showIcon title={t("list.tooMany", { count: LINES_MAX })} /> : null}
        {done ? <Left lines={done.lines} said={done.said} /> : null}
      </div>
    </Section>
  );
}
