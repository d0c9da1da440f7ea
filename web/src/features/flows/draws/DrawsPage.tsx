import { Tag } from "antd";
import { useMemo } from "react";
import { Link, useParams } from "react-router";
import { usePages, type Schemas } from "@/shared/api";
import { formatNumber, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { EmptyState } from "@/shared/states";
import { DataTable, type Column } from "@/shared/table";
import type { Flow } from "../api";
import { FlowFrame } from "../steer/FlowFrame";
import styles from "../steer/Steer.module.css";
import { useCalled } from "../useCalled";
import { prizeOf, shareOf } from "./odds";

type Draw = Schemas["LotteryDraw"];

/** Which numbers won what: the row holds what fits, all of it is told on hover. */
function Odds({ draw }: { draw: Draw }) {
  const { t } = useTranslation("steer");
  const text = shareOf(draw).map((one) => t("draws.range", { from: formatNumber(one.from), until: formatNumber(one.until), label: one.label ?? t("draws.nothing") })).join(" · ");
  return (
    <span className={styles.small} title={text}>
      {text}
    </span>
  );
}

function Draws({ flow }: { flow: Flow }) {
  const { t } = useTranslation("steer");
  const { block: nameOf } = useCalled(flow.draft);
  const rows = usePages<Draw>("/lottery-draws", { flow_id: flow.id }, 100);
  const columns = useMemo<Column<Draw>[]>(
    () => [
      { key: "at", title: t("draws.at"), width: 168, render: (row) => <Time value={row.drawn_at} /> },
      { key: "who", title: t("draws.who"), width: 120, render: (row) => <Link to={`/customers/${row.customer_id}`}>{row.customer_name ?? t("draws.customer")}</Link> },
      { key: "block", title: t("draws.block"), width: 128, render: (row) => nameOf(row.block) },
      { key: "roll", title: t("draws.roll"), width: 136, align: "right", render: (row) => <span className="t-num">{formatNumber(row.roll)}</span> },
      {
        key: "prize",
        title: t("draws.prize"),
        width: 168,
        render: (row) => {
          const prize = prizeOf(row);
          return (
            <>
              <Tag color={prize ? "success" : "default"}>{prize?.label ?? t("draws.nothing")}</Tag>
              {row.outcome && row.outcome !== "issued" ? <span className={styles.small}>{t(`draws.outcome.${row.outcome}`, { defaultValue: row.outcome })}</span> : null}
            </>
          );
        },
      },
      { key: "odds", title: t("draws.odds"), render: (row) => <Odds draw={row} /> },
      { key: "run", title: "", width: 112, align: "right", render: (row) => <Link to={`/runs/${row.run_id}`}>{t("behind.path")}</Link> },
    ],
    [t, nameOf],
  );
  return <DataTable label={t("draws.title")} rows={rows} columns={columns} rowKey={(row) => row.id} empty={<EmptyState title={t("draws.none")} hint={t("draws.noneHint")} />} />;
}

/** Every draw of a flow's lotteries, with the odds of its time and the number drawn: what is shown when somebody doubts a prize. */
export function DrawsPage() {
  const { flowId = "" } = useParams();
  const { t } = useTranslation("steer");
  return (
    <FlowFrame flowId={flowId} title={t("draws.title")} lead={t("draws.lead")}>
      {(flow) => <Draws flow={flow} />}
    </FlowFrame>
  );
}
