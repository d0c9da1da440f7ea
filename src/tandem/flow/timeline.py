"""What flows did with a customer, as part of her history: runs she entered and left, questions put to colleagues and their answers.

They write no events of their own, so they are read from where they stand (`stream.customer.chapters`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.customer.chapters import Before, Told, register_chapter

KIND: Final = "flow"
_LABELS: Final = {
    "flow.entered": Label("进入流程", "Entered a flow"),
    "flow.left": Label("离开流程", "Left a flow"),
    "flow.goal": Label("达成流程目标", "Reached a flow's goal"),
    "task.asked": Label("交给同事处理", "Handed to a colleague"),
    "task.done": Label("同事已处理", "Answered by a colleague"),
}


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    type: str
    at: datetime
    name: str
    by: str | None


_PAGE: Final = """
where %(at)s::timestamptz is null or (at, id) < (%(at)s, %(event)s::uuid)
order by at desc, id desc limit %(limit)s
"""
# The end of a thing needs an id of its own beside its beginning: the same with its last digit turned.
_END: Final = "(left({id}::text, 35) || translate(right({id}::text, 1), '0123456789abcdef', 'fedcba9876543210'))::uuid"
_RUNS: Final = f"""
select id, type, at, name, null as by from (
  select r.id, 'flow.entered' as type, r.entered_at as at, f.name
  from flow_run as r join flow as f on f.tenant_id = r.tenant_id and f.id = r.flow_id
  where r.bucket = %(bucket)s and r.tenant_id = %(tenant)s and r.customer_id = %(customer)s and r.parent_id is null
  union all
  select {_END.format(id="r.id")}, case when r.goal_at is null then 'flow.left' else 'flow.goal' end, coalesce(r.goal_at, r.ended_at), f.name
  from flow_run as r join flow as f on f.tenant_id = r.tenant_id and f.id = r.flow_id
  where r.bucket = %(bucket)s and r.tenant_id = %(tenant)s and r.customer_id = %(customer)s and r.parent_id is null
    and coalesce(r.goal_at, r.ended_at) is not null) as t {_PAGE}
"""
_TASKS: Final = f"""
select id, type, at, name, by from (
  select k.id, 'task.asked' as type, k.created_at as at, k.title as name, null as by from human_task as k
  where k.bucket = %(bucket)s and k.tenant_id = %(tenant)s and k.customer_id = %(customer)s and k.state <> 'locked'
  union all
  select {_END.format(id="k.id")}, 'task.done', k.decided_at, k.title, u.name
  from human_task as k left join staff_user as u on u.tenant_id = k.tenant_id and u.id = k.decided_by
  where k.bucket = %(bucket)s and k.tenant_id = %(tenant)s and k.customer_id = %(customer)s and k.decided_at is not null) as t {_PAGE}
"""


def _told(tx: Tx, statement: str, customer: UUID, before: Before, limit: int) -> list[Told]:
    params = {
        "bucket": bucket_of(customer),
        "tenant": tx.tenant_id,
        "customer": customer,
        "at": before and before[0],
        "event": before and before[1],
        "limit": limit,
    }
    return [_line(row) for row in tx.all(_Row, statement, params)]


def _line(row: _Row) -> Told:
    by = f" · {row.by}" if row.by else ""
    return Told(row.id, row.type, row.at, _LABELS[row.type], Label(f"{row.name}{by}", f"{row.name}{by}"))


def runs(tx: Tx, customer: UUID, before: Before, limit: int) -> list[Told]:
    """The runs of hers: entered, and left or come to their goal."""
    return _told(tx, _RUNS, customer, before, limit)


def tasks(tx: Tx, customer: UUID, before: Before, limit: int) -> list[Told]:
    """The questions about her that were put to colleagues, and who answered them."""
    return _told(tx, _TASKS, customer, before, limit)


register_chapter("flow.runs", KIND, "flow.read", runs)
register_chapter("flow.tasks", KIND, "task.read", tasks)
