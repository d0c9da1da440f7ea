import { useQuery } from "@tanstack/react-query";
import { Button, Drawer, Segmented } from "antd";
import { useState } from "react";
import { api, usePages } from "@/shared/api";
import { Num, formatNumber } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState } from "@/shared/states";
import { DataTable } from "@/shared/table";
import { Calls } from "./Calls";
import { NoAccount } from "./NoAccount";
import { useWelcomeColumns } from "./useWelcomeColumns";
import { WelcomeForm } from "./WelcomeForm";
import styles from "./Contact.module.css";
import type { Account, Counts, Welcome } from "./types";

const EVERY_MS = 10_000;
const STATES = ["sent", "waiting", "silent", "expired", "taken", "refused", "unknown"] as const;

function Numbers() {
  const { t } = useTranslation("contact");
  const counts = useQuery({ queryKey: ["/friend-calls", "counts"], queryFn: ({ signal }) => api.get<Counts>("/friend-calls/counts", undefined, signal), refetchInterval: EVERY_MS });
  const found = counts.data;
  if (!found) return null;
  const seconds = (value: number | null | undefined) => (value === null || value === undefined ? "—" : t("welcomes.seconds", { n: formatNumber(value, 1) }));
  return (
    <div className={styles.numbers}>
      {STATES.map((state) => (
        <span key={state} className={styles.number}>
          <strong>
            <Num value={found[state]} />
          </strong>
          <span className="t-faint">{t(`welcomeState.${state}`)}</span>
        </span>
      ))}
      <span className={styles.number}>
        <strong>
          {seconds(found.half_within)} / {seconds(found.most_within)}
        </strong>
        <span className="t-faint">{t("welcomes.within")}</span>
      </span>
    </div>
  );
}

/** What new friends hear within 20 seconds, and what became of it. */
export function WelcomesPage() {
  const { t } = useTranslation("contact");
  const can = useCan();
  const [shown, setShown] = useState<"messages" | "calls">("messages");
  const [open, setOpen] = useState<{ welcome: Welcome | null } | null>(null);
  const rows = usePages<Welcome>("/welcome-messages", {}, 1000);
  const accounts = usePages<Account>("/contact-accounts");
  const columns = useWelcomeColumns(rows.items, (welcome) => setOpen({ welcome }));
  const create = can("contact.write") ? (
    <Button type="primary" onClick={() => setOpen({ welcome: null })}>
      {t("welcomes.create")}
    </Button>
  ) : null;
  const connected = accounts.items.length > 0;
  const none = connected ? <EmptyState title={t("welcomes.emptyTitle")} hint={t("welcomes.emptyHint")} action={create} /> : accounts.isPending ? null : <NoAccount hint={t("welcomes.noAccountHint")} />;
  return (
    <ListPage
      title={t("welcomes.title")}
      lead={t("welcomes.lead")}
      actions={rows.items.length > 0 && shown === "messages" ? create : null}
      filters={
        <Segmented
          aria-label={t("welcomes.which")}
          value={shown}
          onChange={(value) => setShown(value === "calls" ? "calls" : "messages")}
          options={[
            { value: "messages", label: t("welcomes.messages") },
            { value: "calls", label: t("welcomes.calls") },
          ]}
        />
      }
    >
      {connected ? <Numbers /> : null}
      {shown === "calls" ? <Calls /> : <DataTable label={t("welcomes.title")} rows={rows} columns={columns} rowKey={(row) => row.id} onOpen={(welcome) => setOpen({ welcome })} empty={none} />}
      <Drawer open={open !== null} onClose={() => setOpen(null)} size={640} title={open?.welcome?.name ?? t("welcomes.create")} destroyOnHidden>
        {open ? <WelcomeForm welcome={open.welcome} onDone={() => setOpen(null)} /> : null}
      </Drawer>
    </ListPage>
  );
}
