import { useMutation } from "@tanstack/react-query";
import { Button, Form, Input, InputNumber } from "antd";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useDraft } from "@/shared/form";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import type { Site } from "./site";

interface Draft {
  name: string;
  source: string;
  origins: string;
  per_minute: number | null;
  per_address: number | null;
}

function draftOf(site: Site | null): Draft {
  const config = site?.config as { origins?: string[]; per_minute?: number; per_address?: number } | undefined;
  return {
    name: site?.name ?? "",
    source: site?.source ?? "web",
    origins: config?.origins?.join("\n") ?? "",
    per_minute: config?.per_minute ?? 6000,
    per_address: config?.per_address ?? 240,
  };
}

const lines = (text: string) =>
  text
    .split(/[\s,，]+/)
    .map((one) => one.trim())
    .filter(Boolean);

/** A site's name, the pages that may send, and how much. */
export function SiteForm({ site, onDone }: { site: Site | null; onDone: (secret: string | null) => void }) {
  const { t } = useTranslation("sites");
  const told = useTold();
  const [form] = Form.useForm<Draft>();
  const first = draftOf(site);
  const draft = useDraft(form, first);
  const save = useMutation({
    mutationFn: async (values: Draft) => {
      const config = { origins: lines(values.origins), per_minute: values.per_minute ?? 6000, per_address: values.per_address ?? 240 };
      if (site) {
        await api.patch(`/source-accounts/${site.id}`, { name: values.name.trim(), config });
        return null;
      }
      const made = await api.post<Schemas["MadeSource"]>("/source-accounts", { connector: "beacon", source: values.source.trim(), name: values.name.trim(), config });
      return made.secret;
    },
    onSuccess: (secret) => {
      void queryClient.invalidateQueries({ queryKey: ["/source-accounts"] });
      told.done(t("saved"));
      onDone(secret);
    },
    onError: told.refused(form),
  });
  return (
    <Form<Draft> form={form} name="site" layout="vertical" initialValues={first} onFinish={(values) => save.mutate(values)}>
      <Form.Item name="name" label={t("name")} required>
        <Input maxLength={100} />
      </Form.Item>
      {site ? null : (
        <Form.Item name="source" label={t("source")} extra={t("sourceHint")} required>
          <Input maxLength={64} />
        </Form.Item>
      )}
      <Form.Item name="origins" label={t("origins")} extra={t("originsHint")} required>
        <Input.TextArea rows={3} placeholder="https://shop.example.com" />
      </Form.Item>
      <Form.Item name="per_address" label={t("perAddress")}>
        <InputNumber min={1} max={100000} />
      </Form.Item>
      <Form.Item name="per_minute" label={t("perMinute")}>
        <InputNumber min={1} max={100000} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!draft.name.trim() || !draft.source.trim() || lines(draft.origins).length === 0}>
        {t("save")}
      </Button>
    </Form>
  );
}
