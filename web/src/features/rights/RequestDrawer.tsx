import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Button, Input, Space, Table } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, queryClient, type Schemas } from "@/shared/api";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { Facts } from "@/shared/pages";
import { useCan, useMe } from "@/shared/session";
import { useTold } from "@/shared/states";
import type { RightsRequest } from "./types";

const refresh = () => void queryClient.invalidateQueries({ queryKey: ["/rights-requests"] });

function Decide({ one, approves, onDone }: { one: RightsRequest; approves: boolean; onDone: () => void }) {
  const { t } = useTranslation("rights");
  const { modal } = App.useApp();
  const told = useTold();
  const [note, setNote] = useState("");
  const settled = () => {
    refresh();
    onDone();
  };
  const approve = useMutation({ mutationFn: () => api.post<RightsRequest>(`/rights-requests/${one.id}/approve`), onSuccess: (now) => (told.done(t(now.status === "approved" ? "approved" : "approvedFirst")), settled()), onError: told.failed });
  const refuse = useMutation({ mutationFn: () => api.post(`/rights-requests/${one.id}/refuse`, { note: note.trim() }), onSuccess: settled, onError: told.failed });
  const sure = () =>
    one.kind === "export"
      ? approve.mutate()
      : modal.confirm({ title: t("eraseTitle"), content: t("eraseHint"), okText: t("eraseNow"), okButtonProps: { danger: true }, cancelText: t("shared:action.cancel"), onOk: () => approve.mutateAsync() });
  return (
    <Space orientation="vertical" style={{ width: "100%", marginTop: 16 }}>
      {approves ? (
        <Button type="primary" danger={one.kind === "erase"} loading={approve.isPending} onClick={sure}>
          {t(one.kind === "erase" ? "approveErase" : "approveExport")}
        </Button>
      ) : null}
      <Space.Compact style={{ width: "100%" }}>
        <Input aria-label={t("note")} placeholder={t("note")} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
        <Button disabled={!note.trim()} loading={refuse.isPending} onClick={() => refuse.mutate()}>
          {t("refuse")}
        </Button>
      </Space.Compact>
    </Space>
  );
}

type Counts = Record<string, Record<string, number> | number>;

function Receipt({ one }: { one: RightsRequest }) {
  const { t } = useTranslation("rights");
  const rows = Object.entries((one.receipt?.rows ?? {}) as Counts).map(([table, of]) => ({ key: table, table: t(`tables.${table}`, { defaultValue: table }), what: typeof of === "number" ? String(of) : Object.entries(of).map(([verb, count]) => `${t(`did.${verb}`)} ${count}`).join(" · ") }));
  return (
    <>
      <h3>{t("receipt")}</h3>
      <Alert type={one.genuine ? "success" : "error"} showIcon title={t(one.genuine ? "genuine" : "altered")} description={<code style={{ wordBreak: "break-all" }}>SHA-256 {one.receipt_hash}</code>} />
      {typeof one.receipt?.backups_expire_after_days === "number" ? <p>{t("backups", { days: one.receipt.backups_expire_after_days, keys: one.receipt.keys_destroyed, names: one.receipt.identifiers_suppressed })}</p> : null}
      <Table size="small" pagination={false} dataSource={rows} columns={[{ title: t("table"), dataIndex: "table" }, { title: t("rows"), dataIndex: "what" }]} />
    </>
  );
}

/** Whom it is about, by name as long as she is there to be opened; afterwards her number, by which a receipt is matched. */
function Who({ one }: { one: RightsRequest }) {
  const gone = one.kind === "erase" && one.status !== "open" && one.status !== "refused";
  const readable = useCan()("customer.read") && !gone;
  const found = useQuery({ queryKey: ["/customers", one.customer_id], queryFn: ({ signal }) => api.get<Schemas["CustomerOut"]>(`/customers/${one.customer_id}`, undefined, signal), enabled: readable });
  return found.data?.name ? <Link to={`/customers/${one.customer_id}`}>{found.data.name}</Link> : <code>{one.customer_id}</code>;
}

/** The list knows nothing of signatures: whether a receipt is genuine is asked for one request at a time. */
export function RequestDrawer({ one: line, onDone }: { one: RightsRequest; onDone: () => void }) {
  const { t } = useTranslation("rights");
  const whole = useQuery({ queryKey: ["/rights-requests", line.id], queryFn: ({ signal }) => api.get<RightsRequest>(`/rights-requests/${line.id}`, undefined, signal) });
  const one = whole.data ?? line;
  const can = useCan();
  const me = useMe().user.id;
  const own = me === one.created_by;
  const fromPlatform = one.created_by === null;
  const approvedIt = fromPlatform && me === one.first_approved_by;
  const open = one.status === "open" || one.status === "failed";
  return (
    <>
      <Facts
        items={[
          { key: "kind", label: t("kind"), value: t(one.kind) },
          { key: "status", label: t("status"), value: t(`is.${one.status}`) },
          { key: "customer", label: t("customer"), value: <Who one={one} /> },
          { key: "reason", label: t("reason"), value: one.reason },
          { key: "asked", label: t("asked"), value: <Time value={one.asked_at} /> },
          { key: "due", label: t("due"), value: <Time value={one.due_at} only="date" /> },
          { key: "by", label: t("by"), value: fromPlatform ? t("byPlatform") : one.created_by_name },
          ...(one.first_approved_by_name ? [{ key: "first", label: t("firstApproved"), value: one.first_approved_by_name }] : []),
          { key: "decided", label: t("decided"), value: one.decided_by_name ?? "—" },
          { key: "note", label: t("note"), value: one.note ?? "—" },
        ]}
      />
      {open && own ? <Alert type="info" showIcon title={t("secondPerson")} /> : null}
      {open && fromPlatform ? <Alert type="info" showIcon title={t(approvedIt ? "secondApprover" : "twoApprove")} /> : null}
      {open && !own && can("rights.approve") ? <Decide one={one} approves={!approvedIt} onDone={onDone} /> : null}
      {one.has_file ? (
        <Button type="primary" href={`/v1/rights-requests/${one.id}/file`}>
          {t("download")}
        </Button>
      ) : null}
      {one.receipt && whole.data ? <Receipt one={one} /> : null}
    </>
  );
}
