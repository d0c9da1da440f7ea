import { PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Dropdown, Form, Input, Radio, Space } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { useDeferredValue, useRef, useState } from "react";
import { api, asApiError, queryClient, type Page } from "@/shared/api";
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

function useSave(template: MessageTemplate | null, onDone: () => void) {
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
    onError: told.failed,
  });
}

export function TemplateForm({ template, onDone }: { template: MessageTemplate | null; onDone: () => void }) {
  const { t } = useTranslation("messages");
  const editable = useCan()("template.write");
  const area = useRef<TextAreaRef>(null);
  const [draft, setDraft] = useState<Draft>({ name: template?.name ?? "", message_class: template?.message_class ?? "marketing", body: template?.body ?? "" });
  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }));
  const save = useSave(template, onDone);
  const insert = (name: string) => {
    const box = area.current?.resizableTextArea?.textArea;
    const from = box?.selectionStart ?? draft.body.length;
    const to = box?.selectionEnd ?? draft.body.length;
    change({ body: `${draft.body.slice(0, from)}{{${name}}}${draft.body.slice(to)}` });
    box?.focus();
  };
  return (
    <div className={styles.form}>
      <Form layout="vertical" disabled={!editable} onFinish={() => save.mutate({ ...draft })}>
        <Form.Item label={t("templates.name")} htmlFor="template-name" required>
          <Input id="template-name" maxLength={100} value={draft.name} onChange={(event) => change({ name: event.target.value })} />
        </Form.Item>
        <Form.Item label={t("templates.class")} extra={t(`templates.classHint.${draft.message_class}`)}>
          <Radio.Group
            aria-label={t("templates.class")}
            optionType="button"
            disabled={template !== null || !editable}
            value={draft.message_class}
            options={(["marketing", "transactional"] as const).map((one) => ({ value: one, label: t(`class.${one}`) }))}
            onChange={(event) => change({ message_class: event.target.value as MessageClass })}
          />
        </Form.Item>
        <Form.Item label={t("templates.body")} htmlFor="template-body" required extra={t("templates.bodyHint", { placeholder: "{{customer.name|…}}" })}>
          <Input.TextArea id="template-body" ref={area} maxLength={2000} showCount autoSize={{ minRows: 5, maxRows: 14 }} value={draft.body} onChange={(event) => change({ body: event.target.value })} />
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
