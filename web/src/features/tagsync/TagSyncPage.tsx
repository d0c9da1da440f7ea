import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Drawer, Segmented } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { api, usePages } from "@/shared/api";
import { formatNumber, MachineTimeHint, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable } from "@/shared/table";
import { Conflicts } from "./Conflicts";
import { PutTags } from "./PutTags";
import { useGroupColumns } from "./useGroupColumns";
import { refresh, type Account, type Group } from "./types";

/** How an account's tags stand, and a way to read them now. */
function Standing({ account }: { account: Account }) {
  const { t } = useTranslation("tagsync");
  const may = useCan()("contact.write");
  const told = useTold();
  const read = useMutation({ mutationFn: () => api.post(`/tag-accounts/${account.id}/read`), onSuccess: () => (refresh(), told.done(t("reading"))), onError: told.failed });
  return (
    <span>
      <span className="t-faint">
        {t("standing", { name: account.name, used: formatNumber(account.tags_used), most: formatNumber(account.tags_max), waiting: formatNumber(account.waiting) })} {account.read_at ? <Time value={account.read_at} clock="machine" /> : t("neverRead")}
      </span>{" "}
      {may ? (
        <Button size="small" loading={read.isPending} onClick={() => read.mutate()}>
          {t("readNow")}
        </Button>
      ) : null}
    </span>
  );
}

/** Tags of the platform and of ours: which is which, whose word holds, and what was set back. */
export function TagSyncPage() {
  const { t } = useTranslation("tagsync");
  const can = useCan();
  const navigate = useNavigate();
  const [shown, setShown] = useState<"groups" | "conflicts">("groups");
  const [putting, setPutting] = useState(false);
  const accounts = usePages<Account>("/tag-accounts");
  const groups = usePages<Group>("/platform-tag-groups", {}, 1000);
  const columns = useGroupColumns();
  const connected = accounts.items.length > 0;
  const trouble = accounts.items.filter((one) => one.problem !== null || one.stuck > 0);
  const put =
    can("contact.write") && connected ? (
      <Button type="primary" onClick={() => setPutting(true)}>
        {t("put.open")}
      </Button>
    ) : null;
  const connect = can("source.read") ? (
    <Button type="primary" onClick={() => void navigate("/connectors")}>
      {t("connect")}
    </Button>
  ) : null;
  const none = connected ? <EmptyState title={t("emptyTitle")} hint={t("emptyHint")} action={put} /> : accounts.isPending ? null : <EmptyState title={t("noAccountTitle")} hint={t("noAccountHint")} action={connect} />;
  return (
    <ListPage
      title={t("title")}
      lead={<>{t("lead")}<MachineTimeHint /></>}
      actions={groups.items.length > 0 ? put : null}
      filters={<Segmented aria-label={t("which")} value={shown} onChange={(value) => setShown(value === "conflicts" ? "conflicts" : "groups")} options={[{ value: "groups", label: t("groups") }, { value: "conflicts", label: t("conflicts") }]} />}
      tools={accounts.items.map((one) => (
        <Standing key={one.id} account={one} />
      ))}
    >
      {trouble.map((one) => (
        <Alert key={one.id} type="warning" showIcon style={{ margin: 12 }} title={one.problem ? t("trouble", { name: one.name }) : t("stuck", { name: one.name, n: one.stuck })} description={one.problem ?? t("stuckHint")} />
      ))}
      {shown === "conflicts" ? <Conflicts /> : <DataTable label={t("title")} rows={groups} columns={columns} rowKey={(row) => row.id} empty={none} />}
      <Drawer open={putting} onClose={() => setPutting(false)} size={560} title={t("put.open")} destroyOnHidden>
        <PutTags accounts={accounts.items} groups={groups.items} onDone={() => (setPutting(false), refresh())} />
      </Drawer>
    </ListPage>
  );
}
