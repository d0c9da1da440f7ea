import { ReactFlowProvider } from "@xyflow/react";
import { useParams } from "react-router";
import { useTranslation } from "@/shared/i18n";
import { Page } from "@/shared/pages";
import { ErrorState, LoadingState } from "@/shared/states";
import { useFlow, useKinds } from "./api";
import { FlowBoard } from "./FlowBoard";
import { FlowPocket } from "./pocket/FlowPocket";
import { useNarrow } from "./pocket/useNarrow";

/** A flow: drawn on one side of the switch, watched at work on the other. */
export function FlowPage() {
  const { flowId = "" } = useParams();
  const { t } = useTranslation("flows");
  const flow = useFlow(flowId);
  const kinds = useKinds();
  const narrow = useNarrow();
  const error = flow.error ?? kinds.error;
  if (flow.data && kinds.data) {
    return narrow ? (
      <FlowPocket key={flowId} flow={flow.data} kinds={kinds.kinds} />
    ) : (
      <ReactFlowProvider key={flowId}>
        <FlowBoard flow={flow.data} kinds={kinds.kinds} />
      </ReactFlowProvider>
    );
  }
  return (
    <Page title={t("list.title")} crumbs={[{ label: t("list.title"), to: "/flows" }]}>
      {error ? <ErrorState error={error} onRetry={() => void flow.refetch()} /> : <LoadingState rows={10} />}
    </Page>
  );
}
