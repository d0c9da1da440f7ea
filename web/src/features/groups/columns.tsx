import { DeleteOutlined, EditOutlined, QrcodeOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Popover, Tag, Tooltip } from "antd";
import { api, queryClient } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { AttachmentsShown } from "@/shared/media";
import { CodePicture } from "@/shared/qr";
import { useTold } from "@/shared/states";
import type { Column } from "@/shared/table";
import type { GroupCode, GroupWelcome } from "./types";

type Where = GroupCode["where"];

function Standing({ where, problem }: { where: Where; problem: string | null }) {
  const { t } = useTranslation("groups");
  if (where === "stuck")
    return (
      <Tooltip title={problem}>
        <Tag color="error">{t("code.stuck")}</Tag>
      </Tooltip>
    );
  return where === "making" ? <Tag color="processing">{t("code.making")}</Tag> : null;
}

function useDrop(path: string, words: string) {
  const { t } = useTranslation("groups");
  const { modal } = App.useApp();
  const told = useTold();
  const drop = useMutation({ mutationFn: (id: string) => api.delete(`${path}/${id}`), onSuccess: () => queryClient.invalidateQueries({ queryKey: [path] }), onError: told.failed });
  return (id: string, name: string) =>
    modal.confirm({ title: t(`${words}.dropTitle`, { name }), content: t(`${words}.dropHint`), okText: t(`${words}.drop`), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => drop.mutateAsync(id) });
}

function Hands<T extends { id: string; name: string }>({ row, onOpen, onDrop, words }: { row: T; onOpen: (row: T) => void; onDrop: (id: string, name: string) => void; words: string }) {
  const { t } = useTranslation("groups");
  return (
    <>
      <Button type="text" icon={<EditOutlined />} aria-label={t(`${words}.editOf`, { name: row.name })} onClick={() => onOpen(row)} />
      <Button type="text" icon={<DeleteOutlined />} aria-label={t(`${words}.dropOf`, { name: row.name })} onClick={() => onDrop(row.id, row.name)} />
    </>
  );
}

function Into({ code }: { code: GroupCode }) {
  const { t } = useTranslation("groups");
  const now = code.seats.filter((one) => one.now);
  if (code.where !== "placed") return <Standing where={code.where} problem={code.problem} />;
  return (
    <>
      {code.reason === "full" ? <Tag color="warning">{t("code.full")}</Tag> : null}
      {code.reason === "nobody" ? <Tag color="error">{t("code.nobody")}</Tag> : null}
      {now.map((one) => (
        <Tag key={one.group_id}>
          {one.group || t("group.nameless")} {one.people}
          {one.cap ? ` / ${one.cap}` : ""}
        </Tag>
      ))}
    </>
  );
}

/** Group codes: where each leads now, and what it brought. */
export function useCodeColumns(onOpen: ((row: GroupCode) => void) | null): Column<GroupCode>[] {
  const { t } = useTranslation("groups");
  const drop = useDrop("/group-codes", "code");
  return [
    {
      key: "name",
      title: t("code.name"),
      width: 180,
      render: (row) =>
        row.qr_url ? (
          <Popover trigger="click" content={<CodePicture path={`/group-codes/${row.id}`} name={row.name} />}>
            <Button type="link" size="small" icon={<QrcodeOutlined />} style={{ paddingInline: 0 }}>
              {row.name}
            </Button>
          </Popover>
        ) : (
          row.name
        ),
    },
    { key: "channel", title: t("code.channel"), width: 110, render: (row) => (row.channel ? <Tag>{row.channel}</Tag> : "—") },
    { key: "now", title: t("code.now"), render: (row) => <Into code={row} /> },
    { key: "groups", title: t("code.groups"), width: 90, align: "right", render: (row) => <Num value={row.seats.length} /> },
    { key: "joined", title: t("code.joined"), width: 90, align: "right", render: (row) => <Num value={row.joined} /> },
    { key: "here", title: t("code.here"), width: 90, align: "right", render: (row) => <Num value={row.here} /> },
    { key: "left", title: t("code.left"), width: 90, align: "right", render: (row) => <Num value={row.left} /> },
    ...(onOpen ? [{ key: "hands", title: "", width: 96, render: (row: GroupCode) => <Hands row={row} onOpen={onOpen} onDrop={drop} words="code" /> }] : []),
  ];
}

/** Words for newcomers. */
export function useWelcomeColumns(onOpen: ((row: GroupWelcome) => void) | null): Column<GroupWelcome>[] {
  const { t } = useTranslation("groups");
  const drop = useDrop("/group-welcomes", "welcome");
  return [
    { key: "name", title: t("form.name"), width: 180, render: (row) => row.name },
    { key: "body", title: t("welcome.body"), render: (row) => row.body || "—" },
    { key: "attachment", title: t("welcome.attachment"), width: 160, render: (row) => (row.attachment ? <AttachmentsShown value={[row.attachment]} /> : "—") },
    { key: "where", title: t("code.now"), width: 140, render: (row) => (row.where === "placed" ? <Tag color="success">{t("welcome.placed")}</Tag> : <Standing where={row.where} problem={row.problem} />) },
    ...(onOpen ? [{ key: "hands", title: "", width: 96, render: (row: GroupWelcome) => <Hands row={row} onOpen={onOpen} onDrop={drop} words="welcome" /> }] : []),
  ];
}
