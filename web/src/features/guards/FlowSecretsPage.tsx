import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import styles from "./guards.module.css";

type Secret = Schemas["FlowSecretOut"];

interface Values {
  name: string;
  host: string;
  value: string;
  note?: string;
}

const PATH = "/flow-secrets";
/** The window's button stands outside the form: named, it is what Enter presses. */
const FORM = "flow-secret";
const NAME = /^[a-z][a-z0-9_]{0,39}$/;

/** Seals a credential, or gives one that is there a new value; what was typed is never shown again. */
function Sealing({ known, onClose }: { known: Secret | null; onClose: () => void }) {
  const { t } = useTranslation("guards");
  const told = useTold();
  const [form] = Form.useForm<Values>();
  const seal = useMutation({
    mutationFn: ({ name, ...rest }: Values) => api.put<Secret>(`${PATH}/${name}`, rest),
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: [PATH] });
      told.done(t("secrets.saved"));
      onClose();
    },
    onError: told.refused(form),
  });
  return (
    <Modal open title={known ? t("secrets.renew", { name: known.name }) : t("secrets.add")} okText={t("secrets.save")} cancelText={t("shared:action.cancel")} confirmLoading={seal.isPending} okButtonProps={{ htmlType: "submit", form: FORM }} onCancel={onClose}>
      <Form<Values> id={FORM} form={form} layout="vertical" requiredMark={false} initialValues={{ name: known?.name ?? "", host: known?.host ?? "", value: "", note: known?.note ?? "" }} onFinish={(values) => seal.mutate(values)}>
        <Form.Item name="name" label={t("secrets.name")} extra={t("secrets.nameHint")} rules={[{ required: true, pattern: NAME, message: t("secrets.nameWrong") }]}>
          <Input autoFocus={!known} disabled={known !== null} maxLength={40} placeholder="erp_token" />
        </Form.Item>
        <Form.Item name="host" label={t("secrets.host")} extra={t("secrets.hostHint")} rules={[{ required: true, message: t("secrets.hostWrong") }]}>
          <Input maxLength={300} placeholder="erp.example.com" />
        </Form.Item>
        <Form.Item name="value" label={t("secrets.value")} extra={t("secrets.valueHint")} rules={[{ required: true, message: t("secrets.valueWrong") }]}>
          <Input.Password autoFocus={known !== null} autoComplete="new-password" visibilityToggle={false} />
        </Form.Item>
        <Form.Item name="note" label={t("secrets.note")}>
          <Input maxLength={500} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function useRemove() {
  const { t } = useTranslation("guards");
  const { modal } = App.useApp();
  const told = useTold();
  const remove = useMutation({
    mutationFn: (name: string) => api.delete(`${PATH}/${name}`),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: [PATH] }),
    onError: told.failed,
  });
  return (row: Secret) =>
    modal.confirm({
      title: t("secrets.removeTitle", { name: row.name }),
      content: row.used_by.length > 0 ? t("secrets.removeUsed", { flows: row.used_by.map((one) => one.name).join("、") }) : t("secrets.removeHint"),
      okText: t("shared:action.delete"),
      okButtonProps: { danger: true },
      cancelText: t("shared:action.cancel"),
      onOk: () => remove.mutateAsync(row.name),
    });
}

/** Credentials that flows' calls name: where each may be sent, and which flows name it. */
export function FlowSecretsPage() {
  const { t } = useTranslation("guards");
  const may = useCan()("webhook.write");
  const rows = usePages<Secret>(PATH);
  const remove = useRemove();
  const [open, setOpen] = useState<Secret | "new" | null>(null);
  const columns = useMemo<Column<Secret>[]>(
    () => [
      { key: "name", title: t("secrets.name"), width: 180, render: (row) => <code>{row.name}</code> },
      { key: "host", title: t("secrets.host"), width: 220, render: (row) => row.host },
      {
        key: "used",
        title: t("secrets.used"),
        render: (row) =>
          row.used_by.length === 0 ? (
            <span className={styles.faint}>{t("secrets.unused")}</span>
          ) : (
            <span className={styles.users}>
              {row.used_by.map((flow) => (
                <Link key={flow.id} to={`/flows/${flow.id}`}>
                  {flow.name}
                </Link>
              ))}
            </span>
          ),
      },
      { key: "note", title: t("secrets.note"), render: (row) => row.note },
      { key: "updated", title: t("secrets.updated"), width: 170, render: (row) => <Time value={row.updated_at} clock="machine" /> },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 150,
        align: "right",
        render: (row) =>
          may ? (
            <>
              <Button type="link" size="small" onClick={() => setOpen(row)}>
                {t("secrets.change")}
              </Button>
              <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={`${t("shared:action.delete")} ${row.name}`} onClick={() => remove(row)} />
            </>
          ) : null,
      },
    ],
    [t, may, remove],
  );
  const add = may ? (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setOpen("new")}>
      {t("secrets.add")}
    </Button>
  ) : null;
  return (
    <ListPage title={t("secrets.title")} lead={t("secrets.lead")} actions={add}>
      <DataTable label={t("secrets.title")} rowKey={(row) => row.name} columns={columns} rows={rows} empty={<EmptyState title={t("secrets.none")} hint={t("secrets.noneHint")} />} />
      {open ? <Sealing known={open === "new" ? null : open} onClose={() => setOpen(null)} /> : null}
    </ListPage>
  );
}
