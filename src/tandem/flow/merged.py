"""Two customers became one: of two runs inside one flow the older stays, the younger leaves as "merged" (ENGINE_RULES 10)."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tandem.flow.ids import literal
from tandem.flow.kin import settle
from tandem.flow.runs import INSIDE, Leaving, RunStatus
from tandem.kernel.ids import bucket_of
from tandem.kernel.turn import Turn
from tandem.stream.identity import hooks

_INSIDE: Final = ", ".join(str(int(status)) for status in INSIDE)

# Runs about a thing of hers (an order) are not runs about her, and runs of a run go with that: they never count as second.
_LEAVE: Final = f"""
with inside as (
  select r.id, r.stretch, r.visit, r.lane, r.wake_at, r.customer_id, r.origin_id,
         row_number() over (partition by r.flow_id order by r.entered_at, r.id) as place
  from flow_run as r
  where r.bucket = %(bucket)s and r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.customer_id = %(survivor)s
    and r.subject_id is null and r.parent_id is null and r.status in ({_INSIDE})
), second as (
  select * from inside where place > 1
), untimed as (
  delete from flow_due as d using second as s
  where d.bucket = %(bucket)s and d.tenant_id = %(tenant)s and d.run_id = s.id and d.wake_at = s.wake_at
), unparked as (
  delete from flow_parked as p using second as s where p.bucket = %(bucket)s and p.tenant_id = %(tenant)s and p.run_id = s.id
), dismissed as (
  update human_task as t set state = 'cancelled', decided_at = %(now)s from second as s
  where t.bucket = %(bucket)s and t.tenant_id = %(tenant)s and t.run_id = s.id and t.state in ('open', 'locked')
), logged as (
  insert into flow_step_log (bucket, run_id, visit, at, tenant_id, stretch, customer_id, origin_id, path)
  select %(bucket)s, s.id, s.visit, %(now)s, %(tenant)s, s.stretch, s.customer_id, s.origin_id, array[0, {Leaving.MERGED:d}]::smallint[]
  from second as s on conflict do nothing
)
update flow_run as r set status = {RunStatus.MERGED:d}, wake_at = null, ended_at = %(now)s from second as s
where r.bucket = %(bucket)s and r.tenant_id = %(tenant)s and r.id = s.id
returning r.id
"""


def keep_older_runs(turn: Turn, survivor: UUID) -> None:
    """Let the younger of two runs in one flow leave, with its timer, its open tasks, its place among the parked."""
    gone: list[UUID] = turn.tx.values(_LEAVE, turn.params(bucket=bucket_of(survivor), survivor=survivor))
    if gone:
        settle(turn, literal([str(bucket_of(survivor))] * len(gone)), literal([str(one) for one in gone]))


hooks.register("flow.keep_older_runs", keep_older_runs)
