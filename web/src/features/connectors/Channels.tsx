import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, Modal, Select, Space, Table, Tag } from "antd";
import { useState } from "react";
import { api, queryClient } from "@/shared/api";
import { useSay, useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import type { Channel } from "./types";

const KEY = ["/message-channels"];
const refresh = () => void queryClient.invalidateQueries({ queryKey: KEY });

interface Values {
  provider: string;
  settings?: Record<string, string>;
}

function Keys({ channel, onDone }: { channel: Channel; onDone: () => void }) {
  const { t } = useTranslation("connectors");
  const say = useSay();
  const told = useTold();
  const [form] = Form.useForm<Values>();
  const chosen = Form.useWatch("provider", form);
  const provider = channel.providers.find((one) => one.name === chosen);
  const known = channel.provider === chosen;
  const connect = useMutation({ mutationFn: (values: Values) => api.put(`/message-channels/${channel.channel}`, { provider: values.provider, settings: values.settings ?? {} }), onSuccess: () => (refresh(), onDone()), onError: told.refused(form) });
  const first = channel.provider ?? channel.providers[0]?.name;
  return (
    <Form form={form} layout="vertical" requiredMark="optional" initialValues={{ provider: first, settings: channel.settings }} onFinish={(values) => connect.mutate(values)}>
      <Form.Item name="provider" label={t("provider")} rules={[{ required: true }]}>
        <Select options={channel.providers.map((one) => ({ value: one.name, label: say(one.label) }))} />
      </Form.Item>
      {provider?.settings.map((one) => (
        <Form.Item key={`${provider.name}-${one.name}`} name={["settings", one.name]} label={say(one.label)} rules={one.required && !(one.secret && known) ? [{ required: true }] : []} extra={one.secret && known ? t("secretStays") : undefined}>
          {one.secret ? <Input.Password autoComplete="off" /> : <Input autoComplete="off" />}
        </Form.Item>
      ))}
      {provider?.needs_approved_text ? <Alert type="info" showIcon style={{ marginBottom: 12 }} title={t("approvedText")} /> : null}
      <Button type="primary" htmlType="submit" loading={connect.isPending}>
        {t("save")}
      </Button>
    </Form>
  );
}

function Deeds({ channel, onOpen }: { channel: Channel; onOpen: () => void }) {
  const { t } = useTranslation("connectors");
  const { modal } = App.useApp();
  const told = useTold();
  const say = useSay();
  const remove = useMutation({ mutationFn: () => api.delete(`/message-channels/${channel.channel}`), onSuccess: refresh, onError: told.failed });
  const removing = () => modal.confirm({ title: t("removeTitle", { name: say(channel.label) }), content: t("removeChannelHint"), okText: t("remove"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => remove.mutateAsync() });
  return (
    <Space>
      <Button size="small" onClick={onOpen}>
        {channel.provider ? t("change") : t("connectChannel")}
      </Button>
      {channel.provider ? (
        <Button size="small" danger onClick={removing}>
          {t("remove")}
        </Button>
      ) : null}
    </Space>
  );
}

/** Who carries which channel's messages to people: a provider with the tenant's keys, or the simulated phone. */
export function Channels() {
  const { t } = useTranslation("connectors");
  const say = useSay();
  const can = useCan();
  const [open, setOpen] = useState<Channel>();
  const query = useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.get<{ channels: Channel[] }>("/message-channels", undefined, signal), enabled: can("message.read") });
  if (!can("message.read")) return null;
  const carried = (row: Channel) => row.providers.find((one) => one.name === row.provider);
  return (
    <>
      <Loaded query={query}>
        {(data) => (
          <Table<Channel>
            rowKey="channel"
            size="small"
            pagination={false}
            dataSource={data.channels.filter((one) => one.providers.length > 0)}
            columns={[
              { key: "channel", title: t("channel"), render: (_, row) => say(row.label) },
              { key: "provider", title: t("provider"), render: (_, row) => { const one = carried(row); return one ? <Tag color="success">{say(one.label)}</Tag> : <Tag>{t("phoneOnly")}</Tag>; } },
              ...(can("settings.write") ? [{ key: "deeds", title: "", align: "right" as const, render: (_: unknown, row: Channel) => <Deeds channel={row} onOpen={() => setOpen(row)} /> }] : []),
            ]}
          />
        )}
      </Loaded>
      <Modal open={open !== undefined} title={open ? say(open.label) : ""} footer={null} destroyOnHidden onCancel={() => setOpen(undefined)}>
        {open ? <Keys channel={open} onDone={() => setOpen(undefined)} /> : null}
      </Modal>
    </>
  );
}
