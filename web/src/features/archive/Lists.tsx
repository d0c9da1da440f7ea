import { useMutation } from "@tanstack/react-query";
import { App, Button, Form, Input, Select, Switch, Tag } from "antd";
import { api, queryClient, usePages } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { WordList } from "./types";

const refresh = () => void queryClient.invalidateQueries({ queryKey: ["/inspection-lists"] });

export function ListForm({ row, onDone }: { row: WordList | null; onDone: () => void }) {
  const { t } = useTranslation("archive");
  const told = useTold();
  const [form] = Form.useForm();
  const save = useMutation({
    mutationFn: (draft: object) => (row ? api.put(`/inspection-lists/${row.id}`, draft) : api.post("/inspection-lists", draft)),
    onSuccess: () => {
      refresh();
      onDone();
    },
    onError: told.refused(form),
  });
  const needed = [{ required: true, message: t("list.needed") }];
  return (
    <Form form={form} layout="vertical" requiredMark="optional" initialValues={row ?? { said_by: "staff", level: "alarm", words: [], active: true }} onFinish={(draft: object) => save.mutate(draft)}>
      <Form.Item name="name" label={t("list.name")} rules={needed}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="said_by" label={t("list.by")} required>
        <Select options={(["staff", "customer"] as const).map((value) => ({ value, label: t(`by.${value}`) }))} />
      </Form.Item>
      <Form.Item name="words" label={t("list.words")} extra={t("list.wordsHint")} rules={needed}>
        <Select mode="tags" open={false} suffix={null} tokenSeparators={[",", "，", "、", " "]} />
      </Form.Item>
      <Form.Item name="level" label={t("list.level")} extra={t("list.levelHint")} required>
        <Select options={(["alarm", "note"] as const).map((value) => ({ value, label: t(`level.${value}`) }))} />
      </Form.Item>
      <Form.Item name="active" label={t("list.active")} required valuePropName="checked">
        <Switch />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}

/** Lists of words that are watched for. */
export function Lists({ onEdit }: { onEdit: (row: WordList) => void }) {
  const { t } = useTranslation("archive");
  const { modal } = App.useApp();
  const told = useTold();
  const may = useCan()("archive.write");
  const rows = usePages<WordList>("/inspection-lists", {}, 100);
  const remove = useMutation({ mutationFn: (id: string) => api.delete(`/inspection-lists/${id}`), onSuccess: refresh, onError: told.failed });
  const ask = (row: WordList) => modal.confirm({ title: t("list.removeTitle", { name: row.name }), okText: t("shared:action.delete"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => remove.mutateAsync(row.id) });
  const columns: Column<WordList>[] = [
    {
      key: "name",
      title: t("list.name"),
      width: 180,
      render: (row) => (
        <>
          {may ? (
            <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => onEdit(row)}>
              {row.name}
            </Button>
          ) : (
            row.name
          )}{" "}
          {row.active ? null : <Tag>{t("list.off")}</Tag>}
        </>
      ),
    },
    { key: "by", title: t("list.by"), width: 110, render: (row) => t(`by.${row.said_by}`) },
    { key: "level", title: t("list.level"), width: 110, render: (row) => <Tag color={row.level === "alarm" ? "red" : "default"}>{t(`level.${row.level}`)}</Tag> },
    { key: "words", title: t("list.words"), render: (row) => row.words.join(t("list.comma")) },
    { key: "hits", title: t("list.hits30"), width: 120, align: "right", render: (row) => <Num value={row.hits30} /> },
    {
      key: "do",
      title: <span className="t-hidden">{t("shared:action.actions")}</span>,
      width: 90,
      align: "right",
      render: (row) =>
        may ? (
          <Button type="text" size="small" onClick={() => ask(row)}>
            {t("shared:action.delete")}
          </Button>
        ) : null,
    },
  ];
  return <DataTable label={t("inspection.lists")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title={t("list.none")} hint={t("list.noneHint")} />} />;
}
