import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber, Radio, type FormRule } from "antd";
import { api } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import styles from "../steer/Steer.module.css";
import { heldBack, ownValues, wrongWith, type Draft, type Setting, type Store } from "./values";
import { useStoreWords } from "./words";

interface ControlProps {
  setting: Setting;
  value?: Draft[string];
  onChange?: (value: Draft[string]) => void;
  id?: string;
}

/** One value; empty is head office's, which is shown in its place. */
function Control({ setting, value = null, onChange, id }: ControlProps) {
  const { t } = useTranslation("steer");
  const say = useStoreWords();
  const own = { ...(id === undefined ? {} : { id }), "aria-label": setting.label };
  const usual = t("stores.usual", { value: say.value(setting.default) });
  if (setting.type === "number") return <InputNumber {...own} style={{ width: 240 }} value={typeof value === "number" ? value : null} placeholder={usual} onChange={(next) => onChange?.(next)} />;
  if (setting.type === "text") return <Input.TextArea {...own} autoSize={{ minRows: 2, maxRows: 6 }} value={typeof value === "string" ? value : ""} placeholder={usual} onChange={(event) => onChange?.(event.target.value)} />;
  return (
    <Radio.Group {...own} value={value} onChange={(event) => onChange?.(event.target.value as boolean | null)}>
      <Radio value={null}>{usual}</Radio>
      <Radio value={true}>{t("stores.on")}</Radio>
      <Radio value={false}>{t("stores.off")}</Radio>
    </Radio.Group>
  );
}

/** A store's own values for a flow, each with its limits; what is refused is said beside its field. */
export function StoreForm({ flowId, settings, store, onSaved }: { flowId: string; settings: readonly Setting[]; store: Store; onSaved?: () => void }) {
  const { t } = useTranslation("steer");
  const say = useStoreWords();
  const told = useTold();
  const client = useQueryClient();
  const [form] = Form.useForm<Draft>();
  const save = useMutation({
    mutationFn: (draft: Draft) => api.put<Store>(`/flows/${flowId}/stores/${store.store_id}`, { values: ownValues(settings, draft) }),
    onSuccess: () => {
      told.done(t("stores.saved"));
      void client.invalidateQueries({ queryKey: [`/flows/${flowId}/stores`] });
      void client.invalidateQueries({ queryKey: ["/store-flows"] });
      onSaved?.();
    },
    onError: told.refused(form),
  });
  const within = (setting: Setting): FormRule => ({
    validator: (_rule, value: Draft[string]) => {
      const found = wrongWith(setting, value);
      return found ? Promise.reject(new Error(say.wrong(found))) : Promise.resolve();
    },
  });
  const initial = Object.fromEntries(settings.map(({ name }) => [name, store.values[name] ?? null]));
  return (
    <Form<Draft> className={styles.store ?? ""} form={form} name={`store-${store.store_id}`} layout="vertical" requiredMark={false} initialValues={initial} onFinish={(draft) => save.mutate(draft)}>
      {settings.map((setting) => (
        <Form.Item
          key={setting.name}
          name={setting.name}
          label={setting.label}
          rules={[within(setting)]}
          extra={heldBack(setting, store) ? t("stores.held", { limit: say.limit(setting), value: say.value(store.effective[setting.name] ?? setting.default) }) : setting.type === "bool" ? null : say.limit(setting)}
        >
          <Control setting={setting} />
        </Form.Item>
      ))}
      <div className={styles.controls}>
        <Button type="primary" htmlType="submit" loading={save.isPending}>
          {t("stores.save")}
        </Button>
        <Button onClick={() => form.setFieldsValue(Object.fromEntries(settings.map(({ name }) => [name, null])))}>{t("stores.reset")}</Button>
        {store.updated_at ? (
          <span className={styles.small}>
            {t("stores.changed", { name: store.updated_by ?? "—" })} <Time value={store.updated_at} />
          </span>
        ) : null}
      </div>
    </Form>
  );
}
