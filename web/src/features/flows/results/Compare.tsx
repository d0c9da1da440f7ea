import { useQuery } from "@tanstack/react-query";
import { DatePicker, Segmented, Select, Table } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { api, type Schemas } from "@/shared/api";
import { formatNumber, Percent, useBusinessNow } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { EmptyState, Loaded } from "@/shared/states";
import { useStats, type Flow } from "../api";
import styles from "../steer/Steer.module.css";
import { useCalled } from "../useCalled";
import { periods, type Span } from "./asked";
import { Range } from "./Range";

type Compared = Schemas["CompareOut"];

function SideBySide({ flow, found, by }: { flow: Flow; found: Compared; by: "version" | "period" }) {
  const { t } = useTranslation("steer");
  const say = useSay();
  const { block: nameOf } = useCalled(flow.draft);
  const stats = useStats(flow.id, true);
  const inside = Object.values(stats.data?.blocks ?? {}).reduce((sum, one) => sum + one.inside, 0);
  const names = new Map([...found.first.blocks, ...found.second.blocks].map((one) => [one.block, nameOf(one.block, one.label)]));
  const of = (side: Compared["first"], block: string) => side.blocks.find((one) => one.block === block);
  const rows = [...names].map(([block, name]) => ({ block, name, first: of(found.first, block), second: of(found.second, block) }));
  // Who passes a block in a period may have entered before it: her share of those who entered meanwhile would be none.
  const shares = by === "version";
  const share = (side: Compared["first"], n: number | undefined) => (side.treated.entered && n !== undefined ? n / side.treated.entered : null);
  return (
    <>
      {flow.has_goal === false ? null : (
        <p className={styles.lead}>
          <Percent value={found.first.treated.rate} /> ({formatNumber(found.first.treated.converted)} / {formatNumber(found.first.treated.entered)}) → <Percent value={found.second.treated.rate} /> ({formatNumber(found.second.treated.converted)} / {formatNumber(found.second.treated.entered)}) · {say(found.difference.said)}
        </p>
      )}
      {flow.has_goal === false ? null : <Range comparison={found.difference} />}
      {inside > 0 ? <p className={styles.lead}>{t("compare.inside", { n: formatNumber(inside) })}</p> : null}
      {shares ? null : <p className={styles.lead}>{t("compare.passing")}</p>}
      <Table
        size="small"
        rowKey="block"
        pagination={false}
        scroll={{ x: true }}
        dataSource={rows}
        columns={[
          { title: t("back.block"), dataIndex: "name" },
          { title: t("compare.first"), align: "right", render: (_value, one) => (one.first ? formatNumber(one.first.passed) : "—") },
          { title: t("compare.left"), align: "right", hidden: !shares, render: (_value, one) => <Percent value={share(found.first, one.first?.passed)} /> },
          { title: t("compare.second"), align: "right", render: (_value, one) => (one.second ? formatNumber(one.second.passed) : "—") },
          { title: t("compare.left"), align: "right", hidden: !shares, render: (_value, one) => <Percent value={share(found.second, one.second?.passed)} /> },
        ]}
      />
    </>
  );
}

function query(by: "version" | "period", versions: [number, number] | null, first: Span, second: Span): Record<string, string> | null {
  if (by === "version") return versions ? { first_version: String(versions[0]), second_version: String(versions[1]) } : null;
  return periods(first, second);
}

/** Two versions or two periods side by side. */
export function Compare({ flow }: { flow: Flow }) {
  const { t } = useTranslation("steer");
  const latest = flow.published?.number ?? 0;
  const [by, setBy] = useState<"version" | "period">("version");
  const [versions, setVersions] = useState<[number, number] | null>(latest > 1 ? [latest - 1, latest] : null);
  // What one asks first: this week against the last.
  const now = dayjs(useBusinessNow());
  const [first, setFirst] = useState<Span>([now.subtract(13, "day"), now.subtract(7, "day")]);
  const [second, setSecond] = useState<Span>([now.subtract(6, "day"), now]);
  const params = query(by, versions, first, second);
  const compared = useQuery({
    queryKey: ["/flows", flow.id, "compare", params],
    queryFn: ({ signal }) => api.get<Compared>(`/flows/${flow.id}/compare`, params ?? {}, signal),
    enabled: params !== null,
  });
  const options = Array.from({ length: latest }, (_unused, index) => ({ value: index + 1, label: t("compare.version", { n: index + 1 }) }));
  const span = (setter: (next: Span) => void) => (next: [Dayjs | null, Dayjs | null] | null) => setter(next?.[0] && next[1] ? [next[0], next[1]] : null);
  return (
    <section className={`t-card ${styles.sheet}`}>
      <div className={styles.head}>
        <h2>{t("compare.title")}</h2>
        <div className={styles.controls}>
          <Segmented aria-label={t("compare.by")} value={by} onChange={setBy} options={(["version", "period"] as const).map((one) => ({ value: one, label: t(`compare.${one}s`) }))} />
          {by === "version" ? (
            <>
              <Select aria-label={t("compare.first")} placeholder={t("compare.first")} style={{ minWidth: 120 }} value={versions?.[0]} options={options} onChange={(next) => setVersions([next, versions?.[1] ?? latest])} />
              <Select aria-label={t("compare.second")} placeholder={t("compare.second")} style={{ minWidth: 120 }} value={versions?.[1]} options={options} onChange={(next) => setVersions([versions?.[0] ?? 1, next])} />
            </>
          ) : (
            <>
              <DatePicker.RangePicker aria-label={t("compare.first")} placeholder={[t("compare.firstFrom"), t("compare.until")]} value={first} onChange={span(setFirst)} />
              <DatePicker.RangePicker aria-label={t("compare.second")} placeholder={[t("compare.secondFrom"), t("compare.until")]} value={second} onChange={span(setSecond)} />
            </>
          )}
        </div>
      </div>
      {params === null ? <EmptyState compact title={t(by === "version" && latest < 2 ? "compare.one" : "compare.choose")} hint={t(by === "version" && latest < 2 ? "compare.oneHint" : "compare.chooseHint")} /> : <Loaded query={compared}>{(found) => <SideBySide flow={flow} found={found} by={by} />}</Loaded>}
    </section>
  );
}
