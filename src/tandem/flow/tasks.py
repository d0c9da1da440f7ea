"""Tasks for people: who is asked what, and the answer that lets the run go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.access.paging import from_cursor
from tandem.flow.runs import Lane, RunStatus
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.turn import in_buckets
from tandem.kernel.wake import wake


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as lists show it."""

    id: UUID
    bucket: int
    customer_id: UUID | None
    flow_id: UUID
    flow_name: str | None
    run_id: UUID
    block: str
    title: str
    note: str
    role: str
    ports: list[dict[str, Any]]
    state: str
    due_at: datetime | None
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    port: str | None
    comment: str | None


_SELECT = """
select t.id, t.bucket, t.customer_id, t.flow_id, f.name as flow_name, t.run_id, t.block, t.title, t.note, t.role, t.ports, t.state, t.due_at,
       t.created_at, t.decided_by, t.decided_at, t.port, t.comment
from human_task t left join flow f on f.id = t.flow_id and f.tenant_id = %(tenant)s
where t.tenant_id = %(tenant)s
"""


def listed(tx: Tx, state: str, cursor: str | None, limit: int) -> list[TaskRow]:
    """Tasks of a state, the most urgent first. A scoped person sees those of customers opened in this transaction."""
    after = from_cursor(cursor, 2) if cursor else [None, None]
    return tx.all(
        TaskRow,
        _SELECT
        + " and t.state = %(state)s and (%(due)s::timestamptz is null or (coalesce(t.due_at, 'infinity'), t.id) > (%(due)s, %(id)s::uuid))"
        " order by coalesce(t.due_at, 'infinity'), t.id limit %(limit)s",
        {"tenant": tx.tenant_id, "state": state, "due": after[0], "id": after[1], "limit": limit},
    )


def decide(tx: Tx, task_id: UUID, port: str, comment: str) -> TaskRow:
    """Answer a task: its run goes on by `port`, at once. Raises NotFound, InvalidInput for another answer, Conflict when it is closed."""
    task = tx.maybe(TaskRow, _SELECT + " and t.id = %(id)s", {"tenant": tx.tenant_id, "id": task_id})
    if task is None:
        raise NotFound("task_missing", "没有这个任务。", "There is no such task.")
    names = [one["name"] for one in task.ports]
    if port not in names:
        detail = Detail("port", f"可选：{'、'.join(names)}", f"one of: {', '.join(names)}")
        raise InvalidInput("task_answer", "没有这个答案。", "There is no such answer.", details=(detail,))
    in_buckets(tx.conn, [task.bucket])
    key = {"tenant": tx.tenant_id, "bucket": task.bucket, "id": task_id}
    closed = tx.execute(
        "update human_task set state = 'done', decided_by = %(user)s, decided_at = %(now)s, port = %(port)s, comment = %(comment)s"
        " where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s and state = 'open'",
        key | {"user": tx.user_id, "now": tx.now, "port": port, "comment": comment},
    )
    if not closed:
        raise Conflict("task_closed", "任务已处理或已逾期。", "The task was answered already or has expired.")
    _signal(
        tx, task, names.index(port), {"port": port, "comment": comment, "by": str(tx.user_id) if tx.user_id else None}
    )
    audit.record(tx, "task.decided", "task", task_id, {"state": "open"}, {"state": "done", "port": port})
    wake(tx, [task.bucket])
    return task


# The run waits in the task's block: its timer gives way to the signal, and it is due now in the live lane.
_SIGNAL = f"""
with signalled as (
  select r.bucket, r.id, r.lane, r.wake_at, r.stretch, r.customer_id, r.origin_id from flow_run r
  join flow_stretch s on s.id = r.stretch and s.tenant_id = %(tenant)s and s.block = %(block)s and s.mode = 'resume'
  where r.bucket = %(bucket)s and r.tenant_id = %(tenant)s and r.id = %(run)s and r.signal is null
    and r.status in ({RunStatus.ACTIVE:d}, {RunStatus.HELD:d})),
untimed as (delete from flow_due d using signalled s where d.bucket = s.bucket and d.tenant_id = %(tenant)s and d.lane = s.lane
  and d.wake_at = s.wake_at and d.run_id = s.id),
moved as (update flow_run r set signal = %(signal)s, wake_at = %(now)s, vars = coalesce(r.vars, '{{}}'::jsonb) || %(vars)s
  from signalled s where r.bucket = s.bucket and r.id = s.id and r.tenant_id = %(tenant)s)
insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
select bucket, %(tenant)s, %(live)s, %(now)s, id, stretch, customer_id, origin_id from signalled
"""


def _signal(tx: Tx, task: TaskRow, port: int, answer: dict[str, Any]) -> None:
    tx.execute(
        _SIGNAL,
        {
            "tenant": tx.tenant_id,
            "bucket": task.bucket,
            "run": task.run_id,
            "block": task.block,
            "signal": port,
            "now": tx.now,
            "vars": Jsonb({"task": answer}),
            "live": int(Lane.LIVE),
        },
    )
