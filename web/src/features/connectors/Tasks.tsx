import { Alert, Progress, Table, Tag } from "antd";
import { formatNumber, Num, Time } from "@/shared/format";
import { useSay, useTranslation } from "@/shared/i18n";
import { Section } from "@/shared/pages";
import type { Problem, Task } from "./types";

/** What went wrong, in the platform's words, and what helps. */
export function ProblemAlert({ problem }: { problem: Problem }) {
  const say = useSay();
  const code = problem.platform_code ? `（${problem.platform_code}）` : "";
  return <Alert type={problem.kind === "configuration" || problem.kind === "authentication" ? "error" : "warning"} showIcon style={{ marginBottom: 12 }} title={`${say(problem.title)}${code} ${problem.told}`} description={say(problem.remedy)} />;
}

/** How far a reading is behind, in the largest unit that says it: nobody divides 5,400 seconds. */
function behind(t: ReturnType<typeof useTranslation>["t"], seconds: number): string {
  if (seconds < 120) return t("lag", { seconds: formatNumber(seconds) });
  return seconds < 7200 ? t("lagMinutes", { minutes: formatNumber(Math.round(seconds / 60)) }) : t("lagHours", { hours: formatNumber(Math.round(seconds / 3600)) });
}

function Standing({ task }: { task: Task }) {
  const { t } = useTranslation("connectors");
  const say = useSay();
  if (task.problem) return <Tag color="warning">{say(task.problem.title)}</Tag>;
  if (task.done) return <Tag color="success">{t("done")}</Tag>;
  if (task.percent !== null) return <Progress percent={task.percent} size="small" style={{ margin: 0, minWidth: 90 }} />;
  if (task.lag_seconds !== null) return <span>{behind(t, task.lag_seconds)}</span>;
  return <span>—</span>;
}

/** What an account is asked for, how far that is, and what stands in its way. */
export function Tasks({ tasks }: { tasks: Task[] }) {
  const { t } = useTranslation("connectors");
  return (
    <Section title={t("tasks")} flush>
      <Table<Task>
        rowKey={(row) => `${row.purpose}-${row.resource}`}
        dataSource={tasks}
        pagination={false}
        size="small"
        columns={[
          { key: "purpose", title: t("purpose"), render: (_, row) => t(`purposes.${row.purpose}`) },
          { key: "resource", title: t("what"), render: (_, row) => t(`resource.${row.resource}`, { defaultValue: row.resource }) },
          { key: "standing", title: t("standing"), render: (_, row) => <Standing task={row} /> },
          { key: "records", title: t("records"), align: "right", render: (_, row) => <Num value={row.records} /> },
          { key: "found", title: t("found"), align: "right", render: (_, row) => (row.purpose === "sweep" ? <Num value={row.found} /> : "—") },
          { key: "ok", title: t("lastOk"), render: (_, row) => <Time value={row.last_ok_at} clock="machine" /> },
        ]}
      />
    </Section>
  );
}
