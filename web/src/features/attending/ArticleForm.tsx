import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input, Select } from "antd";
import { api, usePages } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Article, Material, Topic } from "./types";

interface Draft {
  title: string;
  questions?: string[];
  answer: string;
  category?: string;
  material_id?: string | null;
  topic_id?: string | null;
  expires_on?: string | null;
}

const orNull = (value: string | null | undefined) => (value === "" ? null : (value ?? null));

/** A question in its wordings, and the answer. */
export function ArticleForm({ row, onDone }: { row: Article | null; onDone: () => void }) {
  const { t } = useTranslation("attending");
  const told = useTold();
  const [form] = Form.useForm<Draft>();
  const materials = usePages<Material>("/materials", {}, 1000);
  const topics = usePages<Topic>("/chat-topics", {}, 500);
  const save = useMutation({
    mutationFn: (draft: Draft) => {
      const body = { ...draft, questions: draft.questions ?? [], category: draft.category ?? "", material_id: draft.material_id ?? null, topic_id: draft.topic_id ?? null, expires_on: orNull(draft.expires_on) };
      return row ? api.put(`/knowledge-articles/${row.id}`, body) : api.post("/knowledge-articles", body);
    },
    onSuccess: onDone,
    onError: told.refused(form),
  });
  const needed = [{ required: true, message: t("article.needed") }];
  return (
    <Form<Draft> form={form} layout="vertical" requiredMark="optional" initialValues={row ?? { questions: [] }} onFinish={(draft) => save.mutate(draft)}>
      <Form.Item name="title" label={t("article.title")} rules={needed}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="questions" label={t("article.questions")} extra={t("article.questionsHint")}>
        <Select mode="tags" open={false} suffix={null} />
      </Form.Item>
      <Form.Item name="answer" label={t("article.answer")} rules={needed}>
        <Input.TextArea rows={6} maxLength={1500} showCount />
      </Form.Item>
      <Form.Item name="material_id" label={t("article.material")} extra={t("article.materialHint")}>
        <Select allowClear showSearch={{ optionFilterProp: "label" }} options={materials.items.map((one) => ({ value: one.id, label: one.name }))} />
      </Form.Item>
      <Form.Item name="topic_id" label={t("article.topic")} extra={t("article.topicHint")}>
        <Select allowClear showSearch={{ optionFilterProp: "label" }} options={topics.items.map((one) => ({ value: one.id, label: one.name }))} />
      </Form.Item>
      <Form.Item name="category" label={t("article.category")}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="expires_on" label={t("article.expires")}>
        <Input type="date" />
      </Form.Item>
      <p className="t-faint">{t("article.again")}</p>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
