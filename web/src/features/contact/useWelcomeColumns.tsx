import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { App, Button, Tag } from "antd";
import { useMemo } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { Num } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { Column } from "@/shared/table";
import { daysText } from "./hours";
import type { Adviser, LiveCode, Welcome } from "./types";

/** What the server takes of a message: all of it but what it counted itself. */
export function toBody({ name, active, body, attachments, live_codes, channels, members, tags, days, from_time, until_time }: Welcome) {
  return { name, active, body, attachments, live_codes, channels, members, tags, days, from_time, until_time };
}

function refresh(): void {
  void queryClient.invalidateQueries({ queryKey: ["/welcome-messages"] });
}

/** For whom a message is, as a person reads it. */
export function useFor() {
  const { t } = useTranslation("contact");
  const codes = usePages<LiveCode>("/live-codes", {}, 200);
  const advisers = usePages<Adviser>("/advisers", {}, 1000);
  return useMemo(() => {
    const code = new Map(codes.items.map((one) => [one.id, one.name]));
    const adviser = new Map(advisers.items.map((one) => [one.member, one.name]));
    return (row: Welcome) => {
      const parts = [
        row.live_codes.map((id) => code.get(id) ?? t("welcomes.oldCode")),
        row.channels,
        row.members.map((member) => adviser.get(member) ?? member),
        row.tags.map((tag) => t("welcomes.tagged", { tag })),
        row.days.length > 0 ? [daysText(row.days, (day) => t(`day.${day}`), t("day.to"), t("comma"))] : [],
        row.from_time || row.until_time ? [`${row.from_time ?? "00:00"}–${row.until_time ?? "24:00"}`] : [],
      ];
      return parts.filter((part) => part.length > 0).map((part) => part.join(t("comma"))).join(" · ") || t("welcomes.everybody");
    };
  }, [t, codes.items, advisers.items]);
}

function useDo() {
  const { t } = useTranslation("contact");
  const { modal } = App.useApp();
  const told = useTold();
  const move = useMutation({ mutationFn: ({ row, place }: { row: Welcome; place: number }) => api.put(`/welcome-messages/${row.id}`, { ...toBody(row), place }), onSuccess: refresh, onError: told.failed });
  const remove = useMutation({ mutationFn: (row: Welcome) => api.delete(`/welcome-messages/${row.id}`), onSuccess: refresh, onError: told.failed });
  const ask = (row: Welcome) =>
    modal.confirm({ title: t("welcomes.deleteTitle", { name: row.name }), okText: t("shared:action.delete"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => remove.mutateAsync(row) });
  return { move, ask };
}

/** Messages in the order in which they are tried. */
export function useWelcomeColumns(rows: readonly Welcome[], onEdit: (row: Welcome) => void): Column<Welcome>[] {
  const { t } = useTranslation("contact");
  const may = useCan()("contact.write");
  const whom = useFor();
  const { move, ask } = useDo();
  return useMemo(
    () => [
      { key: "place", title: t("welcomes.place"), width: 64, align: "right", render: (row) => <Num value={rows.indexOf(row) + 1} /> },
      {
        key: "name",
        title: t("welcomes.name"),
        width: 200,
        render: (row) => (
          <>
            <Button type="link" size="small" style={{ paddingInline: 0 }} onClick={() => onEdit(row)}>
              {row.name}
            </Button>{" "}
            {row.active ? null : <Tag>{t("welcomes.off")}</Tag>}
          </>
        ),
      },
      { key: "for", title: t("welcomes.for"), width: 260, render: whom },
      { key: "body", title: t("welcomes.body"), render: (row) => row.body },
      { key: "sent", title: t("welcomes.sent"), width: 110, align: "right", render: (row) => <Num value={row.sent} /> },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 120,
        align: "right",
        render: (row) => {
          const at = rows.indexOf(row);
          return may ? (
            <>
              <Button type="text" size="small" icon={<ArrowUpOutlined />} disabled={at === 0} aria-label={t("welcomes.up", { name: row.name })} onClick={() => move.mutate({ row, place: at })} />
              <Button type="text" size="small" icon={<ArrowDownOutlined />} disabled={at === rows.length - 1} aria-label={t("welcomes.down", { name: row.name })} onClick={() => move.mutate({ row, place: at + 2 })} />
              <Button type="text" size="small" icon={<DeleteOutlined />} aria-label={`${t("shared:action.delete")} ${row.name}`} onClick={() => ask(row)} />
            </>
          ) : null;
        },
      },
    ],
    [t, may, rows, whom, onEdit, move, ask],
  );
}
