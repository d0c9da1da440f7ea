import { useMutation } from "@tanstack/react-query";
import { App, Button, Tag } from "antd";
import { useMemo } from "react";
import { Link } from "react-router";
import { api, queryClient } from "@/shared/api";
import { Num, Percent, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { Column } from "@/shared/table";
import type { Adviser, Lost } from "./types";

function useBelieve() {
  const { t } = useTranslation("handover");
  const { modal } = App.useApp();
  const told = useTold();
  const believe = useMutation({
    mutationFn: (row: Adviser) => api.post("/lost-friends/believed", { account_id: row.account_id, member: row.member }),
    onSuccess: () => (told.done(t("believed")), void queryClient.invalidateQueries({ queryKey: ["/adviser-friends"] })),
    onError: told.failed,
  });
  return (row: Adviser) => modal.confirm({ title: t("believeTitle", { name: row.name, n: row.missing }), content: t("believeHint"), okText: t("believe"), cancelText: t("shared:action.cancel"), onOk: () => believe.mutateAsync(row) });
}

/** Advisers with their friends, what they lost in 30 days, and what to do. */
export function useAdviserColumns(onGive: (row: Adviser) => void): Column<Adviser>[] {
  const { t } = useTranslation("handover");
  const may = useCan()("contact.write");
  const believe = useBelieve();
  return useMemo(
    () => [
      {
        key: "name",
        title: t("adviser"),
        render: (row) => (
          <>
            {row.name} {row.away ? <Tag color={row.friends > 0 ? "warning" : "default"}>{t("away")}</Tag> : null}
            {row.held ? (
              <Button type="link" size="small" disabled={!may} onClick={() => believe(row)}>
                {t("held", { n: row.missing })}
              </Button>
            ) : null}
          </>
        ),
      },
      { key: "friends", title: t("friends"), width: 110, align: "right", render: (row) => <Num value={row.friends} /> },
      { key: "lost", title: t("lost30"), width: 130, align: "right", render: (row) => <Num value={row.lost} /> },
      { key: "byCustomer", title: t("byCustomer"), width: 120, align: "right", render: (row) => <Num value={row.lost_by_customer} /> },
      { key: "rate", title: t("rate"), width: 100, align: "right", render: (row) => <Percent value={row.friends + row.lost > 0 ? row.lost / (row.friends + row.lost) : null} /> },
      { key: "under", title: t("handingOver"), width: 110, align: "right", render: (row) => <Num value={row.handing_over} /> },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 130,
        align: "right",
        render: (row) =>
          may && row.friends > 0 && row.handing_over === 0 ? (
            <Button size="small" type={row.away ? "primary" : "default"} onClick={() => onGive(row)}>
              {t("give")}
            </Button>
          ) : null,
      },
    ],
    [t, may, believe, onGive],
  );
}

/** Friendships that ended, newest first. */
export function useLostColumns(): Column<Lost>[] {
  const { t } = useTranslation("handover");
  return useMemo(
    () => [
      { key: "at", title: t("lostAt"), width: 170, render: (row) => <Time value={row.lost_at} /> },
      { key: "customer", title: t("customer"), render: (row) => <Link to={`/customers/${row.customer_id}`}>{row.customer_name ?? t("open")}</Link> },
      { key: "adviser", title: t("adviser"), width: 140, render: (row) => row.adviser },
      { key: "by", title: t("lostBy"), width: 200, render: (row) => t(`by.${row.lost_by}`) },
      { key: "code", title: t("liveCode"), width: 160, render: (row) => row.live_code ?? "—" },
      { key: "added", title: t("addedAt"), width: 170, render: (row) => (row.added_at ? <Time value={row.added_at} /> : "—") },
    ],
    [t],
  );
}
