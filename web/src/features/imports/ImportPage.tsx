import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Progress, Select, Tag } from "antd";
import { Link, useParams } from "react-router";
import { api, apiUrl, queryClient } from "@/shared/api";
import { Num } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { DetailPage, Facts, Section } from "@/shared/pages";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { STATE_COLOURS, type ImportDetail } from "./types";
import styles from "./Imports.module.css";

function useImport(id: string) {
  return useQuery({
    queryKey: ["/imports", id],
    queryFn: ({ signal }) => api.get<ImportDetail>(`/imports/${id}`, undefined, signal),
    // Live messages are the rule; asking now and then survives a lost stream.
    refetchInterval: (query) => (query.state.data?.state === "running" || query.state.data?.state === "queued" ? 3_000 : false),
  });
}

function Mapping({ one, onChange }: { one: ImportDetail; onChange: (mapping: Record<string, number>) => void }) {
  const { t } = useTranslation("imports");
  const say = useSay();
  const columns = one.header.map((name, at) => ({ value: at, label: name || `#${at + 1}` }));
  const choose = (field: string, column: number | null) => {
    const others = Object.entries(one.mapping).filter(([name]) => name !== field);
    onChange(Object.fromEntries(column === null ? others : [...others, [field, column]]));
  };
  return (
    <Section title={t("mapping.title")}>
      <p className={styles.hint}>{t("mapping.hint")}</p>
      {one.fields.map((field) => (
        <div key={field.name} className={styles.pair}>
          <span>
            {say(field.label)} {field.required ? <Tag>{t("mapping.required")}</Tag> : null}
          </span>
          <Select aria-label={say(field.label)} allowClear placeholder={t("mapping.none")} showSearch={{ optionFilterProp: "label" }} value={one.mapping[field.name] ?? null} options={columns} onChange={(column: number | undefined) => choose(field.name, column ?? null)} />
        </div>
      ))}
    </Section>
  );
}

function Sample({ one }: { one: ImportDetail }) {
  const { t } = useTranslation("imports");
  return (
    <Section title={t("sample.title")} extra={<span className="t-faint">{t("sample.hint", { rows: one.rows_total, encoding: one.encoding })}</span>} flush>
      <div className={styles.sample}>
        <table>
          <thead>
            <tr>
              {one.header.map((name, at) => (
                <th key={at} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {one.sample.map((cells, row) => (
              <tr key={row}>
                {one.header.map((_, at) => (
                  <td key={at}>{cells[at] ?? ""}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Problems({ one }: { one: ImportDetail }) {
  const { t } = useTranslation("imports");
  const say = useSay();
  if (one.problems.length === 0) return <Alert type="success" showIcon title={t("problems.none")} />;
  return (
    <Section title={t("problems.title")}>
      <ul className="t-plain">
        {one.problems.map((problem) => (
          <li key={`${problem.row}${problem.what.en}`} className={styles.problem}>
            <span className="t-num t-faint">{t("problems.row", { row: problem.row })}</span> {say(problem.what)}
          </li>
        ))}
      </ul>
      <p className="t-faint">{t("problems.more")}</p>
    </Section>
  );
}

function Result({ one }: { one: ImportDetail }) {
  const { t } = useTranslation("imports");
  const say = useSay();
  const percent = one.rows_total > 0 ? Math.round((one.rows_done / one.rows_total) * 100) : 0;
  return (
    <Section title={t("result.title")}>
      {one.error ? <Alert type="error" showIcon className={styles.error ?? ""} title={say(one.error)} /> : null}
      <Progress percent={percent} status={one.state === "failed" ? "exception" : one.state === "done" ? "success" : "active"} />
      <p role="status" className={styles.hint}>
        {t("progress", { done: one.rows_done, total: one.rows_total })}
      </p>
      <Facts
        items={[
          { key: "accepted", label: t("result.accepted"), value: <Num value={one.accepted} /> },
          { key: "updates", label: t("result.updates"), value: <Num value={one.updates} /> },
          { key: "duplicates", label: t("result.duplicates"), value: <Num value={one.duplicates} /> },
          { key: "refused", label: t("result.refused"), value: <Num value={one.refused} /> },
        ]}
      />
      <div className={styles.links}>
        {one.refused > 0 ? <Button href={apiUrl(`/imports/${one.id}/refused.csv`)}>{t("result.download")}</Button> : null}
        {one.state === "done" ? <Link to={one.kind === "order" ? "/orders" : "/customers"}>{t(one.kind === "order" ? "result.seeOrders" : "result.seeCustomers")}</Link> : null}
      </div>
    </Section>
  );
}

export function ImportPage() {
  const { t } = useTranslation("imports");
  const { importId = "" } = useParams();
  const told = useTold();
  const query = useImport(importId);
  const key = ["/imports", importId];
  useLive([`import:${importId}`], () => void queryClient.invalidateQueries({ queryKey: key }));
  const settle = { onSuccess: () => void queryClient.invalidateQueries({ queryKey: ["/imports"] }), onError: told.failed };
  const preview = useMutation({ mutationFn: (mapping: Record<string, number>) => api.post<ImportDetail>(`/imports/${importId}/preview`, { mapping }), onSuccess: (next) => queryClient.setQueryData(key, next), onError: told.failed });
  const start = useMutation({ mutationFn: () => api.post(`/imports/${importId}/start`, { mapping: query.data?.mapping }), ...settle });
  const cancel = useMutation({ mutationFn: () => api.post(`/imports/${importId}/cancel`), ...settle });
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={10} title />;
  const one = query.data;
  const waiting = one.state === "uploaded";
  return (
    <DetailPage
      title={one.file_name}
      crumbs={[{ label: t("title"), to: "/imports" }]}
      badge={<Tag color={STATE_COLOURS[one.state]}>{t(`state.${one.state}`)}</Tag>}
      actions={
        <>
          {waiting ? (
            <Button type="primary" loading={start.isPending || preview.isPending} onClick={() => start.mutate()}>
              {t("start", { count: one.rows_total })}
            </Button>
          ) : null}
          {one.state === "running" || one.state === "queued" ? (
            <Button danger title={t("cancelHint")} loading={cancel.isPending} onClick={() => cancel.mutate()}>
              {t("cancel")}
            </Button>
          ) : null}
        </>
      }
      facts={
        waiting ? (
          <Mapping
            one={one}
            onChange={(mapping) => {
              queryClient.setQueryData(key, { ...one, mapping });
              preview.mutate(mapping);
            }}
          />
        ) : (
          <Result one={one} />
        )
      }
    >
      {waiting ? <Problems one={one} /> : null}
      {one.sample.length > 0 ? <Sample one={one} /> : null}
    </DetailPage>
  );
}
