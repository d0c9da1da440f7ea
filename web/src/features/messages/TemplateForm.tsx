import { PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Dropdown, Form, Input, Radio, Space, type FormInstance } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { useDeferredValue, useRef } from "react";
import { api, asApiError, queryClient, type Page } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { MessageClass, MessageTemplate, Placeholder } from "./types";
import styles from "./Messages.module.css";

interface Draft {
  name: string;
  message_class: MessageClass;
  body: string;
}

function PlaceholderPicker({ onPick }: { onPick: (name: string) => void }) {
  const { t } = useTranslation("messages");
  const say = useSay();
  const query = useQuery({ queryKey: ["/message-templates/placeholders"], queryFn: ({ signal }) => api.get<Page<Placeholder>>("/message-templates/placeholders", undefined, signal), staleTime: 5 * 60_000 });
  const items = (query.data?.items ?? []).map((one) => ({ key: one.name, label: one.personal ? `${say(one.label)} (${t("templates.personal")})` : say(one.label) }));
  return (
    <Dropdown trigger={["click"]} menu={{ style: { maxHeight: 320, overflowY: "auto" }, items, onClick: ({ key }) => onPick(key) }}>
      <Button size="small" icon={<PlusOutlined />} loading={query.isPending}>
        {t("templates.insert")}
      </Button>
    </Dropdown>
  );
}

function Preview({ body }: { body: string }) {
  const { t } = useTranslation("messages");
  const say = useSay();
  const slow = useDeferredValue(body);
  const query = useQuery({
    queryKey: ["/message-templates/preview", slow],
    queryFn: () => api.post<{ text: string; missing: string[] }>("/message-templates/preview", { body: slow }),
    enabled: slow.trim() !== "",
    placeholderData: (before) => before,
    retry: false,
  });
  const problem = query.error ? asApiError(query.error) : null;
  return (
    <aside className={styles.previewBox} aria-live="polite">
      <h3 className={styles.previewTitle}>{t("templates.preview")}</h3>
      {problem ? (
        <div className={styles.warning}>
          {problem.places.length > 0 ? problem.places.map((place) => <p key={place.where + place.what.en}>{say(place.what)}</p>) : <p>{say(problem.words)}</p>}
        </div>
      ) : (
        <p className={styles.bubble}>{slow.trim() === "" ? "…" : (query.data?.text ?? slow)}</p>
      )}
      {!problem && query.data && query.data.missing.length > 0 ? <p className={styles.warning}>{t("templates.previewMissing", { names: query.data.missing.join(", ") })}</p> : null}
    </aside>
  );
}

function useSave(template: MessageTemplate | null, form: FormInstance<Draft>, onDone: () => void) {
  const { t } = useTranslation("messages");
  const told = useTold();
  return useMutation({
    mutationFn: (draft: Partial<Draft> & { archived?: boolean }) => {
      if (!template) return api.post("/message-templates", draft);
      // The class is fixed once a template exists: consent and caps have been ruled on by it.
      const { name, body, archived } = draft;
      return api.patch(`/message-templates/${template.id}`, { name, body, archived });
    },
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/message-templates"] });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.refused(form),
  });
}

export function TemplateForm({ template, onDone }: { template: MessageTemplate | null; onDone: () => void }) {
  const { t } = useTranslation("messages");
  const editable = useCan()("template.write");
  const area = useRef<TextAreaRef>(null);
  const first: Draft = { name: template?.name ?? "", message_class: template?.message_class ?? "marketing", body: template?.body ?? "" };
  const [form] = Form.useForm<Draft>();
  const draft = useDraft(form, first);
  const save = useSave(template, form, onDone);
  const insert = (name: string) => {
    const box = area.current?.resizableTextArea?.textArea;
    const from = box?.selectionStart ?? draft.body.length;
    const to = box?.selectionEnd ?? draft.body.length;
    form.setFieldValue("body", `${draft.body.slice(0, from)}{{${name}}}${draft.body.slice(to)}`);
    box?.focus();
  };
  return (
    <div className={styles.form}>
      <Form<Draft> form={form} name="template" layout="vertical" disabled={!editable} initialValues={first} onFinish={() => save.mutate({ ...draft })}>
        <Form.Item name="name" label={t("templates.name")} required>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="message_class" label={t("templates.class")} extra={t(`templates.classHint.${draft.message_class}`)}>
          <Radio.Group
            aria-label={t("templates.class")}
            optionType="button"
            disabled={template !== null || !editable}
            options={(["marketing", "transactional"] as const).map((one) => ({ value: one, label: t(`class.${one}`) }))}
          />
        </Form.Item>
        <Form.Item name="body" label={t("templates.body")} required extra={t("templates.bodyHint", { placeholder: "{{customer.name|…}}" })}>
          <Input.TextArea ref={area} maxLength={2000} showCount autoSize={{ minRows: 5, maxRows: 14 }} />
        </Form.Item>
        {editable ? (
          <Space style={{ marginTop: 8 }}>
            <PlaceholderPicker onPick={insert} />
            <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!draft.name.trim() || !draft.body.trim()}>
              {t("shared:action.save")}
            </Button>
            {template ? (
              <Button danger onClick={() => save.mutate({ archived: true })}>
                {t("templates.archive")}
              </Button>
            ) : null}
          </Space>
        ) : null}
      </Form>
      <Preview body={draft.body} />
    </div>
  );
}
