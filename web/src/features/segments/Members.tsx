import { Button, Drawer, Table } from "antd";
import { useEffect, useState } from "react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, queryClient, usePages } from "@/shared/api";
import { Time } from "@/shared/format";
import { Sentence } from "@/shared/expression";
import { useTranslation } from "@/shared/i18n";
import { ExportButton, Section } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, Loaded, LoadingState, useTold } from "@/shared/states";
import type { Explanation, Member, Part, Segment } from "./types";
import styles from "./Segments.module.css";

function shown(value: unknown): string {
  if (value === null || value === undefined) return "—";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function Why({ part }: { part: Part }) {
  const { t } = useTranslation("segments");
  const joins = part.kind !== "condition";
  const { values = [], parts = [] } = part;
  return (
    <li>
      <div className={styles.partLine}>
        {joins ? <strong>{t(`explain.${part.kind}`)}</strong> : <Sentence of={part} />}
        <strong className={part.holds ? styles.holds : styles.fails}>{t(part.holds ? "explain.true" : "explain.false")}</strong>
      </div>
      {values.length > 0 ? (
        <ul className={styles.parts}>
          {values.map((one) => (
            <li key={one.text} className={styles.partLine}>
              <span className="t-faint">
                <Sentence of={one} />
              </span>
              <span className="t-num">{shown(one.value)}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {parts.length > 0 ? (
        <ul className={styles.parts}>
          {parts.map((inner) => (
            <Why key={inner.text} part={inner} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

function Explain({ segmentId, customerId }: { segmentId: string; customerId: string }) {
  const { t } = useTranslation("segments");
  const path = `/segments/${segmentId}/explain/${customerId}`;
  const query = useQuery({ queryKey: [path], queryFn: ({ signal }) => api.get<Explanation>(path, undefined, signal) });
  return (
    <Loaded query={query}>
      {(found) => (
        <>
          <p className={styles.verdict}>{found.why.holds ? t("explain.matches") : t("explain.differs")}</p>
          <ul className="t-plain">
            <Why part={found.why} />
          </ul>
          {found.next_change_at ? (
            <p className="t-faint">
              {t("explain.next")} <Time value={found.next_change_at} />
            </p>
          ) : null}
        </>
      )}
    </Loaded>
  );
}

function useRemove(segment: Segment) {
  const { t } = useTranslation("segments");
  const told = useTold();
  return useMutation({
    mutationFn: (customer: string) => api.post(`/segments/${segment.id}/entries`, { remove: [customer] }),
    onSuccess: () => {
      told.done(t("list.removed"));
      void queryClient.invalidateQueries({ queryKey: ["/segments", segment.id] });
    },
    onError: told.failed,
  });
}

export function Members({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const rows = usePages<Member>(`/segments/${segment.id}/members`);
  const [asked, setAsked] = useState<Member | null>(null);
  const can = useCan();
  const remove = useRemove(segment);
  // Who is listed follows the count, which the segment's page keeps fresh while it is being filled.
  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: [`/segments/${segment.id}/members`] });
  }, [segment.id, segment.count]);
  if (rows.error) return <ErrorState error={rows.error} onRetry={() => void rows.refetch()} />;
  if (rows.isPending) return <LoadingState rows={6} />;
  return (
    <Section flush extra={rows.items.length > 0 && can("customer.read") ? <ExportButton list="customers" filters={{ segment_id: segment.id }} /> : null}>
      {rows.items.length === 0 ? (
        <EmptyState compact title={t("members.none")} />
      ) : (
        <Table<Member>
          rowKey="id"
          dataSource={rows.items}
          pagination={false}
          columns={[
            { key: "name", title: t("members.name"), render: (_, row) => <Link to={`/customers/${row.id}`}>{row.name ?? "—"}</Link> },
            { key: "phone", title: t("members.phone"), render: (_, row) => <span className="t-num">{row.phone}</span> },
            { key: "since", title: t("members.since"), render: (_, row) => <Time value={row.since} /> },
            {
              key: "why",
              title: <span className="t-hidden">{t("shared:action.actions")}</span>,
              align: "right",
              render: (_, row) => (
                <>
                  {segment.kind === "list" ? (
                    can("segment.write") ? (
                      <Button type="link" size="small" danger loading={remove.isPending && remove.variables === row.id} onClick={() => remove.mutate(row.id)}>
                        {t("list.remove")}
                      </Button>
                    ) : null
                  ) : (
                    <Button type="link" size="small" onClick={() => setAsked(row)}>
                      {t("members.explain")}
                    </Button>
                  )}
                </>
              ),
            },
          ]}
        />
      )}
      {rows.hasNextPage ? (
        <Button block type="text" loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>
          {t("shared:action.loadMore")}
        </Button>
      ) : null}
      <Drawer open={asked !== null} onClose={() => setAsked(null)} size={520} title={`${t("explain.title")} · ${asked?.name ?? ""}`} destroyOnHidden>
        {asked ? <Explain segmentId={segment.id} customerId={asked.id} /> : null}
      </Drawer>
    </Section>
  );
}
