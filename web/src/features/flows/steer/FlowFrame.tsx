import type { ReactNode } from "react";
import { Page } from "@/shared/pages";
import { Loaded } from "@/shared/states";
import { useTranslation } from "@/shared/i18n";
import { useFlow, type Flow } from "../api";
import { StatusTag } from "../StatusTag";
import { FlowTabs } from "./FlowTabs";

interface Props {
  flowId: string;
  title: string;
  lead: string;
  actions?: ReactNode;
  children: (flow: Flow) => ReactNode;
}

/** The frame of the rooms around a canvas. */
export function FlowFrame({ flowId, title, lead, actions, children }: Props) {
  const { t } = useTranslation("steer");
  const query = useFlow(flowId);
  const flow = query.data;
  const crumbs = [{ label: t("tabs.flows"), to: "/flows" }, ...(flow ? [{ label: flow.name, to: `/flows/${flowId}` }] : [])];
  return (
    <Page title={title} lead={lead} crumbs={crumbs} badge={flow ? <StatusTag status={flow.status} /> : null} actions={actions}>
      <FlowTabs flowId={flowId} />
      <Loaded query={query}>{(found) => <>{children(found)}</>}</Loaded>
    </Page>
  );
}
