import { useMutation } from "@tanstack/react-query";
import { Button, Tag } from "antd";
import { useMemo } from "react";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { Column } from "@/shared/table";

type Account = Schemas["SourceOut"];

/** Whether a source account takes in what comes, and the switch beside it: the last two columns of every list of accounts. */
export function useSwitchColumns(): Column<Account>[] {
  const { t } = useTranslation("shared");
  const told = useTold();
  const can = useCan();
  const { mutate } = useMutation({
    mutationFn: (row: Account) => api.patch(`/source-accounts/${row.id}`, { status: row.status === "active" ? "paused" : "active" }),
    onSuccess: () => void queryClient.invalidateQueries({ queryKey: ["/source-accounts"] }),
    onError: told.failed,
  });
  return useMemo(
    () => [
      { key: "status", title: t("account.status"), width: 96, render: (row) => <Tag color={row.status === "active" ? "success" : "default"}>{t(row.status === "active" ? "account.on" : "account.off")}</Tag> },
      {
        key: "do",
        title: <span className="t-hidden">{t("action.actions")}</span>,
        width: 110,
        align: "right",
        render: (row) => {
          if (!can("source.write")) return null;
          const words = t(row.status === "active" ? "account.pause" : "account.resume");
          const turn = (event: { stopPropagation: () => void }) => {
            // The row itself opens the account.
            event.stopPropagation();
            mutate(row);
          };
          return (
            <Button type="link" size="small" aria-label={`${words} ${row.name}`} onClick={turn}>
              {words}
            </Button>
          );
        },
      },
    ],
    [t, can, mutate],
  );
}
