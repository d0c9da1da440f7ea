import { Alert, Button, Input, Modal, Space } from "antd";
import { useState } from "react";
import { api } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan, useMe } from "@/shared/session";
import { useTold } from "@/shared/states";
import { useDeed, type Approval } from "./api";

interface Weight {
  people: number;
  cost: string | null;
  human: string[];
  reasons: ("people" | "cost" | "human")[];
}

/** Why a second person is asked, as one sentence. */
export function useReasons(): (weight: Weight) => string {
  const { t } = useTranslation("flows");
  return (weight) => weight.reasons.map((reason) => t(`approval.because.${reason}`, { n: formatNumber(weight.people), cost: weight.cost === null ? "—" : formatNumber(Number(weight.cost)) })).join(t("approval.and"));
}

/** A publishing that waits: whoever asked sees that it does, somebody else decides it here. */
export function ApprovalBanner({ approval, named = false }: { approval: Approval; named?: boolean }) {
  const { t } = useTranslation("flows");
  const can = useCan();
  const me = useMe();
  const told = useTold();
  const reasons = useReasons();
  const [refusing, setRefusing] = useState(false);
  const [comment, setComment] = useState("");
  const decide = useDeed((approve: boolean) => api.post<Approval>(`/flow-approvals/${approval.id}/decide`, { approve, comment }));
  const withdraw = useDeed(() => api.post<Approval>(`/flow-approvals/${approval.id}/withdraw`, {}));
  const own = approval.requested_by === me.user.id;
  const settle = (approve: boolean) => {
    decide.mutate(approve, {
      onSuccess: () => {
        setRefusing(false);
        told.done(t(approve ? "approval.approved" : "approval.rejected"));
      },
      onError: told.failed,
    });
  };
  return (
    <>
      <Alert
        type="info"
        banner
        showIcon
        title={named ? t("approval.waitsNamed", { flow: approval.flow_name, name: approval.requested_name }) : t("approval.waits", { name: approval.requested_name })}
        description={
          <>
            {reasons(approval.weight as unknown as Weight)} · <Time value={approval.requested_at} clock="machine" />
          </>
        }
        action={
          <Space>
            {own && can("flow.publish") ? (
              <Button size="small" loading={withdraw.isPending} onClick={() => withdraw.mutate(undefined, { onError: told.failed })}>
                {t("approval.withdraw")}
              </Button>
            ) : null}
            {!own && can("flow.approve") ? (
              <>
                <Button size="small" onClick={() => setRefusing(true)}>
                  {t("approval.reject")}
                </Button>
                <Button size="small" type="primary" loading={decide.isPending} onClick={() => settle(true)}>
                  {t("approval.approve")}
                </Button>
              </>
            ) : null}
          </Space>
        }
      />
      {refusing ? (
        <Modal open title={t("approval.reject")} okText={t("approval.reject")} okButtonProps={{ danger: true, loading: decide.isPending }} cancelText={t("shared:action.cancel")} onOk={() => settle(false)} onCancel={() => setRefusing(false)}>
          <Input.TextArea aria-label={t("approval.comment")} placeholder={t("approval.comment")} rows={3} maxLength={500} value={comment} onChange={(event) => setComment(event.target.value)} />
        </Modal>
      ) : null}
    </>
  );
}
