import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Radio, Tabs, type FormInstance } from "antd";
import { useState, type ReactNode } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { api, queryClient } from "@/shared/api";
import { ExpressionEditor, unfinished } from "@/shared/expression";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { Page, Section } from "@/shared/pages";
import { useCan, useMe } from "@/shared/session";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { ListEntries } from "./ListEntries";
import { Members } from "./Members";
import { PreviewPanel } from "./PreviewPanel";
import { StatusTag } from "./StatusTag";
import { Trend } from "./Trend";
import type { Segment } from "./types";
import styles from "./Segments.module.css";

interface Draft {
  name: string;
  description: string;
  kind: "live" | "static" | "list";
  text: string;
}

function draftOf(segment: Segment | null, text: string): Draft {
  if (!segment) return { name: "", description: "", kind: "live", text };
  return { name: segment.name, description: segment.description, kind: segment.kind as Draft["kind"], text: segment.text };
}

function useSave(segment: Segment | null, form: FormInstance<Draft>) {
  const { t } = useTranslation("segments");
  const navigate = useNavigate();
  const told = useTold();
  return useMutation({
    mutationFn: (draft: Draft) => {
      const { kind, text, ...named } = draft;
      const changes = kind === "list" ? named : { ...named, text };
      return segment ? api.patch<Segment>(`/segments/${segment.id}`, changes) : api.post<Segment>("/segments", { ...changes, kind });
    },
    onSuccess: (saved) => {
      void queryClient.invalidateQueries({ queryKey: ["/segments"] });
      queryClient.setQueryData(["/segments", saved.id], saved);
      told.done(t(saved.kind === "list" ? "shared:state.saved" : "builder.saved"));
      if (!segment) void navigate(`/segments/${saved.id}`, { replace: true });
    },
    onError: told.refused(form),
  });
}

function ArchiveButton({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const { modal } = App.useApp();
  const navigate = useNavigate();
  const told = useTold();
  const archive = useMutation({
    mutationFn: () => api.delete(`/segments/${segment.id}`),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/segments"] });
      told.done(t("builder.archived"));
      void navigate("/segments");
    },
    onError: told.failed,
  });
  const ask = () =>
    modal.confirm({
      title: t("builder.archiveTitle", { name: segment.name }),
      content: t("builder.archiveHint", { count: segment.count }),
      okText: t("builder.archive"),
      okButtonProps: { danger: true },
      cancelText: t("shared:action.cancel"),
      onOk: () => archive.mutateAsync(),
    });
  return (
    <Button danger onClick={ask}>
      {t("builder.archive")}
    </Button>
  );
}

function Details({ form, draft, isNew, editable, onChange }: { form: FormInstance<Draft>; draft: Draft; isNew: boolean; editable: boolean; onChange: (changes: Partial<Draft>) => void }) {
  const { t } = useTranslation("segments");
  return (
    <Form<Draft> form={form} name="segment" layout="vertical" component="div" disabled={!editable} className={styles.details ?? ""} initialValues={draft} onValuesChange={onChange}>
      <Form.Item name="name" label={t("builder.name")} required>
        <Input maxLength={100} placeholder={t("builder.namePlaceholder")} />
      </Form.Item>
      <Form.Item name="description" label={t("builder.description")}>
        <Input maxLength={500} />
      </Form.Item>
      {isNew ? (
        <Form.Item name="kind" label={t("builder.kind")} extra={t(`kindHelp.${draft.kind}`)}>
          <Radio.Group aria-label={t("builder.kind")} optionType="button" options={(["live", "static", "list"] as const).map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))} />
        </Form.Item>
      ) : null}
    </Form>
  );
}

function SegmentTabs({ segment, rule, editable }: { segment: Segment; rule: ReactNode; editable: boolean }) {
  const { t } = useTranslation("segments");
  const { scope } = useMe();
  const members = (
    <div className={styles.work}>
      {segment.kind === "list" && editable ? <ListEntries segment={segment} /> : null}
      <Members segment={segment} />
    </div>
  );
  return (
    <Tabs
      className={styles.tabs ?? ""}
      items={[
        ...(rule ? [{ key: "rule", label: t("builder.rule"), children: rule }] : []),
        { key: "members", label: t("members.title"), children: members },
        ...(scope.kind === "all" ? [{ key: "trend", label: t("trend.title"), children: <Trend segment={segment} /> }] : []),
      ]}
    />
  );
}

function Builder({ segment }: { segment: Segment | null }) {
  const { t } = useTranslation("segments");
  const can = useCan();
  const [form] = Form.useForm<Draft>();
  const editable = can("segment.write");
  const [params] = useSearchParams();
  const [draft, setDraft] = useState<Draft>(() => draftOf(segment, params.get("text") ?? ""));
  const save = useSave(segment, form);
  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }));
  const clean = segment !== null && draft.name === segment.name && draft.description === segment.description && draft.text === segment.text;
  const submit = () => {
    if (!draft.name.trim()) {
      form.setFields([{ name: "name", errors: [t("builder.nameMissing")] }]);
      form.focusField("name");
      return;
    }
    save.mutate({ name: draft.name, description: draft.description, kind: draft.kind, text: draft.text });
  };
  const listed = draft.kind === "list";
  const rule = (
    <Section title={t("builder.rule")}>
      <ExpressionEditor value={draft.text} onChange={(text) => change({ text })} disabled={!editable} />
    </Section>
  );
  return (
    <Page
      title={segment ? segment.name : t("builder.newTitle")}
      crumbs={[{ label: t("title"), to: "/segments" }]}
      badge={segment ? <StatusTag segment={segment} /> : null}
      actions={
        editable ? (
          <>
            {segment ? <ArchiveButton segment={segment} /> : null}
            <Button type="primary" loading={save.isPending} disabled={clean || (!listed && (!draft.text.trim() || unfinished(draft.text) > 0))} onClick={submit}>
              {segment || listed ? t("builder.save") : t("builder.saveNew")}
            </Button>
          </>
        ) : null
      }
    >
      {segment?.problem ? <Alert type="error" showIcon className={styles.problem ?? ""} title={t("builder.problem", { problem: segment.problem })} /> : null}
      <div className={listed ? undefined : styles.builder}>
        <div className={styles.work}>
          <Section>
            <Details form={form} draft={draft} isNew={segment === null} editable={editable} onChange={change} />
          </Section>
          {segment ? <SegmentTabs segment={segment} rule={listed ? null : rule} editable={editable} /> : listed ? null : rule}
        </div>
        {listed ? null : <PreviewPanel text={draft.text} />}
      </div>
    </Page>
  );
}

export function SegmentBuilderPage() {
  const { segmentId } = useParams();
  const query = useQuery({
    queryKey: ["/segments", segmentId],
    queryFn: ({ signal }) => api.get<Segment>(`/segments/${segmentId ?? ""}`, undefined, signal),
    enabled: segmentId !== undefined,
    // Live messages are the rule; asking now and then survives a lost stream.
    refetchInterval: (last) => (last.state.data?.status === "filling" ? 2_000 : false),
  });
  useLive(segmentId ? [`segment:${segmentId}`] : [], () => void queryClient.invalidateQueries({ queryKey: ["/segments", segmentId] }));
  if (!segmentId) return <Builder key="new" segment={null} />;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={10} title />;
  return <Builder key={`${query.data.id}:${query.data.version}`} segment={query.data} />;
}
