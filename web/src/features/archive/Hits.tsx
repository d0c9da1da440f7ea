import { useMutation } from "@tanstack/react-query";
import { Button, Input, Modal, Select, Tag } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Hit } from "./types";

const STATES = ["open", "handled", "ignored"] as const;
const COLOURS = { open: "orange", handled: "green", ignored: "default" } as const;

/** Watched words that were said, with what stands around them. */
export function Hits() {
  const { t } = useTranslation("archive");
  const told = useTold();
  const [state, setState] = useState<Hit["state"]>("open");
  const [one, setOne] = useState<Hit | null>(null);
  const [note, setNote] = useState("");
  const rows = usePages<Hit>("/inspection-hits", { state });
  const settle = useMutation({
    mutationFn: (to: "handled" | "ignored") => api.post(`/inspection-hits/${one?.id}`, { state: to, note }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/inspection-hits"] });
      setOne(null);
    },
    onError: told.failed,
  });
  const columns: Column<Hit>[] = [
    { key: "at", title: t("hit.at"), width: 160, render: (row) => <Time value={row.at} /> },
    { key: "word", title: t("hit.word"), width: 100, render: (row) => <Tag color={row.level === "alarm" ? "red" : "default"}>{row.word}</Tag> },
    { key: "list", title: t("hit.list"), width: 120, render: (row) => row.list },
    { key: "by", title: t("hit.by"), width: 100, render: (row) => t(`by.${row.said_by}`) },
    { key: "who", title: t("hit.who"), width: 160, render: (row) => <Link to={`/chats/${row.talk_id}`}>{t("talk.between", { customer: row.customer ?? t("talk.nameless"), adviser: row.adviser })}</Link> },
    { key: "context", title: t("hit.context"), render: (row) => row.context },
    {
      key: "state",
      title: t("hit.state"),
      width: 120,
      render: (row) =>
        row.state === "open" ? (
          <Button size="small" onClick={() => (setOne(row), setNote(""))}>
            {t("hit.settle")}
          </Button>
        ) : (
          <Tag color={COLOURS[row.state]}>{t(`hit.is.${row.state}`)}</Tag>
        ),
    },
  ];
  return (
    <>
      <div style={{ padding: "12px 20px" }}>
        <Select aria-label={t("hit.state")} style={{ width: 140 }} value={state} onChange={setState} options={STATES.map((value) => ({ value, label: t(`hit.is.${value}`) }))} />
      </div>
      <DataTable label={t("inspection.hits")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title={t("hit.none")} hint={t("hit.noneHint")} />} />
      <Modal
        open={one !== null}
        title={t("hit.settleTitle", { word: one?.word })}
        onCancel={() => setOne(null)}
        footer={[
          <Button key="ignore" loading={settle.isPending} onClick={() => settle.mutate("ignored")}>
            {t("hit.ignore")}
          </Button>,
          <Button key="handle" type="primary" loading={settle.isPending} onClick={() => settle.mutate("handled")}>
            {t("hit.handle")}
          </Button>,
        ]}
      >
        <p>{one?.context}</p>
        <Input.TextArea aria-label={t("hit.note")} placeholder={t("hit.note")} rows={3} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
      </Modal>
    </>
  );
}
