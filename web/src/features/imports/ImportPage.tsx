import { useMutation, useQuery } from "@tanstack/react-query";
import { App, Button, Tag } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { api, queryClient } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { DetailPage } from "@/shared/pages";
import { ErrorState, LoadingState, useTold } from "@/shared/states";
import { Cleaning, Mapping } from "./Choices";
import { Forecast } from "./Forecast";
import { Outcome } from "./Outcome";
import { LeftOutRows, RefusedRows } from "./RefusedRows";
import { Sample } from "./Sample";
import { isBusy, STATE_COLOURS, type Choice, type ImportDetail, type ImportPreview } from "./types";

function useImport(id: string) {
  return useQuery({
    queryKey: ["/imports", id],
    queryFn: ({ signal }) => api.get<ImportDetail>(`/imports/${id}`, undefined, signal),
    // Live messages are the rule; asking now and then survives a lost stream.
    refetchInterval: (query) => (query.state.data && isBusy(query.state.data.state) ? 3_000 : false),
  });
}

/** What the server says would happen under a choice; the answer before stays on screen until the next is there. */
function usePreview(one: ImportDetail | undefined, choice: Choice | null) {
  const wanted = choice ?? (one ? { mapping: one.mapping, cleaning: one.cleaning } : null);
  return useQuery({
    queryKey: ["/imports", one?.id, "preview", wanted],
    queryFn: () => api.post<ImportPreview>(`/imports/${one?.id ?? ""}/preview`, wanted),
    enabled: one?.state === "uploaded",
    placeholderData: (previous) => previous,
    staleTime: 60_000,
  });
}

/** What the button promises: only rows that will go in; of a long file only the first are known. */
function useStartWords(one: ImportDetail, seen: ImportPreview | undefined) {
  const { t } = useTranslation("imports");
  const told = seen?.forecast;
  if (!told?.whole) return { label: t("startAll", { count: one.rows_total }), none: false };
  const count = told.rows - told.refused;
  return { label: count > 0 ? t("start", { count }) : t("startNone"), none: count === 0 };
}

function Actions({ one, choice, seen }: { one: ImportDetail; choice: Choice; seen: ImportPreview | undefined }) {
  const { t } = useTranslation("imports");
  const told = useTold();
  const { modal } = App.useApp();
  const promised = useStartWords(one, seen);
  const settle = { onSuccess: () => void queryClient.invalidateQueries({ queryKey: ["/imports"] }), onError: told.failed };
  const start = useMutation({ mutationFn: () => api.post(`/imports/${one.id}/start`, choice), ...settle });
  const cancel = useMutation({ mutationFn: () => api.post(`/imports/${one.id}/cancel`), ...settle });
  const undo = useMutation({ mutationFn: () => api.post(`/imports/${one.id}/undo`), ...settle });
  const askUndo = () =>
    void modal.confirm({
      title: t("undo.ask", { file: one.file_name }),
      content: t("undo.hint"),
      okText: t("undo.do"),
      okButtonProps: { danger: true },
      onOk: () => undo.mutate(),
    });
  if (one.state === "uploaded")
    return (
      <Button type="primary" disabled={promised.none || seen === undefined || seen.unusable.length > 0} loading={start.isPending} onClick={() => start.mutate()}>
        {promised.label}
      </Button>
    );
  if (one.state === "running" || one.state === "queued" || one.state === "reading")
    return (
      <Button danger title={t("cancelHint")} loading={cancel.isPending} onClick={() => cancel.mutate()}>
        {t("cancel")}
      </Button>
    );
  const taken = one.accepted + one.updates > 0;
  if (taken && (one.state === "done" || one.state === "cancelled" || one.state === "failed"))
    return (
      <Button danger loading={undo.isPending} onClick={askUndo}>
        {t("undo.title")}
      </Button>
    );
  return null;
}

export function ImportPage() {
  const { t } = useTranslation("imports");
  const { importId = "" } = useParams();
  const query = useImport(importId);
  const [choice, setChoice] = useState<Choice | null>(null);
  const preview = usePreview(query.data, choice);
  useLive([`import:${importId}`], () => void queryClient.invalidateQueries({ queryKey: ["/imports", importId], exact: true }));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LoadingState rows={10} title />;
  const one = query.data;
  const waiting = one.state === "uploaded";
  const chosen = choice ?? { mapping: one.mapping, cleaning: one.cleaning };
  const shared = { one, choice: chosen, seen: preview.data, onChange: setChoice };
  return (
    <DetailPage
      title={one.file_name}
      crumbs={[{ label: t("title"), to: "/imports" }]}
      badge={<Tag color={STATE_COLOURS[one.state]}>{t(`state.${one.state}`)}</Tag>}
      actions={<Actions one={one} choice={chosen} seen={preview.data} />}
      facts={
        waiting ? (
          <>
            <Mapping {...shared} />
            <Cleaning {...shared} />
          </>
        ) : (
          <Outcome one={one} />
        )
      }
    >
      {waiting && preview.error ? <ErrorState error={preview.error} onRetry={() => void preview.refetch()} /> : null}
      {waiting ? <Forecast one={one} seen={preview.data} asking={preview.isFetching} /> : null}
      {waiting && preview.data ? <Sample one={one} choice={chosen} seen={preview.data} /> : null}
      {!waiting && one.refused > 0 ? <RefusedRows one={one} /> : null}
      {!waiting && one.left_out > 0 ? <LeftOutRows one={one} /> : null}
    </DetailPage>
  );
}
