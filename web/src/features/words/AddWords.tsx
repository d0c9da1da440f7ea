import { useMutation } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, Radio, Space } from "antd";
import { api } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { LEVELS, type Level } from "./types";

interface Draft {
  text: string;
  level: Level;
  pinyin: boolean;
}

const FIRST: Draft = { text: "", level: "block", pinyin: true };

/** Many words at once, one a line or parted by signs. */
export function AddWords({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("words");
  const told = useTold();
  const [form] = Form.useForm<Draft>();
  const draft = useDraft(form, FIRST);
  const words = draft.text.split(/[\n,，、;；]+/u).map((one) => one.trim()).filter(Boolean);
  const done = (answer: { added: number }) => (told.done(t("added", { n: answer.added })), onDone());
  const save = useMutation({ mutationFn: () => api.post<{ added: number }>("/guarded-words", { words, level: draft.level, pinyin: draft.pinyin }), onSuccess: done, onError: told.failed });
  const starter = useMutation({ mutationFn: () => api.post<{ added: number }>("/guarded-words/starter"), onSuccess: done, onError: told.failed });
  return (
    <Form<Draft> form={form} name="words" layout="vertical" initialValues={FIRST} onFinish={() => save.mutate()}>
      <Form.Item name="text" label={t("form.words")} extra={t("form.wordsHint", { n: words.length })}>
        <Input.TextArea rows={8} />
      </Form.Item>
      <Form.Item name="level" label={t("level.label")} extra={t(`levelHint.${draft.level}`)}>
        <Radio.Group aria-label={t("level.label")} optionType="button" options={LEVELS.map((level) => ({ value: level, label: t(`level.${level}`) }))} />
      </Form.Item>
      <Form.Item name="pinyin" valuePropName="checked" extra={t("form.pinyinHint")}>
        <Checkbox>{t("form.pinyin")}</Checkbox>
      </Form.Item>
      <Space wrap>
        <Button type="primary" htmlType="submit" disabled={words.length === 0} loading={save.isPending}>
          {t("shared:action.save")}
        </Button>
        <Button loading={starter.isPending} onClick={() => starter.mutate()}>
          {t("form.starter")}
        </Button>
      </Space>
    </Form>
  );
}
