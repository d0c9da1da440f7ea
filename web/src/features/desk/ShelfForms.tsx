import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Select } from "antd";
import { api, asApiError, usePages } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { MediaField } from "@/shared/media";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import { refresh } from "./Shelf";
import type { Material, Script } from "./types";

export const KINDS = ["article", "page", "pdf", "image", "video"] as const;

export function useSaving<Body>(path: string, id: string | undefined, onDone: () => void) {
  const { t } = useTranslation("desk");
  const told = useTold();
  return useMutation({
    mutationFn: (body: Body) => (id ? api.put(`${path}/${id}`, body) : api.post(path, body)),
    onSuccess: () => {
      refresh(path);
      told.done(t("shared:state.saved"));
      onDone();
    },
  });
}

export function Problem({ error }: { error: unknown }) {
  const say = useSay();
  const { t } = useTranslation("desk");
  if (!error) return null;
  const found = asApiError(error);
  return <Alert type="error" showIcon style={{ marginBottom: 12 }} title={found.sentence} description={found.places.map((one) => say(one.what)).join(t("comma"))} />;
}

const orNull = (value: string | null | undefined) => (value === "" ? null : (value ?? null));

interface MaterialDraft {
  name: string;
  kind: Material["kind"];
  folder?: string;
  url?: string;
  media_id?: string | null;
  words?: string;
  product?: string;
  expires_on?: string;
}

export function MaterialForm({ row, onDone }: { row: Material | null; onDone: () => void }) {
  const { t } = useTranslation("desk");
  const may = useCan()("material.write");
  const [form] = Form.useForm<MaterialDraft>();
  const watched = Form.useWatch("kind", form) as Material["kind"] | undefined;
  const kind = watched ?? row?.kind ?? "article";
  const media = Form.useWatch<string | null | undefined>("media_id", form);
  const file = kind === "pdf" || kind === "image" || kind === "video";
  const save = useSaving<object>("/materials", row?.id, onDone);
  const needed = [{ required: true, message: t("materials.needed") }];
  const send = (draft: MaterialDraft) => save.mutate({ name: draft.name, kind: draft.kind, folder: draft.folder ?? "", url: draft.kind === "article" || (file && draft.media_id) ? null : orNull(draft.url), media_id: file ? (draft.media_id ?? null) : null, words: draft.words ?? "", product: draft.product ?? "", expires_on: orNull(draft.expires_on) });
  return (
    <Form<MaterialDraft> form={form} layout="vertical" requiredMark="optional" disabled={!may} initialValues={row ? { ...row, url: row.url ?? undefined, expires_on: row.expires_on ?? undefined } : { kind: "article" }} onFinish={send}>
      <Form.Item name="name" label={t("materials.name")} rules={needed}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="kind" label={t("materials.kind")} required>
        <Select options={KINDS.map((one) => ({ value: one, label: t(`kind.${one}`) }))} />
      </Form.Item>
      {file ? (
        <Form.Item name="media_id" label={t("materials.file")} extra={t("materials.fileHint")}>
          <MediaField kind={kind === "pdf" ? "file" : kind} disabled={!may} />
        </Form.Item>
      ) : null}
      {kind === "article" || (file && media) ? null : (
        <Form.Item name="url" label={t("materials.url")} extra={t("materials.urlHint")} rules={needed}>
          <Input maxLength={1000} />
        </Form.Item>
      )}
      <Form.Item name="words" label={kind === "article" ? t("materials.text") : t("materials.about")} extra={kind === "article" ? t("materials.textHint") : undefined} rules={kind === "article" ? needed : []}>
        <Input.TextArea rows={kind === "article" ? 10 : 3} maxLength={10_000} />
      </Form.Item>
      <Form.Item name="folder" label={t("materials.folder")}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="product" label={t("materials.product")} extra={t("materials.productHint")}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="expires_on" label={t("materials.expires")}>
        <Input type="date" />
      </Form.Item>
      <Problem error={save.error} />
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}

interface ScriptDraft {
  title: string;
  folder?: string;
  body: string;
  material_id?: string;
  expires_on?: string;
}

export function ScriptForm({ row, onDone }: { row: Script | null; onDone: () => void }) {
  const { t } = useTranslation("desk");
  const may = useCan()("material.write");
  const materials = usePages<Material>("/materials", {}, 1000);
  const save = useSaving<object>("/talk-scripts", row?.id, onDone);
  const needed = [{ required: true, message: t("materials.needed") }];
  const send = (draft: ScriptDraft) => save.mutate({ title: draft.title, folder: draft.folder ?? "", body: draft.body, material_id: orNull(draft.material_id), expires_on: orNull(draft.expires_on) });
  return (
    <Form<ScriptDraft> layout="vertical" requiredMark="optional" disabled={!may} initialValues={row ? { ...row, material_id: row.material_id ?? undefined, expires_on: row.expires_on ?? undefined } : {}} onFinish={send}>
      <Form.Item name="title" label={t("materials.title2")} rules={needed}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="body" label={t("materials.body")} extra={t("materials.bodyHint", { name: "{{customer.name|…}}" })} rules={needed}>
        <Input.TextArea rows={6} maxLength={4000} />
      </Form.Item>
      <Form.Item name="folder" label={t("materials.folder")}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="material_id" label={t("materials.material")}>
        <Select allowClear showSearch={{ optionFilterProp: "label" }} options={materials.items.map((one) => ({ value: one.id, label: one.name }))} />
      </Form.Item>
      <Form.Item name="expires_on" label={t("materials.expires")}>
        <Input type="date" />
      </Form.Item>
      <Problem error={save.error} />
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}
