import { useInfiniteQuery } from "@tanstack/react-query";
import { Alert, Button, DatePicker, Input, Select } from "antd";
import dayjs from "dayjs";
import { useMemo } from "react";
import { Link } from "react-router";
import { api, usePages } from "@/shared/api";
import { useUrlFilters } from "@/shared/filters";
import { Num, Time } from "@/shared/format";
import { useTranslation } from "@/shared/i18n";
import { ListPage } from "@/shared/pages";
import { EmptyState, ErrorState, LoadingState } from "@/shared/states";
import styles from "./SearchPage.module.css";
import { Marked } from "./Marked";
import type { Found, Reply, SearchPart } from "./types";

/** A while after what was found, so that the answer to it is seen with it. */
const AFTER_MINUTES = 30;

function One({ found, words }: { found: Found; words: readonly string[] }) {
  const { t } = useTranslation("archive");
  const customer = found.customer ?? t("talk.nameless");
  const until = dayjs(found.at).add(AFTER_MINUTES, "minute").toISOString();
  return (
    <li>
      <Link className={styles.one ?? ""} to={`/chats/${found.talk_id}?until=${encodeURIComponent(until)}`}>
        <span className={styles.who}>
          {t("search.said", { who: found.said_by === "customer" ? customer : found.adviser, to: found.said_by === "customer" ? found.adviser : customer })} <Time value={found.at} /> {found.recalled_at ? t("talk.recalled") : null}
        </span>
        <Marked text={found.text} words={words} />
      </Link>
    </li>
  );
}

/** Searches what was said in all chats that the reader may read; asked by Enter, since every search is on the trail. */
export function SearchPage() {
  const { t } = useTranslation("archive");
  const { values, set } = useUrlFilters(["q", "member", "said_by", "from", "to"]);
  // Not asked again behind the reader's back: each asking is a search on the trail.
  const query = useInfiniteQuery({
    queryKey: ["/archive/search", values],
    queryFn: ({ pageParam, signal }) => api.get<SearchPart>("/archive/search", { ...values, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (part) => part.next ?? null,
    enabled: Boolean(values.q),
    staleTime: Infinity,
  });
  const advisers = usePages<Reply>("/archive/replies", { days: 30 }, 1000);
  const parts = query.data?.pages ?? [];
  const items = parts.flatMap((part) => part.items);
  const opened = parts.reduce((sum, part) => sum + part.opened, 0);
  const words = useMemo(() => (values.q ?? "").split(/\s+/u).filter(Boolean), [values.q]);
  const filters = (
    <>
      <Input.Search key={values.q ?? ""} allowClear enterButton={t("search.go")} aria-label={t("search.words")} placeholder={t("search.words")} style={{ width: 300 }} maxLength={60} defaultValue={values.q ?? ""} onSearch={(text) => set({ q: text.trim() || null })} />
      <Select allowClear showSearch={{ optionFilterProp: "label" }} aria-label={t("talk.adviser")} placeholder={t("search.anyAdviser")} style={{ width: 150 }} value={values.member ?? null} onChange={(member: string | null) => set({ member: member ?? null })} options={advisers.items.map((one) => ({ value: one.member, label: one.adviser }))} />
      <Select allowClear aria-label={t("list.by")} placeholder={t("search.anySide")} style={{ width: 160 }} value={values.said_by ?? null} onChange={(side: string | null) => set({ said_by: side ?? null })} options={(["customer", "staff"] as const).map((value) => ({ value, label: t(`search.by.${value}`) }))} />
      <DatePicker.RangePicker aria-label={t("search.days")} style={{ width: 250 }} value={values.from && values.to ? [dayjs(values.from), dayjs(values.to)] : null} onChange={(days) => set({ from: days?.[0]?.format("YYYY-MM-DD") ?? null, to: days?.[1]?.format("YYYY-MM-DD") ?? null })} />
    </>
  );
  const progress = query.hasNextPage ? "search.sofar" : "search.through";
  return (
    <ListPage title={t("search.title")} lead={t("search.lead")} crumbs={[{ label: t("talk.title"), to: "/chats" }]} filters={filters}>
      <div className={styles.rows}>
        {!values.q ? (
          <EmptyState drawing="search" title={t("search.begin")} hint={t("search.beginHint")} />
        ) : query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : query.isPending ? (
          <LoadingState rows={6} />
        ) : (
          <>
            <ol className={`t-plain ${styles.list}`} aria-label={t("search.title")}>
              {items.map((found) => (
                <One key={found.id} found={found} words={words} />
              ))}
            </ol>
            <Alert
              type="info"
              title={
                <>
                  {t(progress, { count: items.length })} {t("search.opened")} <Num value={opened} />
                  {query.hasNextPage ? (
                    <>
                      {t("search.back")} <Time value={parts.at(-1)?.back_to} />
                    </>
                  ) : null}
                </>
              }
              action={
                query.hasNextPage ? (
                  <Button size="small" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    {t("search.on")}
                  </Button>
                ) : null
              }
            />
          </>
        )}
      </div>
    </ListPage>
  );
}
