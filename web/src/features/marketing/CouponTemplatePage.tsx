import { useMutation, useQuery } from "@tanstack/react-query";
import { App, Button, Form, Input, InputNumber, Modal, Progress, Tag } from "antd";
import { useMemo, useState } from "react";
import { Link, useParams } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { Num, Percent, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { DetailPage, ExportButton, Facts, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import { useBenefit } from "./benefit";
import type { Coupon, CouponTemplate } from "./types";
import styles from "./Marketing.module.css";

const topics = ["coupons"];
const colours: Record<string, string> = { issued: "success", redeemed: "processing" };

interface Change {
  name?: string;
  quota?: number | null;
  per_customer_limit?: number | null;
  archived?: boolean;
}

function refresh(): void {
  void queryClient.invalidateQueries({ queryKey: ["/coupon-templates"] });
  void queryClient.invalidateQueries({ queryKey: ["/coupons"] });
}

function useChange(id: string, onDone: () => void, onError?: (error: unknown) => void) {
  const { t } = useTranslation("marketing");
  const told = useTold();
  return useMutation({
    mutationFn: (change: Change) => api.patch(`/coupon-templates/${id}`, change),
    onSuccess: () => {
      refresh();
      told.done(t("shared:state.saved"));
      onDone();
    },
    onError: onError ?? told.failed,
  });
}

function EditDialog({ template, open, onClose }: { template: CouponTemplate; open: boolean; onClose: () => void }) {
  const { t } = useTranslation("marketing");
  const [form] = Form.useForm<Change>();
  const told = useTold();
  const change = useChange(template.id, onClose, told.refused(form));
  return (
    <Modal open={open} title={t("form.edit")} okText={t("form.save")} cancelText={t("shared:action.cancel")} confirmLoading={change.isPending} onCancel={onClose} onOk={() => form.submit()} destroyOnHidden>
      <Form<Change> form={form} layout="vertical" initialValues={template} onFinish={(values) => change.mutate(values)}>
        <Form.Item name="name" label={t("form.name")} rules={[{ required: true }]}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="quota" label={t("form.quota")} extra={t("form.quotaHint")}>
          <InputNumber min={1} precision={0} style={{ width: 200 }} />
        </Form.Item>
        <Form.Item name="per_customer_limit" label={t("form.perCustomer")}>
          <InputNumber min={1} max={1000} precision={0} style={{ width: 200 }} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function Actions({ template }: { template: CouponTemplate }) {
  const { t } = useTranslation("marketing");
  const { modal } = App.useApp();
  const [editing, setEditing] = useState(false);
  const change = useChange(template.id, () => undefined);
  const archive = () =>
    modal.confirm({
      title: t("form.archiveTitle", { name: template.name }),
      content: t("form.archiveHint"),
      okText: t("form.archive"),
      okButtonProps: { danger: true },
      cancelText: t("shared:action.cancel"),
      onOk: () => change.mutateAsync({ archived: true }),
    });
  return (
    <>
      <Button onClick={() => setEditing(true)}>{t("form.edit")}</Button>
      {template.archived ? null : (
        <Button danger onClick={archive}>
          {t("form.archive")}
        </Button>
      )}
      <EditDialog template={template} open={editing} onClose={() => setEditing(false)} />
    </>
  );
}

function Summary({ template }: { template: CouponTemplate }) {
  const { t } = useTranslation("marketing");
  const { benefit, validity } = useBenefit();
  const left = template.quota === null ? null : Math.max(0, template.quota - template.issued);
  return (
    <>
      <Section title={t("summary.title")}>
        {template.quota !== null ? <Progress percent={Math.round((template.issued / template.quota) * 100)} size="small" aria-label={t("summary.issued")} /> : null}
        <Facts
          items={[
            { key: "issued", label: t("summary.issued"), value: <Num value={template.issued} /> },
            { key: "quota", label: t("summary.quota"), value: template.quota === null ? t("coupons.unlimited") : <Num value={template.quota} /> },
            ...(left === null ? [] : [{ key: "left", label: t("summary.left"), value: <Num value={left} /> }]),
            { key: "redeemed", label: t("summary.redeemed"), value: <Num value={template.redeemed} /> },
            { key: "rate", label: t("coupons.column.rate"), value: <Percent value={template.issued > 0 ? template.redeemed / template.issued : null} /> },
          ]}
        />
      </Section>
      <Section title={t("summary.rules")}>
        <Facts
          items={[
            { key: "kind", label: t("kind.label"), value: t(`kind.${template.kind}`) },
            { key: "benefit", label: t("coupons.column.benefit"), value: benefit(template) },
            { key: "valid", label: t("coupons.column.valid"), value: validity(template) },
            { key: "limit", label: t("form.perCustomer"), value: template.per_customer_limit ?? t("coupons.unlimited") },
            { key: "created", label: t("coupons.column.created"), value: <Time value={template.created_at} clock="machine" /> },
          ]}
        />
      </Section>
    </>
  );
}

function Issued({ templateId }: { templateId: string }) {
  const { t } = useTranslation("marketing");
  const rows = usePages<Coupon>("/coupons", { template_id: templateId });
  const columns = useMemo<Column<Coupon>[]>(
    () => [
      { key: "code", title: t("issued.code"), render: (row) => <code>{row.code}</code> },
      { key: "customer", title: t("issued.customer"), width: 100, render: (row) => <Link to={`/customers/${row.customer_id}`}>{t("issued.open")}</Link> },
      { key: "state", title: t("issued.state"), width: 100, render: (row) => <Tag color={colours[row.status] ?? "default"}>{t(`issued.states.${row.status}`)}</Tag> },
      { key: "issued", title: t("issued.issuedAt"), width: 156, render: (row) => <Time value={row.issued_at} /> },
      { key: "expires", title: t("issued.expiresAt"), width: 120, render: (row) => <Time value={row.expires_at} only="date" /> },
      { key: "redeemed", title: t("issued.redeemedAt"), width: 156, render: (row) => <Time value={row.redeemed_at} /> },
      { key: "run", title: t("issued.run"), width: 96, render: (row) => (row.run_id ? <Link to={`/runs/${row.run_id}`}>{t("issued.open")}</Link> : "—") },
    ],
    [t],
  );
  return (
    <Section title={t("issued.title")} extra={rows.items.length > 0 ? <ExportButton list="coupons" filters={{ template_id: templateId }} /> : null} flush>
      <div className={styles.issued}>
        <DataTable label={t("issued.title")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState compact title={t("issued.none")} />} />
      </div>
    </Section>
  );
}

export function CouponTemplatePage() {
  const { t } = useTranslation("marketing");
  const { templateId = "" } = useParams();
  const can = useCan();
  const query = useQuery({ queryKey: ["/coupon-templates", templateId], queryFn: ({ signal }) => api.get<CouponTemplate>(`/coupon-templates/${templateId}`, undefined, signal) });
  useLive(topics, refresh);
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={8} title />;
  const template = query.data;
  return (
    <DetailPage title={template.name} crumbs={[{ label: t("coupons.title"), to: "/coupons" }]} badge={template.archived ? <Tag>{t("coupons.archived")}</Tag> : null} actions={can("coupon.write") ? <Actions template={template} /> : null} facts={<Summary template={template} />}>
      <Issued templateId={template.id} />
    </DetailPage>
  );
}
