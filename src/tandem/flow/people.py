"""What a person decides for a run: answers a task, tries a failed run again, lets it skip a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.flow.ids import EVERY_BUCKET, literal
from tandem.flow.plans import PlanShelf
from tandem.flow.reading import RunRow, get_run
from tandem.flow.revive import go_on
from tandem.flow.revive import skip as skip_block
from tandem.flow.runs import EVERY_LANE, Lane, RunStatus
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.live import announce
from tandem.kernel.turn import Turn, in_buckets
from tandem.kernel.wake import wake


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A question to a person, with what was answered."""

    id: UUID
    bucket: int
    customer_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    flow_id: UUID
    flow_name: str
    run_id: UUID
    block: str
    title: str
    note: str
    role: str
    ports: list[Any]
    state: str
    due_at: datetime | None
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    port: str | None
    comment: str | None
    fields: list[dict[str, str]] | None


_TASK = """
select h.id, h.bucket, h.customer_id, r.subject_type, r.subject_id, h.flow_id, f.name as flow_name, h.run_id, h.block, h.title, h.note, h.role, h.ports, h.state, h.due_at,
       h.created_at, h.decided_by, h.decided_at, h.port, h.comment, h.fields
from human_task h join flow f on f.id = h.flow_id and f.tenant_id = %(tenant)s
left join flow_run r on r.bucket = h.bucket and r.id = h.run_id and r.tenant_id = %(tenant)s
where h.tenant_id = %(tenant)s and h.bucket = any(%(buckets)s::smallint[])
"""


def tasks(tx: Tx, *, is_open: bool, after: tuple[str, str] | None, limit: int) -> list[TaskRow]:
    """Open tasks by their due time, or ended ones, newest first. `after`: the sort keys of the last row shown."""
    key = "coalesce(h.due_at, 'infinity')" if is_open else "coalesce(h.decided_at, h.created_at)"
    order, than = ("asc", ">") if is_open else ("desc", "<")
    return tx.all(
        TaskRow,
        _TASK
        + f" and (h.state = 'open') = %(open)s and h.state <> 'locked' and (%(at)s::timestamptz is null or ({key}, h.id) {than} (%(at)s::timestamptz, %(id)s::uuid))"
        f" order by {key} {order}, h.id {order} limit %(limit)s",
        {
            "tenant": tx.tenant_id,
            "buckets": EVERY_BUCKET,
            "open": is_open,
            "at": after[0] if after else None,
            "id": after[1] if after else None,
            "limit": limit,
        },
    )


def task_key(task: TaskRow) -> tuple[str, UUID]:
    """The sort keys of a task in its list."""
    at = (task.due_at if task.state == "open" else task.decided_at or task.created_at) or None
    return ("infinity" if at is None else at.isoformat(), task.id)


def get_task(tx: Tx, task_id: UUID) -> TaskRow:
    """One task. Raises NotFound."""
    found = tx.maybe(
        TaskRow, _TASK + " and h.id = %(id)s", {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "id": task_id}
    )
    if found is None:
        raise NotFound("task_missing", "没有这个任务。", "There is no such task.")
    return found


# A run that stands still because its flow is paused keeps the answer and is due when the flow goes on.
_DECIDE = f"""
with decided as (
  update human_task set state = 'done', port = %(port)s, comment = %(comment)s, decided_by = %(user)s, decided_at = %(now)s
  where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and id = %(task)s and state = 'open' returning bucket, run_id, block, visit),
waiting as (
  select r.bucket, r.id, r.lane, r.wake_at, r.stretch, r.customer_id, r.origin_id, r.status from decided d
  join flow_run r on r.bucket = d.bucket and r.id = d.run_id and r.tenant_id = %(tenant)s and r.visit = d.visit + 1
  join flow_stretch s on s.tenant_id = %(tenant)s and s.id = r.stretch and s.block = d.block and s.mode = 'resume'
  where r.status in ({RunStatus.ACTIVE:d}, {RunStatus.HELD:d}) and r.signal is null),
untimed as (
  delete from flow_due d using waiting w
  where d.bucket = w.bucket and d.tenant_id = %(tenant)s and d.lane = any({EVERY_LANE}) and d.wake_at = w.wake_at and d.run_id = w.id),
signalled as (
  update flow_run r set signal = %(index)s, wake_at = %(now)s, heard_at = null, vars = coalesce(r.vars, '{{}}'::jsonb) || jsonb_build_object('task', %(answer)s::jsonb)
  from waiting w where r.bucket = w.bucket and r.id = w.id and r.tenant_id = %(tenant)s),
timed as (
  insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
  select bucket, %(tenant)s, {Lane.LIVE:d}, %(now)s, id, stretch, customer_id, origin_id from waiting
  where status = {RunStatus.ACTIVE:d})
select count(*) from decided
"""


def filled(fields: Sequence[Mapping[str, str]], values: Mapping[str, Any]) -> dict[str, Any]:
    """What a form's fields were filled with, by their types; one left empty has no value.

    Raises InvalidInput naming those that do not fit.
    """
    found: dict[str, Any] = {}
    wrong: list[Detail] = []
    for one in fields:
        value = values.get(one["name"])
        if value is None or value == "":
            continue
        if isinstance(value, _FITS[one["type"]]) and isinstance(value, bool) == (one["type"] == "bool"):
            found[one["name"]] = value
        else:
            wrong.append(Detail(f"values.{one['name']}", "类型不符", f"must be a {one['type']}"))
    if wrong:
        raise InvalidInput("form_values", "有表单项填写得不对。", "Some fields do not fit.", details=tuple(wrong))
    return found


_FITS: Final[dict[str, tuple[type, ...]]] = {
    "text": (str,),
    "number": (int, float),
    "bool": (bool,),
    "date": (str,),
    "timestamp": (str,),
}


def decide(tx: Tx, task_id: UUID, port: str, comment: str, values: Mapping[str, Any] | None = None) -> None:
    """Answer a task: the run goes on through that port, with what a form was filled in with.

    Raises NotFound, InvalidInput for another answer or values that do not fit, Conflict when it has ended.
    """
    task = get_task(tx, task_id)
    names = [one["name"] for one in task.ports]
    if port not in names:
        offered = "、".join(names)
        detail = Detail("port", f"可选：{offered}", f"one of: {', '.join(names)}")
        raise InvalidInput("task_port", "没有这个选项。", "There is no such answer.", details=(detail,))
    turn = Turn(tx, in_buckets(tx.conn, [task.bucket]))
    answer: dict[str, Any] = {"answer": port, "by": str(tx.user_id), "comment": comment}
    if task.fields:
        answer["values"] = filled(task.fields, values or {})
    params = turn.params(
        task=task_id, port=port, comment=comment, user=tx.user_id, index=names.index(port), answer=Jsonb(answer)
    )
    if not tx.value(_DECIDE, params):
        raise Conflict("task_ended", "这个任务已经结束了。", "This task has already ended.")
    wake(tx, [task.bucket])
    audit.record(tx, "task.decided", "human_task", task_id, after={"port": port})
    announce(tx, "tasks")
    announce(tx, f"flow:{task.flow_id}")


def _failed(tx: Tx, run_id: UUID) -> tuple[Turn, RunRow, int]:
    """Lock a failed run's bucket. Returns the turn, the run and its stretch. Raises NotFound, Conflict when it has not failed."""
    run = get_run(tx, run_id)
    turn = Turn(tx, in_buckets(tx.conn, [run.bucket]))
    stretch: int | None = tx.value(
        "select stretch from flow_run where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and id = %(run)s"
        f" and status = {RunStatus.FAILED:d}",
        turn.params(run=run_id),
    )
    if stretch is None:
        raise Conflict(
            "run_not_failed", "它没有停在失败处，不需要处理。", "The run has not failed; nothing is to be done."
        )
    return turn, run, stretch


def retry(tx: Tx, shelf: PlanShelf, run_id: UUID) -> None:
    """A failed run tries its block again. Raises NotFound, Conflict when it has not failed."""
    turn, run, stretch = _failed(tx, run_id)
    version = shelf.of(tx).by_stretch.get(stretch)
    number = None if version is None else version.plan.blocks[version.plan.place(stretch)[0]].number
    go_on(turn, stretch, literal([str(run.bucket)]), literal([str(run.id)]), Lane.NORMAL, number=number)
    audit.record(tx, "run.retried", "flow_run", run_id)


def skip(tx: Tx, shelf: PlanShelf, run_id: UUID, port: int = 0) -> None:
    """A failed run goes past its block by a port; 0 stands for the first way that is its own.

    Raises NotFound, Conflict when it has not failed or its version cannot be read, InvalidInput for the port of another branch.
    """
    turn, run, stretch = _failed(tx, run_id)
    version = shelf.of(tx).by_stretch.get(stretch)
    if version is None:
        raise Conflict("version_unreadable", "这一版流程无法读取。", "This version of the flow cannot be read here.")
    if port and port in version.plan.blocks[version.plan.place(stretch)[0]].limbs():
        raise InvalidInput(
            "skip_into_branch", "不能跳过到分支里面去。", "A run cannot skip into a branch of its own block."
        )
    skip_block(turn, version.plan, stretch, literal([str(run.bucket)]), literal([str(run.id)]), port)
    audit.record(tx, "run.skipped", "flow_run", run_id)
