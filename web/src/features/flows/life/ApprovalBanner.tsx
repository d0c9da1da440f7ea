import { Alert, Button, Space } from "antd";
import { useState } from "react";
import { api } from "@/shared/api";
import type { Graph } from "@/shared/canvas";
import { Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { useCan } from "@/shared/session";
import { useTold } from "@/shared/states";
import { useDeed, useReviewer, type Approval } from "./api";
import { Review } from "./Review";
import { useReasons, type Weight } from "./reasons";

interface Props {
  approval: Approval;
  /** Say which flow: the banner stands in a list. */
  named?: boolean;
  /** Lay what is asked over what runs, on the canvas. */
  onDraw?: (before: Graph, number: number, after: Graph) => void;
}

/** A publishing that waits: whoever asked sees that it does, somebody else looks at it and decides. */
export function ApprovalBanner({ approval, named = false, onDraw }: Props) {
  const { t } = useTranslation("flows");
  const can = useCan();
  const { own, decides } = useReviewer(approval);
  const told = useTold();
  const reasons = useReasons();
  const [looking, setLooking] = useState(false);
  const withdraw = useDeed(() => api.post<Approval>(`/flow-approvals/${approval.id}/withdraw`, {}));
  const asked = own ? "waitsOwn" : "waits";
  const back = () => withdraw.mutate(undefined, { onSuccess: () => told.done(t("approval.withdrawn")), onError: told.failed });
  return (
    <>
      <Alert
        type="info"
        banner
        showIcon
        title={named ? t(`approval.${asked}Named`, { flow: approval.flow_name, name: approval.requested_name }) : t(`approval.${asked}`, { name: approval.requested_name })}
        description={
          <>
            {reasons(approval.weight as unknown as Weight)} · <Time value={approval.requested_at} clock="machine" />
          </>
        }
        action={
          <Space>
            {own && can("flow.publish") ? (
              <Button size="small" loading={withdraw.isPending} onClick={back}>
                {t("approval.withdraw")}
              </Button>
            ) : null}
            <Button size="small" type={decides ? "primary" : "default"} onClick={() => setLooking(true)}>
              {t(decides ? "approval.look" : "approval.see")}
            </Button>
          </Space>
        }
      />
      {looking ? <Review approval={approval} onDraw={onDraw} onClose={() => setLooking(false)} /> : null}
    </>
  );
}
