import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, DatePicker, Input, InputNumber, Segmented, Space } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { api, usePages } from "@/shared/api";
import { half } from "@/shared/form";
import { Time, useBusinessNow } from "@/shared/format";
import { useLanguage, useSay, useTranslation, type Words } from "@/shared/i18n";
import { useLive } from "@/shared/live";
import { ListPage } from "@/shared/pages";
import { useCan } from "@/shared/session";
import { EmptyState, ErrorState, LoadingState, useTold } from "@/shared/states";
import { ThingName, type Thing } from "@/shared/thing";
import styles from "./TasksPage.module.css";

interface Task {
  id: string;
  title: string;
  instructions?: string | null;
  state: string;
  customer?: { id: string; name: string } | null;
  thing?: Thing | null;
  flow?: { id: string; name: string } | null;
  run_id?: string | null;
  due_at?: string | null;
  created_at: string;
  decided_at?: string | null;
  decided_port?: string | null;
  decided_by?: string | null;
  note?: string | null;
  ports: { name: string; label: Words | string }[];
  fields?: FormField[];
}

interface FormField {
  name: string;
  label: string;
  type: string;
}

type Filled = Record<string, string | number | boolean | null>;

type Shown = "open" | "done";

function useDecide() {
  const client = useQueryClient();
  const told = useTold();
  const { t } = useTranslation("tasks");
  return useMutation({
    mutationFn: ({ id, port, note, values }: { id: string; port: string; note: string; values: Filled }) => api.post(`/tasks/${id}/decide`, { port, note, values }),
    onSuccess: async () => {
      told.done(t("decided"));
      await client.invalidateQueries({ queryKey: ["/tasks"] });
    },
    onError: told.failed,
  });
}

/** One field of a form that a flow asks to be filled in. */
function FieldInput({ field, value, onChange }: { field: FormField; value: Filled[string]; onChange: (value: Filled[string]) => void }) {
  const language = useLanguage();
  const label = half(field.label, language);
  switch (field.type) {
    case "bool":
      return (
        <Checkbox checked={value === true} onChange={(event) => onChange(event.target.checked)}>
          {label}
        </Checkbox>
      );
    case "number":
      return <InputNumber aria-label={label} placeholder={label} value={typeof value === "number" ? value : null} onChange={(next) => onChange(next)} />;
    case "date":
      return <DatePicker aria-label={label} placeholder={label} onChange={(day) => onChange(day?.format("YYYY-MM-DD") ?? null)} />;
    case "timestamp":
      return <DatePicker showTime aria-label={label} placeholder={label} onChange={(day) => onChange(day?.toISOString() ?? null)} />;
    default:
      return <Input aria-label={label} placeholder={label} maxLength={500} value={typeof value === "string" ? value : ""} onChange={(event) => onChange(event.target.value)} />;
  }
}

function Decision({ task }: { task: Task }) {
  const { t } = useTranslation("tasks");
  const say = useSay();
  const language = useLanguage();
  const decide = useDecide();
  const [note, setNote] = useState("");
  const [values, setValues] = useState<Filled>({});
  return (
    <Space wrap align="end">
      {(task.fields ?? []).map((field) => (
        <label key={field.name} className={styles.field}>
          {field.type === "bool" ? null : <span className="t-soft">{half(field.label, language)}</span>}
          <FieldInput field={field} value={values[field.name] ?? null} onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))} />
        </label>
      ))}
      <Input className={styles.note ?? ""} maxLength={500} placeholder={t("note")} aria-label={t("note")} value={note} onChange={(event) => setNote(event.target.value)} />
      {task.ports.map((port, index) => (
        <Button key={port.name} type={index === 0 ? "primary" : "default"} loading={decide.isPending && decide.variables.port === port.name} disabled={decide.isPending} onClick={() => decide.mutate({ id: task.id, port: port.name, note, values })}>
          {say(port.label)}
        </Button>
      ))}
    </Space>
  );
}

function Outcome({ task }: { task: Task }) {
  const { t } = useTranslation("tasks");
  const say = useSay();
  const port = task.ports.find((one) => one.name === task.decided_port);
  return (
    <p className="t-soft">
      {port ? t("outcome", { port: say(port.label) }) : t("ended")} {task.note ? `· ${task.note}` : null} <Time value={task.decided_at} />
    </p>
  );
}

function Card({ task }: { task: Task }) {
  const { t } = useTranslation("tasks");
  const can = useCan();
  const language = useLanguage();
  const now = useBusinessNow();
  const late = task.state === "open" && task.due_at !== null && task.due_at !== undefined && new Date(task.due_at) < now;
  return (
    <li className={styles.card}>
      <div className={styles.head}>
        <strong>{half(task.title, language)}</strong>
        {task.due_at ? (
          <span className={late ? styles.late : "t-faint"}>
            {t(late ? "overdue" : "due")} <Time value={task.due_at} />
          </span>
        ) : null}
      </div>
      {task.instructions ? <p>{task.instructions}</p> : null}
      <p className={styles.links}>
        {task.thing ? <ThingName thing={task.thing} /> : null}
        {task.customer ? <Link to={`/customers/${task.customer.id}`}>{task.customer.name}</Link> : null}
        {task.flow ? <Link to={`/flows/${task.flow.id}`}>{task.flow.name}</Link> : null}
        {task.run_id ? <Link to={`/runs/${task.run_id}`}>{t("path")}</Link> : null}
      </p>
      {task.state === "open" && can("task.decide") ? <Decision task={task} /> : null}
      {task.state === "open" ? null : <Outcome task={task} />}
    </li>
  );
}

/** Where a flow waits for a person: what is asked, about whom, until when. */
export function TasksPage() {
  const { t } = useTranslation("tasks");
  const client = useQueryClient();
  const [shown, setShown] = useState<Shown>("open");
  const tasks = usePages<Task>("/tasks", { state: shown });
  useLive(["tasks"], () => void client.invalidateQueries({ queryKey: ["/tasks"] }));
  const filters = (
    <Segmented<Shown>
      value={shown}
      onChange={setShown}
      options={[
        { value: "open", label: t("open") },
        { value: "done", label: t("done") },
      ]}
    />
  );
  return (
    <ListPage title={t("title")} lead={t("lead")} filters={filters}>
      {tasks.error && tasks.items.length === 0 ? <ErrorState error={tasks.error} onRetry={() => void tasks.refetch()} /> : null}
      {tasks.isPending ? <LoadingState /> : null}
      {!tasks.isPending && !tasks.error && tasks.items.length === 0 ? <EmptyState title={t(shown === "open" ? "none" : "noneDone")} hint={t("noneHint")} /> : null}
      <ul className={`t-plain ${styles.list}`}>
        {tasks.items.map((task) => (
          <Card key={task.id} task={task} />
        ))}
      </ul>
      {tasks.hasNextPage ? (
        <Button loading={tasks.isFetchingNextPage} onClick={() => void tasks.fetchNextPage()}>
          {t("more")}
        </Button>
      ) : null}
    </ListPage>
  );
}
