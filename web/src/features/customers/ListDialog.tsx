import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Input, Modal, Progress, Radio, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, queryClient, type Page, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { ErrorState, useTold } from "@/shared/states";

type Entries = Schemas["EntriesOut"];
type Bulk = Schemas["BulkProgress"];
type Segment = Schemas["SegmentOut"];

/** Whom it is about: those ticked, or everybody the filters find. `count` null: more than are counted. */
export interface Whom {
  ids?: string[];
  filters?: Partial<Record<string, string>>;
  count: number | null;
}

const NEW = "new";
const AT_ONCE = 5000;

function useLists() {
  const query = useQuery({ queryKey: ["/segments", "choices", "lists"], queryFn: ({ signal }) => api.get<Page<Segment>>("/segments", { limit: 200 }, signal) });
  return { loading: query.isLoading, lists: (query.data?.items ?? []).filter((one) => one.kind === "list") };
}

interface Choice {
  segment: string;
  name: string;
  remove: boolean;
}

async function change(whom: Whom, choice: Choice): Promise<{ segment: string; changed: number | null; job: Bulk | null }> {
  const segment = choice.segment === NEW ? (await api.post<Segment>("/segments", { name: choice.name.trim(), kind: "list" })).id : choice.segment;
  if (whom.ids) {
    const body = choice.remove ? { remove: whom.ids.slice(0, AT_ONCE) } : { add: whom.ids.slice(0, AT_ONCE) };
    const said = await api.post<Entries>(`/segments/${segment}/entries`, body);
    return { segment, changed: said.added + said.removed, job: null };
  }
  const job = await api.post<Bulk>(`/segments/${segment}/bulk-entries`, { filters: whom.filters ?? {}, remove: choice.remove });
  return { segment, changed: null, job };
}

/** How far a change by filter is: it goes on when the dialog is closed. */
function Going({ job, segment, onClose }: { job: Bulk; segment: string; onClose: () => void }) {
  const { t } = useTranslation("customers");
  const query = useQuery({
    queryKey: ["/segments/bulk-entries", job.id],
    queryFn: ({ signal }) => api.get<Bulk>(`/segments/bulk-entries/${job.id}`, undefined, signal),
    initialData: job,
    refetchInterval: ({ state }) => (state.data?.state === "queued" || state.data?.state === "running" ? 1_000 : false),
  });
  const now = query.data;
  const ended = now.state === "done";
  const failed = now.state === "failed" || now.state === "cancelled";
  const percent = ended ? 100 : now.total ? Math.min(99, Math.floor((now.done / now.total) * 100)) : 0;
  return (
    <>
      <Progress percent={percent} status={failed ? "exception" : ended ? "success" : "active"} aria-label={t("list.progress", { done: now.done })} />
      <p role="status">{ended ? t("list.changed", { count: now.changed ?? 0 }) : failed ? t("list.failed") : t("list.progress", { done: now.done })}</p>
      <p className="t-faint">{ended ? t("list.soon") : t("list.goesOn")}</p>
      <Button type="primary" onClick={onClose}>
        {t("shared:action.close")}
      </Button>{" "}
      <Link to={`/segments/${segment}`}>{t("list.see")}</Link>
    </>
  );
}

function Form({ whom, onDone, onJob }: { whom: Whom; onDone: () => void; onJob: (segment: string, job: Bulk) => void }) {
  const { t } = useTranslation("customers");
  const told = useTold();
  const { lists, loading } = useLists();
  const [choice, setChoice] = useState<Choice>({ segment: NEW, name: "", remove: false });
  const go = useMutation({
    mutationFn: () => change(whom, choice),
    onSuccess: ({ segment, changed, job }) => {
      void queryClient.invalidateQueries({ queryKey: ["/segments"] });
      if (job) {
        onJob(segment, job);
        return;
      }
      told.done(t("list.changed", { count: changed ?? 0 }));
      onDone();
    },
    onError: told.failed,
  });
  const fresh = choice.segment === NEW;
  const options = [...(choice.remove ? [] : [{ value: NEW, label: t("list.new") }]), ...lists.map((one) => ({ value: one.id, label: one.name }))];
  const ready = fresh ? !choice.remove && choice.name.trim() !== "" : true;
  return (
    <div style={{ display: "grid", gap: 12 }}>
      <Radio.Group
        optionType="button"
        value={choice.remove}
        onChange={(event) => setChoice({ ...choice, remove: Boolean(event.target.value) })}
        options={[
          { value: false, label: t("list.put") },
          { value: true, label: t("list.take") },
        ]}
      />
      <Select aria-label={t("list.which")} loading={loading} showSearch={{ optionFilterProp: "label" }} value={fresh && choice.remove ? null : choice.segment} placeholder={t("list.which")} options={options} onChange={(segment) => setChoice({ ...choice, segment })} />
      {fresh && !choice.remove ? <Input aria-label={t("list.name")} placeholder={t("list.name")} maxLength={100} value={choice.name} onChange={(event) => setChoice({ ...choice, name: event.target.value })} /> : null}
      <p className="t-faint">{t("list.hint")}</p>
      {go.error ? <ErrorState error={go.error} /> : null}
      <div>
        <Button type="primary" disabled={!ready} loading={go.isPending} onClick={() => go.mutate()}>
          {whom.count === null ? t(choice.remove ? "list.takeAll" : "list.putAll") : t(choice.remove ? "list.takeDo" : "list.putDo", { count: whom.count })}
        </Button>
      </div>
    </div>
  );
}

/** Put customers on a list, a new one or one there is, or take them off. */
export function ListDialog({ whom, onClose, onDone }: { whom: Whom; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation("customers");
  const [going, setGoing] = useState<{ segment: string; job: Bulk } | null>(null);
  return (
    <Modal open footer={null} onCancel={onClose} title={whom.count === null ? t("list.titleAll") : t("list.title", { count: whom.count })}>
      {going ? <Going {...going} onClose={onClose} /> : <Form whom={whom} onDone={onDone} onJob={(segment, job) => setGoing({ segment, job })} />}
    </Modal>
  );
}
