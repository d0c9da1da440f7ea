import { Button, Popconfirm, Select, Space } from "antd";
import { useState } from "react";
import { usePages } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { useSay, useTranslation } from "@/shared/i18n";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import { useMerge } from "../merging";
import type { DuplicatePair } from "../types";
import { Evidence } from "./Evidence";
import { asMerge, SideBySide, unchanged, type Decision } from "./SideBySide";
import { useAlike, useDecideAlike, useKeepApart, useKeys, type Alike } from "./useReview";
import styles from "./Review.module.css";

function useWords() {
  const say = useSay();
  return (one: Alike) => [one.joined_by ? say(one.joined_by) : null, say(one.reason), one.findings.map(say).join("、") || null].filter(Boolean).join(" · ");
}

/** Pairs with one evidence: look at them alone, or decide them all. */
function AlikeBar({ pattern, onPick }: { pattern: string | null; onPick: (pattern: string | null) => void }) {
  const { t } = useTranslation("customers");
  const words = useWords();
  const alike = useAlike();
  const decide = useDecideAlike();
  const chosen = alike.data?.find((one) => one.pattern === pattern);
  const after = { onSuccess: () => onPick(null) };
  return (
    <div className={styles.bar}>
      <Select
        className={styles.pick ?? ""}
        aria-label={t("review.pattern")}
        allowClear
        placeholder={t("review.all")}
        value={pattern}
        onChange={(value: string | undefined) => onPick(value ?? null)}
        options={(alike.data ?? []).map((one) => ({ value: one.pattern, label: `${words(one)}（${String(one.count)}）` }))}
      />
      {chosen ? (
        <Space>
          <Popconfirm title={t("review.apartAllTitle", { count: chosen.count })} description={t("review.apartAllHint")} okText={t("review.apartAll", { count: chosen.count })} cancelText={t("shared:action.cancel")} onConfirm={() => decide.mutate({ pattern: chosen.pattern, decision: "keep_apart" }, after)}>
            <Button loading={decide.isPending}>{t("review.apartAll", { count: chosen.count })}</Button>
          </Popconfirm>
          <Popconfirm title={t("review.mergeAllTitle", { count: chosen.count })} description={t("review.mergeAllHint")} okText={t("review.mergeAll", { count: chosen.count })} cancelText={t("shared:action.cancel")} onConfirm={() => decide.mutate({ pattern: chosen.pattern, decision: "merge" }, after)}>
            <Button loading={decide.isPending}>{t("review.mergeAll", { count: chosen.count })}</Button>
          </Popconfirm>
        </Space>
      ) : null}
    </div>
  );
}

interface PairProps {
  pair: DuplicatePair;
  place: string;
  onStep: (by: 1 | -1) => void;
}

function Pair({ pair, place, onStep }: PairProps) {
  const { t } = useTranslation("customers");
  const [decision, decide] = useState<Decision>(() => unchanged(pair));
  const merge = useMerge();
  const apart = useKeepApart();
  const busy = merge.isPending || apart.isPending;
  const join = () => (busy ? undefined : merge.mutate(asMerge(pair, decision)));
  const keep = () => (busy ? undefined : apart.mutate({ first: pair.first.id, second: pair.second.id }));
  useKeys({ j: () => onStep(1), k: () => onStep(-1), m: join, x: keep, s: () => decide({ stays: decision.stays === "first" ? "second" : "first", taken: [] }) });
  return (
    <article aria-label={t("review.pair", { place })}>
      <div className={styles.head}>
        <Evidence pair={pair} />
        <Space>
          <span className="t-num t-soft" role="status">
            {place}
          </span>
          <Button onClick={() => onStep(-1)} aria-keyshortcuts="K">
            {t("review.previous")} <kbd className={styles.key}>K</kbd>
          </Button>
          <Button onClick={() => onStep(1)} aria-keyshortcuts="J">
            {t("review.next")} <kbd className={styles.key}>J</kbd>
          </Button>
        </Space>
      </div>
      <SideBySide pair={pair} decision={decision} onDecide={decide} />
      <div className={styles.actions}>
        <Button type="primary" loading={merge.isPending} disabled={busy} onClick={join} aria-keyshortcuts="M">
          {t("review.merge", { who: pair[decision.stays].name ?? t("unnamed") })} <kbd className={styles.key}>M</kbd>
        </Button>
        <Button loading={apart.isPending} disabled={busy} onClick={keep} aria-keyshortcuts="X">
          {t("merge.apart")} <kbd className={styles.key}>X</kbd>
        </Button>
        <span className="t-faint">{t("review.keys")}</span>
      </div>
    </article>
  );
}

/** One pair at a time, with everything needed to decide; decided ones leave, the next takes their place. */
export function ReviewQueue() {
  const { t } = useTranslation("customers");
  const filters = useUrlFilters(["tab", "pattern"]);
  const pattern = filters.values.pattern ?? null;
  const rows = usePages<DuplicatePair>("/duplicates", { pattern: pattern ?? undefined });
  const [at, setAt] = useState(0);
  const pick = (chosen: string | null) => {
    setAt(0);
    filters.set({ pattern: chosen });
  };
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={8} />;
  const place = Math.min(at, rows.items.length - 1);
  const pair = rows.items[place];
  const step = (by: 1 | -1) => {
    const next = Math.max(0, Math.min(place + by, rows.items.length - 1));
    if (next >= rows.items.length - 5 && rows.hasNextPage) void rows.fetchNextPage();
    setAt(next);
  };
  return (
    <>
      <AlikeBar pattern={pattern} onPick={pick} />
      {pair ? (
        <Pair key={`${pair.first.id}${pair.second.id}`} pair={pair} place={`${String(place + 1)} / ${String(rows.items.length)}${rows.hasNextPage ? "+" : ""}`} onStep={step} />
      ) : (
        <EmptyState drawing="done" title={t("merge.noneTitle")} hint={t("merge.noneHint")} />
      )}
    </>
  );
}
