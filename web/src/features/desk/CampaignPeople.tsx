import { useMutation } from "@tanstack/react-query";
import { Button, Segmented, Space, Tag, Tooltip, Typography } from "antd";
import { useState } from "react";
import { api, queryClient, usePages } from "@/shared/api";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { EmptyState, useTold } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Campaign, Invited, Inviter } from "./types";

const VERDICTS = ["suspect", "held", "counted", "refused", "left"] as const;
const COLOURS = { suspect: "orange", held: "blue", counted: "green", refused: "default", left: "default" } as const;

function Friends({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation("desk");
  const told = useTold();
  const may = useCan()("contact.write");
  const [verdict, setVerdict] = useState<string>(campaign.figures.suspect ? "suspect" : "");
  const path = `/referral-campaigns/${campaign.id}/friends`;
  const rows = usePages<Invited>(path, { verdict });
  const decide = useMutation({
    mutationFn: ({ id, counts }: { id: string; counts: boolean }) => api.post(`/referral-friends/${id}/decide`, { counts }),
    onSuccess: () => (void queryClient.invalidateQueries({ queryKey: [path] }), queryClient.invalidateQueries({ queryKey: ["/referral-campaigns"] })),
    onError: told.failed,
  });
  const columns: Column<Invited>[] = [
    { key: "who", title: t("referrals.who"), render: (row) => row.friend ?? t("referrals.unnamed") },
    { key: "by", title: t("referrals.by"), render: (row) => row.inviter ?? t("referrals.unnamed") },
    { key: "at", title: t("referrals.at"), width: 140, render: (row) => <Time value={row.joined_at} /> },
    { key: "verdict", title: t("referrals.verdict"), width: 190, render: (row) => <><Tag color={COLOURS[row.verdict]}>{t(`verdict.${row.verdict}`)}</Tag>{row.reason && row.reason !== row.verdict ? <span className="t-faint">{t(`reason.${row.reason}`)}</span> : null}</> },
    {
      key: "do",
      title: <span className="t-hidden">{t("shared:action.actions")}</span>,
      width: 200,
      align: "right",
      render: (row) =>
        row.verdict === "suspect" && may ? (
          <Space size={0}>
            <Button size="small" type="link" onClick={() => decide.mutate({ id: row.id, counts: true })}>
              {t("referrals.counts")}
            </Button>
            <Button size="small" type="text" onClick={() => decide.mutate({ id: row.id, counts: false })}>
              {t("referrals.countsNot")}
            </Button>
          </Space>
        ) : null,
    },
  ];
  return (
    <>
      <Segmented aria-label={t("referrals.verdict")} size="small" style={{ marginBottom: 8 }} value={verdict} onChange={setVerdict} options={[{ value: "", label: t("referrals.allFriends") }, ...VERDICTS.map((one) => ({ value: one, label: t(`verdict.${one}`) }))]} />
      <DataTable label={t("referrals.list")} rows={rows} columns={columns} rowKey={(row) => row.id} minWidth={700} empty={<EmptyState title={t("referrals.noFriends")} />} />
    </>
  );
}

/** Who came, what waits for a decision, and who invites. */
export function CampaignPeople({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation("desk");
  const inviters = usePages<Inviter>(`/referral-campaigns/${campaign.id}/inviters`, {});
  const columns: Column<Inviter>[] = [
    { key: "name", title: t("referrals.by"), render: (row) => row.name ?? t("referrals.unnamed") },
    { key: "counted", title: t("referrals.counted"), width: 100, align: "right", render: (row) => <Num value={row.counted} /> },
    { key: "rewards", title: t("referrals.rewards"), width: 100, align: "right", render: (row) => <Num value={row.rewarded.length} /> },
    { key: "link", title: t("referrals.link"), width: 200, render: (row) => (row.over ? <span className="t-faint">{t("referrals.codeOver")}</span> : row.problem ? <Tooltip title={row.problem}><Tag color="error">{t("referrals.stuck")}</Tag></Tooltip> : row.making ? <span className="t-faint">{t("referrals.making")}</span> : <a href={row.link} target="_blank" rel="noreferrer">{t("referrals.link")}</a>) },
  ];
  return (
    <>
      <Typography.Title level={5}>{t("referrals.list")}</Typography.Title>
      <Friends campaign={campaign} />
      <Typography.Title level={5} style={{ marginTop: 16 }}>
        {t("referrals.inviterList")}
      </Typography.Title>
      <DataTable label={t("referrals.inviterList")} rows={inviters} columns={columns} rowKey={(row) => row.customer_id} empty={<EmptyState title={t("referrals.noInviters")} />} />
    </>
  );
}
