import { useMutation } from "@tanstack/react-query";
import { Button, Drawer, Form, Input } from "antd";
import { useMemo, useState } from "react";
import { api, queryClient, usePages, type Schemas } from "@/shared/api";
import { Money } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { By, Spend } from "./funnel";
import styles from "./Conversion.module.css";

const refresh = () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/conversion") });

function useSpendColumns(): Column<Spend>[] {
  const { t } = useTranslation("conversion");
  const told = useTold();
  const { mutate } = useMutation({ mutationFn: (id: string) => api.delete(`/conversion/spend/${id}`), onSuccess: refresh, onError: told.failed });
  return useMemo(
    () => [
      { key: "day", title: t("day"), width: 120, render: (row) => <span className="t-num">{row.day}</span> },
      { key: "key", title: t("key"), render: (row) => row.key },
      { key: "amount", title: t("amount"), width: 130, align: "right", render: (row) => <Money value={row.amount} /> },
      { key: "note", title: t("note"), render: (row) => row.note },
      {
        key: "do",
        title: <span className="t-hidden">{t("shared:action.actions")}</span>,
        width: 80,
        align: "right",
        render: (row) => (
          <Button type="link" danger size="small" aria-label={`${t("remove")} ${row.day} ${row.key}`} onClick={() => mutate(row.id)}>
            {t("remove")}
          </Button>
        ),
      },
    ],
    [t, mutate],
  );
}

/** What was spent, line by line or pasted from a sheet. */
export function SpendDrawer({ by, example, onClose }: { by: By; example: string; onClose: () => void }) {
  const { t } = useTranslation("conversion");
  const told = useTold();
  const [table, setTable] = useState("");
  const rows = usePages<Spend>("/conversion/spend", { by });
  const columns = useSpendColumns();
  const enter = useMutation({
    mutationFn: () => api.post<Schemas["SpendWritten"]>("/conversion/spend", { by, table }),
    onSuccess: ({ written }) => {
      refresh();
      setTable("");
      told.done(t("spendWritten", { count: written }));
    },
    onError: told.failed,
  });
  return (
    <Drawer open onClose={onClose} size={860} title={t("spendTitle")}>
      <Form layout="vertical" className={styles.spend ?? ""} onFinish={() => enter.mutate()}>
        <Form.Item label={t("spendLines")} htmlFor="spend-lines" extra={t("spendHint")}>
          <Input.TextArea id="spend-lines" rows={4} value={table} placeholder={example} onChange={(event) => setTable(event.target.value)} />
        </Form.Item>
        <Button type="primary" htmlType="submit" disabled={!table.trim()} loading={enter.isPending}>
          {t("shared:action.save")}
        </Button>
      </Form>
      <DataTable label={t("spendTitle")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title={t("spendNone")} hint={t("spendNoneHint")} />} />
    </Drawer>
  );
}
