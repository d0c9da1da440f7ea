import { useMutation } from "@tanstack/react-query";
import { Button, DatePicker, Drawer, Form, Input, Select, Tag } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Post, Unit } from "./types";

interface Draft {
  code?: string;
  store_id?: string | null;
  left_at?: Dayjs | null;
  successor_id?: string | null;
}

function PostForm({ post, all, onDone }: { post: Post; all: readonly Post[]; onDone: () => void }) {
  const { t } = useTranslation("ownership");
  const told = useTold();
  const stores = usePages<Unit>("/org-units", {}, 200);
  const save = useMutation({
    mutationFn: (draft: Draft) => api.put(`/adviser-posts/${post.user_id}`, { code: draft.code?.trim() ? draft.code : null, store_id: draft.store_id ?? null, left_at: draft.left_at?.toISOString() ?? null, successor_id: draft.successor_id ?? null }),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: ["/adviser-posts"] });
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: told.failed,
  });
  const start: Draft = { store_id: post.store_id, left_at: post.left_at ? dayjs(post.left_at) : null, successor_id: post.successor_id, ...(post.code ? { code: post.code } : {}) };
  return (
    <Form<Draft> layout="vertical" initialValues={start} onFinish={(draft) => save.mutate(draft)}>
      <Form.Item name="code" label={t("post.code")} extra={t("post.codeHint")}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="store_id" label={t("post.store")}>
        <Select allowClear showSearch={{ optionFilterProp: "label" }} options={stores.items.filter((one) => one.kind === "store").map((one) => ({ value: one.id, label: one.name }))} />
      </Form.Item>
      <Form.Item name="left_at" label={t("post.left")} extra={t("post.leftHint")}>
        <DatePicker style={{ width: "100%" }} />
      </Form.Item>
      <Form.Item name="successor_id" label={t("post.successor")}>
        <Select allowClear showSearch={{ optionFilterProp: "label" }} options={all.filter((one) => one.user_id !== post.user_id && one.active).map((one) => ({ value: one.user_id, label: one.name }))} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t("shared:action.save")}
      </Button>
    </Form>
  );
}

/** Who earns: staff number, store, and who goes on when somebody leaves. */
export function Posts() {
  const { t } = useTranslation("ownership");
  const may = useCan()("performance.write");
  const [open, setOpen] = useState<Post | null>(null);
  const rows = usePages<Post>("/adviser-posts", {}, 1000);
  const columns: Column<Post>[] = [
    { key: "name", title: t("adviser"), render: (row) => row.name },
    { key: "code", title: t("post.code"), width: 130, render: (row) => row.code ?? "—" },
    { key: "store", title: t("post.store"), width: 200, render: (row) => row.store ?? "—" },
    { key: "members", title: t("post.members"), width: 200, render: (row) => (row.members.length > 0 ? row.members.join(" · ") : "—") },
    { key: "left", title: t("post.left"), width: 170, render: (row) => (row.left_at ? <Time value={row.left_at} only="date" /> : "—") },
    { key: "next", title: t("post.successor"), width: 140, render: (row) => row.successor ?? "—" },
    { key: "state", title: t("post.state"), width: 110, render: (row) => <Tag color={row.since ? "green" : "default"}>{t(row.since ? "post.earns" : "post.none")}</Tag> },
  ];
  return (
    <>
      <DataTable label={t("tab.posts", { count: rows.items.length })} rows={rows} columns={columns} rowKey={(row) => row.user_id} {...(may ? { onOpen: setOpen } : {})} empty={<EmptyState compact title={t("post.empty")} />} />
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={460} title={open?.name} destroyOnHidden>
        {open ? <PostForm post={open} all={rows.items} onDone={() => setOpen(null)} /> : null}
      </Drawer>
    </>
  );
}
