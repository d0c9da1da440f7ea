import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Input, Modal, Space } from "antd";
import { useRef, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { api, type Schemas } from "@/shared/api";
import { blockOf, compare, EMPTY, isSame, type Graph, type Kinds } from "@/shared/canvas";
import { Time } from "@/shared/format";
import { useLanguage, useTranslation } from "@/shared/i18n";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { useFlow, useKinds, type Flow } from "../api";
import { titleOf } from "../editor/nodes";
import { usePublished } from "../editor/useFlowWork";
import { useDeed, useReviewer, type Approval, type Publishing, type Window } from "./api";
import styles from "./life.module.css";
import { useReasons, type Weight } from "./reasons";

type Opened = Omit<Schemas["ApprovalOpened"], "graph"> & { graph: Graph };
type Asked = Partial<Pick<Publishing, "running" | "note">> & { variant?: Window | null };

interface Props {
  approval: Approval;
  onDraw?: ((before: Graph, number: number, after: Graph) => void) | undefined;
  onClose: () => void;
}

export function useOpened(id: string | undefined) {
  return useQuery({
    queryKey: ["/flow-approvals", id],
    queryFn: ({ signal }) => api.get<Opened>(`/flow-approvals/${id ?? ""}`, undefined, signal),
    enabled: id !== undefined,
  });
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Differences({ before, after, onDraw }: { before: Graph | null; after: Graph; onDraw: () => void }) {
  const { t } = useTranslation("flows");
  const diff = compare(before ?? EMPTY, after);
  const said = before === null ? t("approval.firstTime", { n: after.blocks.length }) : isSame(diff) ? t("publish.same") : t("publish.changes", { added: diff.added.length, changed: diff.changed.length, removed: diff.removed.length, arrows: diff.arrowsAdded.length + diff.arrowsRemoved.length });
  return (
    <>
      {said}{" "}
      <Button type="link" size="small" className={styles.inline ?? ""} onClick={onDraw}>
        {t(before === null ? "approval.drawFirst" : "publish.see")}
      </Button>
    </>
  );
}

/** What is asked for: why, what changes, when, and what becomes of those inside. */
function Facts({ opened, flow, before, kinds, onDraw }: { opened: Opened; flow: Flow; before: Graph | null; kinds: Kinds; onDraw: () => void }) {
  const { t } = useTranslation("flows");
  const language = useLanguage();
  const asked = opened.request as Asked;
  const weight = opened.weight as unknown as Weight;
  const window = asked.variant ?? null;
  const past = weight.human.map((id) => blockOf(before ?? EMPTY, id)).flatMap((block) => (block ? [titleOf(block, kinds, language)] : []));
  return (
    <dl className={styles.facts}>
      <Line name={t("approval.who")}>
        {opened.requested_name} · <Time value={opened.requested_at} clock="machine" />
      </Line>
      <Line name={t("approval.note")}>{[window?.name, asked.note].find(Boolean) ?? t("versions.noReason")}</Line>
      <Line name={t("approval.what")}>
        <Differences before={before} after={opened.graph} onDraw={onDraw} />
      </Line>
      {past.length > 0 ? <Line name={t("approval.past")}>{past.join(t("approval.list"))}</Line> : null}
      {window ? (
        <Line name={t("approval.window")}>
          <Time value={window.starts_at} /> – <Time value={window.ends_at} />
        </Line>
      ) : null}
      {flow.published ? <Line name={t("approval.inside")}>{window ? t(`variant.then.${window.at_end}`) : t(`publish.${asked.running ?? "stay"}`)}</Line> : null}
      {opened.state === "open" ? null : <Line name={t("approval.verdict")}>{t(`approval.state.${opened.state}`, { name: opened.decided_name ?? "", comment: opened.comment })}</Line>}
    </dl>
  );
}

/** The second person's look: why she is asked, what would be published, and her word with a reason. */
export function Review({ approval, onDraw, onClose }: Props) {
  const { t } = useTranslation("flows");
  const { decides: may } = useReviewer(approval);
  const told = useTold();
  const navigate = useNavigate();
  const reasons = useReasons();
  const { kinds } = useKinds();
  const opened = useOpened(approval.id);
  const flow = useFlow(approval.flow_id);
  const before = usePublished(flow.data);
  const [comment, setComment] = useState("");
  const [silent, setSilent] = useState(false);
  const word = useRef<HTMLDivElement>(null);
  const decide = useDeed((approve: boolean) => api.post<Approval>(`/flow-approvals/${approval.id}/decide`, { approve, comment: comment.trim() }));
  const settle = (approve: boolean) => {
    if (!approve && comment.trim() === "") {
      setSilent(true);
      word.current?.querySelector("textarea")?.focus();
      return;
    }
    decide.mutate(approve, {
      onSuccess: () => {
        onClose();
        told.done(t(approve ? "approval.approved" : "approval.rejected"));
      },
      onError: told.failed,
    });
  };
  const draw = () => {
    onClose();
    if (onDraw && opened.data) onDraw(before ?? EMPTY, flow.data?.published?.number ?? 0, opened.data.graph);
    else void navigate(`/flows/${approval.flow_id}`, { state: { asked: approval.id } });
  };
  const failed = opened.error ?? flow.error;
  const ready = opened.data && flow.data && (before !== null || !flow.data.published);
  const footer = (
    <Space>
      <Button onClick={onClose}>{t(may ? "approval.notNow" : "approval.close")}</Button>
      {may ? (
        <>
          <Button danger loading={decide.isPending && !decide.variables} disabled={!ready} onClick={() => settle(false)}>
            {t("approval.reject")}
          </Button>
          <Button type="primary" loading={decide.isPending && decide.variables} disabled={!ready} onClick={() => settle(true)}>
            {t((approval.request as Asked).variant ? "approval.approveVariant" : "approval.approve")}
          </Button>
        </>
      ) : null}
    </Space>
  );
  return (
    <Modal open centered width={600} title={t(may ? "approval.title" : "approval.titleSeen", { flow: approval.flow_name })} footer={footer} onCancel={onClose}>
      <div className={styles.review}>
        <Alert type="warning" showIcon title={t("approval.needed", { reasons: reasons(approval.weight as unknown as Weight) })} />
        {failed ? <ErrorState compact error={failed} onRetry={() => void Promise.all([opened.refetch(), flow.refetch()])} /> : null}
        {ready ? <Facts opened={opened.data} flow={flow.data} before={before} kinds={kinds} onDraw={draw} /> : failed ? null : <LoadingState rows={4} />}
        {may ? (
          <div ref={word}>
            <Input.TextArea aria-label={t("approval.comment")} aria-invalid={silent} {...(silent ? { status: "error" as const } : {})} placeholder={t("approval.comment")} rows={2} maxLength={500} value={comment} onChange={(event) => { setComment(event.target.value); setSilent(false); }} />
            {silent ? <p role="alert" className={styles.silent}>{t("approval.sayWhy")}</p> : null}
          </div>
        ) : null}
      </div>
    </Modal>
  );
}
