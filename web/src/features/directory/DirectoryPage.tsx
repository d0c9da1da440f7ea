import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Space, Tabs } from "antd";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { api, queryClient } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { Loaded, useTold } from "@/shared/states";
import { Changes } from "./Changes";
import { Departments } from "./Departments";
import { Handling } from "./Handling";
import { Members } from "./Members";
import { Rules } from "./Rules";
import { ROOT } from "./DirectoriesPage";
import type { Directory } from "./types";

const EVERY_MS = 5_000;
const TABS = ["changes", "departments", "rules", "members", "history"] as const;

function Actions({ one }: { one: Directory }) {
  const { t } = useTranslation("directory");
  const told = useTold();
  const [open, setOpen] = useState(false);
  const read = useMutation({ mutationFn: () => api.post(`/directories/${one.account_id}/read`), onSuccess: () => (told.done(t("reading")), void queryClient.invalidateQueries({ queryKey: ["/directories"] })), onError: told.failed });
  return (
    <Space>
      <Button onClick={() => read.mutate()} loading={read.isPending}>{t("readNow")}</Button>
      <Button onClick={() => setOpen(true)}>{t("handling")}</Button>
      {open ? <Handling one={one} onDone={() => setOpen(false)} /> : null}
    </Space>
  );
}

/** One directory: what waits, what departments are, who holds which role by it, who is whom, and what was done. */
export function DirectoryPage() {
  const { t } = useTranslation("directory");
  const say = useSay();
  const may = useCan()("user.write");
  const { accountId = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const found = useQuery({ queryKey: ["/directories", accountId], queryFn: ({ signal }) => api.get<Directory>(`/directories/${accountId}`, undefined, signal), refetchInterval: EVERY_MS });
  const tab = TABS.find((one) => one === search.get("tab")) ?? "changes";
  return (
    <Loaded query={found} rows={8}>
      {(one) => (
        <Page
          crumbs={[{ label: t("title"), to: ROOT }]}
          title={one.name}
          lead={t("sums", { platform: say(one.label), members: formatNumber(one.members), users: formatNumber(one.users) })}
          actions={may ? <Actions one={one} /> : null}
        >
          {one.stopped_at ? <Alert type="error" showIcon style={{ marginBottom: 12 }} title={t("stoppedTitle", { n: one.held })} description={t("stoppedHint")} /> : null}
          {one.problem ? <Alert type="warning" showIcon style={{ marginBottom: 12 }} title={say(one.problem)} /> : null}
          {one.read_at ? null : <Alert type="info" showIcon style={{ marginBottom: 12 }} title={t("firstReading")} />}
          <Tabs
            activeKey={tab}
            destroyOnHidden
            onChange={(key) => setSearch({ tab: key }, { replace: true })}
            tabBarExtraContent={one.read_at ? <span className="t-quiet">{t("readAt")} <Time value={one.read_at} clock="machine" /></span> : null}
            items={[
              { key: "changes", label: t("tab.changes", { n: one.waiting + one.held }), children: <Changes account={accountId} may={may} /> },
              { key: "departments", label: t("tab.departments"), children: <Departments account={accountId} may={may} /> },
              { key: "rules", label: t("tab.rules"), children: <Rules account={accountId} may={may} /> },
              { key: "members", label: t("tab.members"), children: <Members account={accountId} may={may} /> },
              { key: "history", label: t("tab.history"), children: <Changes account={accountId} may={false} past /> },
            ]}
          />
        </Page>
      )}
    </Loaded>
  );
}
