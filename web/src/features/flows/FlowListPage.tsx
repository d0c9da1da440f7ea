import { AppstoreOutlined, ImportOutlined, PlusOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Space } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { api, usePages } from "@/shared/api";
import { EMPTY } from "@/shared/canvas";
import { MachineTimeHint, Num, Percent, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { FlowSummary } from "./api";
import { useOpenApprovals } from "./life/api";
import { ApprovalBanner } from "./life/ApprovalBanner";
import { ImportFlow } from "./life/ImportFlow";
import { StatusTag } from "./StatusTag";
import { AlertsLink } from "./steer/SteerMenu";
import { CUSTOMER } from "./subject";
import { SubjectField } from "./SubjectField";

function useColumns(): Column<FlowSummary>[] {
  const { t } = useTranslation("flows");
  const rate = (flow: FlowSummary) => (flow.counts?.entered ? flow.counts.converted / flow.counts.entered : null);
  return [
    { key: "name", title: t("list.name"), render: (flow) => <strong>{flow.name}</strong> },
    { key: "status", title: t("list.status"), width: 120, render: (flow) => <StatusTag status={flow.status} /> },
    { key: "version", title: t("list.version"), width: 96, render: (flow) => (flow.published ? t("list.versionNumber", { n: flow.published.number }) : "—") },
    { key: "entered", title: t("list.entered"), width: 112, align: "right", render: (flow) => <Num value={flow.counts?.entered ?? 0} /> },
    { key: "active", title: t("list.active"), width: 112, align: "right", render: (flow) => <Num value={flow.counts?.active ?? 0} /> },
    { key: "converted", title: t("list.converted"), width: 112, align: "right", render: (flow) => (flow.has_goal === false ? <span className="t-faint">—</span> : <Num value={flow.counts?.converted ?? 0} />) },
    { key: "rate", title: t("list.rate"), width: 96, align: "right", render: (flow) => (flow.has_goal === false ? <span className="t-faint">{t("watch.noGoal")}</span> : <Percent value={rate(flow)} />) },
    { key: "updated", title: t("list.updated"), width: 176, render: (flow) => <Time value={flow.updated_at ?? flow.published?.published_at} clock="machine" /> },
  ];
}

function NewFlow({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("flows");
  const navigate = useNavigate();
  const client = useQueryClient();
  const told = useTold();
  const [form] = Form.useForm<{ name: string }>();
  const [subject, setSubject] = useState(CUSTOMER);
  const create = useMutation({
    mutationFn: ({ name }: { name: string }) => api.post<FlowSummary>("/flows", { name, graph: { ...EMPTY, settings: { subject } } }),
    onSuccess: async (flow) => {
      await client.invalidateQueries({ queryKey: ["/flows"] });
      await navigate(`/flows/${flow.id}`);
    },
    onError: told.refused(form),
  });
  return (
    <Modal open title={t("new.title")} footer={null} onCancel={onClose}>
      <Form<{ name: string }> form={form} name="new-flow" layout="vertical" requiredMark={false} onFinish={(values) => create.mutate(values)}>
        <Form.Item name="name" label={t("new.name")} rules={[{ required: true, whitespace: true, message: t("new.nameMissing") }]}>
          <Input autoFocus maxLength={100} placeholder={t("new.example")} />
        </Form.Item>
        <SubjectField value={subject} onChange={setSubject} />
        <Button type="primary" htmlType="submit" loading={create.isPending}>
          {t("new.create")}
        </Button>
      </Form>
    </Modal>
  );
}

export function FlowListPage() {
  const { t } = useTranslation("flows");
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const [bringing, setBringing] = useState(false);
  const rows = usePages<FlowSummary>("/flows");
  const columns = useColumns();
  const waiting = useOpenApprovals().data?.items ?? [];
  const add = can("flow.write") ? (
    <Space>
      <AlertsLink />
      <Button icon={<ImportOutlined />} onClick={() => setBringing(true)}>
        {t("import.open")}
      </Button>
      <Link to="/gallery">
        <Button icon={<AppstoreOutlined />}>{t("list.gallery")}</Button>
      </Link>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
        {t("list.new")}
      </Button>
    </Space>
  ) : null;
  return (
    <ListPage title={t("list.title")} lead={<>{t("list.lead")}<MachineTimeHint /></>} actions={add}>
      {waiting.map((one) => (
        <ApprovalBanner key={one.id} approval={one} named />
      ))}
      <DataTable<FlowSummary>
        label={t("list.title")}
        rows={rows}
        columns={columns}
        rowKey={(flow) => flow.id}
        to={(flow) => `/flows/${flow.id}`}
        empty={<EmptyState title={t("list.empty")} hint={t("list.emptyHint")} action={add} />}
      />
      {bringing ? <ImportFlow onClose={() => setBringing(false)} /> : null}
      {adding ? <NewFlow onClose={() => setAdding(false)} /> : null}
    </ListPage>
  );
}
