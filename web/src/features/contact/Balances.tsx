import { useMutation } from "@tanstack/react-query";
import { Alert, Button, InputNumber, Popover } from "antd";
import { useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { formatNumber, Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { ErrorState, useTold } from "@/shared/states";
import type { LinkBalance } from "./types";

/** Below what balance colleagues are told. */
function Warning({ row }: { row: LinkBalance }) {
  const { t } = useTranslation("contact");
  const told = useTold();
  const [n, setN] = useState(row.warn_below);
  const save = useMutation({
    mutationFn: () => api.patch(`/link-balances/${row.account_id}`, { warn_below: n }),
    onSuccess: () => (told.done(t("shared:state.saved")), void queryClient.invalidateQueries({ queryKey: ["/link-balances"] })),
    onError: told.failed,
  });
  const form = (
    <div style={{ display: "flex", gap: 8 }}>
      <InputNumber aria-label={t("balance.warnBelow")} min={0} max={1_000_000} value={n} onChange={(value) => setN(value ?? 0)} />
      <Button type="primary" loading={save.isPending} onClick={() => save.mutate()}>
        {t("shared:action.save")}
      </Button>
    </div>
  );
  return (
    <Popover trigger="click" title={t("balance.warnBelow")} content={form}>
      <Button size="small">{t("balance.change")}</Button>
    </Popover>
  );
}

function Line({ row }: { row: LinkBalance }) {
  const { t } = useTranslation("contact");
  const may = useCan()("contact.write");
  const next = row.expiring[0];
  const title = row.left === null ? t("balance.unread", { name: row.name }) : t(row.low ? "balance.low" : "balance.left", { name: row.name, left: formatNumber(row.left), total: formatNumber(row.total ?? 0) });
  const details = row.problem ?? (
    <>
      {t("balance.tells", { n: formatNumber(row.warn_below) })}
      {next ? (
        <>
          {t("semicolon")}
          <Num value={next.n} /> {t("balance.ends")} <Time value={next.at} />
        </>
      ) : null}
    </>
  );
  return <Alert type={row.problem || row.low ? "warning" : "info"} showIcon style={{ margin: 12 }} title={title} description={details} action={may ? <Warning row={row} /> : null} />;
}

/** How many friends acquisition links may still bring, by account; nothing where there is no link. */
export function Balances() {
  const rows = usePages<LinkBalance>("/link-balances", {}, 100);
  if (rows.isError) return <ErrorState compact error={rows.error} onRetry={() => void rows.refetch()} />;
  return rows.items.map((row) => <Line key={row.account_id} row={row} />);
}
