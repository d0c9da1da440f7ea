import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Drawer, Tag, Typography } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { api, queryClient } from "@/shared/api";
import { Num, Percent, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { DetailPage, Facts, Section } from "@/shared/pages";
import { CodePicture } from "@/shared/qr";
import { useCan } from "@/shared/session";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { CodeForm } from "./CodeForm";
import { Brought } from "./Brought";
import { Seats } from "./Seats";
import { Standing } from "./Standing";
import styles from "./Contact.module.css";
import type { LiveCode } from "./types";

const MAKING_MS = 1500;
const STANDING_MS = 15_000;

function refresh(): void {
  void queryClient.invalidateQueries({ queryKey: ["/live-codes"] });
}

function Actions({ code }: { code: LiveCode }) {
  const { t } = useTranslation("contact");
  const { modal } = App.useApp();
  const told = useTold();
  const [editing, setEditing] = useState(false);
  const retry = useMutation({ mutationFn: () => api.post(`/live-codes/${code.id}/retry`, {}), onSuccess: refresh, onError: told.failed });
  const archive = useMutation({ mutationFn: () => api.delete(`/live-codes/${code.id}`), onSuccess: refresh, onError: told.failed });
  const ask = () =>
    modal.confirm({ title: t("page.archiveTitle", { name: code.name }), content: t("page.archiveHint"), okText: t("page.archive"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => archive.mutateAsync() });
  return (
    <>
      {code.where === "stuck" ? (
        <Button onClick={() => retry.mutate()} loading={retry.isPending}>
          {t("shared:action.retry")}
        </Button>
      ) : null}
      <Button onClick={() => setEditing(true)}>{t("shared:action.edit")}</Button>
      <Button danger onClick={ask}>
        {t("page.archive")}
      </Button>
      <Drawer open={editing} onClose={() => setEditing(false)} size={720} title={t("page.edit")} destroyOnHidden>
        <CodeForm accounts={[]} code={code} onDone={() => setEditing(false)} />
      </Drawer>
    </>
  );
}

function QrCode({ code }: { code: LiveCode }) {
  const { t } = useTranslation("contact");
  if (!code.qr_url) return <p className="t-faint">{code.archived ? t("page.noQrAny") : t("page.noQrYet")}</p>;
  return (
    <>
      {code.kind === "link" ? (
        <Typography.Paragraph copyable={{ text: code.qr_url }} style={{ wordBreak: "break-all" }}>
          {code.qr_url}
        </Typography.Paragraph>
      ) : null}
      <CodePicture path={`/live-codes/${code.id}`} name={code.name} />
    </>
  );
}

function Summary({ code }: { code: LiveCode }) {
  const { t } = useTranslation("contact");
  const { figures } = code;
  return (
    <>
      <Section title={t(code.kind === "link" ? "form.link" : "page.qr")}>
        <QrCode code={code} />
      </Section>
      <Section title={t("page.figures")}>
        <Facts
          items={[
            ...(code.clicks === null ? [] : [{ key: "clicks", label: t("figures.clicks"), value: <Num value={code.clicks} /> }]),
            { key: "added", label: t("figures.added"), value: <Num value={figures.added} /> },
            { key: "kept", label: t("figures.kept"), value: <Num value={figures.kept} /> },
            { key: "lost", label: t("figures.lost"), value: <Num value={figures.lost} /> },
            { key: "first", label: t("figures.firstOrders"), value: <Num value={figures.first_orders} /> },
            { key: "rate", label: t("figures.rate"), value: <Percent value={figures.added > 0 ? figures.first_orders / figures.added : null} /> },
            { key: "buyers", label: t("figures.buyers"), value: <Num value={figures.buyers} /> },
          ]}
        />
      </Section>
      <Section title={t("page.settings")}>
        <Facts
          items={[
            { key: "channel", label: t("codes.channel"), value: code.channel || "—" },
            { key: "kind", label: t("form.kind"), value: t(`form.${code.kind}`) },
            { key: "verify", label: t("form.skipVerify"), value: code.skip_verify ? t("page.yes") : t("page.no") },
            { key: "tags", label: t("form.tags"), value: code.tags.length > 0 ? code.tags.map((tag) => <Tag key={tag}>{tag}</Tag>) : "—" },
            { key: "state", label: t("page.state"), value: <code>{code.state}</code> },
            { key: "created", label: t("page.created"), value: <Time value={code.created_at} clock="machine" /> },
          ]}
        />
      </Section>
    </>
  );
}

/** One live code: its QR code, who gets its friends, what it brought. */
export function LiveCodePage() {
  const { t } = useTranslation("contact");
  const { codeId = "" } = useParams();
  const can = useCan();
  const query = useQuery({
    queryKey: ["/live-codes", codeId],
    queryFn: ({ signal }) => api.get<LiveCode>(`/live-codes/${codeId}`, undefined, signal),
    refetchInterval: (found) => (found.state.data?.where === "making" ? MAKING_MS : STANDING_MS),
  });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={8} title />;
  const code = query.data;
  return (
    <DetailPage title={code.name} crumbs={[{ label: t("codes.title"), to: "/live-codes" }]} badge={<Standing code={code} />} actions={can("contact.write") && !code.archived ? <Actions code={code} /> : null} facts={<Summary code={code} />}>
      {code.problem ? <Alert type="error" showIcon title={t("page.stuckTitle")} description={code.problem} className={styles.body} /> : null}
      <Seats code={code} />
      <Brought codeId={code.id} />
    </DetailPage>
  );
}
