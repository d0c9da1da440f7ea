"""Runs that belong to a run: branches, one run per related thing, flows that were called (docs/decisions/0070-runs-of-a-run.md).

A child lives in its parent's bucket, and exactly as long as the parent stands where it called. Whoever moves, ends or takes out runs calls
`settle` for them in the same transaction:

- a child has ended: its parent is due now, and looks whether it may go on;
- a parent moved on, left, or was taken to another block: the children of that call leave, with their timers and open tasks.
"""

from __future__ import annotations

from typing import Final

from tandem.flow.ids import Array
from tandem.flow.runs import EVERY_LANE, INSIDE, Lane, Leaving, RunStatus
from tandem.kernel.turn import Turn

BRANCH: Final = 1
"""`flow_run.kin`: a part of its parent's run, in the same flow. It enters, converts and counts with the parent."""
CALLED: Final = 2
"""A run of another flow, on the parent's behalf."""

_INSIDE: Final = ", ".join(str(int(one)) for one in INSIDE)
_GROUP: Final = (
    "unnest(%(k_buckets)s::smallint[], %(k_runs)s::uuid[]) x(bucket, id)"
    " join flow_run p on p.bucket = x.bucket and p.id = x.id and p.tenant_id = %(tenant)s"
)
_LEAVE: Final = f"""
with inside as materialized (
  select r.bucket, r.id, r.lane, r.wake_at, r.visit, r.stretch, r.customer_id, r.origin_id, coalesce(r.arm, 0::smallint) as arm,
         coalesce((f.numbers ->> s.block)::smallint, 0::smallint) as number
  from {_GROUP}
  join flow_run r on r.bucket = p.bucket and r.tenant_id = %(tenant)s and r.parent_id = p.id and r.status in ({_INSIDE})
  left join flow_stretch s on s.tenant_id = %(tenant)s and s.id = r.stretch
  left join flow f on f.tenant_id = %(tenant)s and f.id = r.flow_id
  where %(away)s or p.status not in ({_INSIDE}) or p.visit <> r.parent_visit + 1),
untimed as (delete from flow_due d using inside i
  where d.bucket = i.bucket and d.tenant_id = %(tenant)s and d.lane = any({EVERY_LANE}) and d.wake_at = i.wake_at and d.run_id = i.id),
unparked as (delete from flow_parked p using inside i where p.bucket = i.bucket and p.run_id = i.id and p.tenant_id = %(tenant)s),
dismissed as (update human_task t set state = 'cancelled', decided_at = %(now)s from inside i
  where t.bucket = i.bucket and t.run_id = i.id and t.tenant_id = %(tenant)s and t.state in ('open', 'locked')),
logged as (insert into flow_step_log (bucket, run_id, visit, at, tenant_id, stretch, customer_id, origin_id, path, facts)
  select bucket, id, visit, %(now)s, %(tenant)s, stretch, customer_id, origin_id, array[number, {Leaving.WITH_PARENT:d}]::smallint[], null
  from inside on conflict do nothing),
counted as (insert into flow_path_stat as c (bucket, tenant_id, stretch, hour, arm, path, n)
  select bucket, %(tenant)s, stretch, date_trunc('hour', %(now)s::timestamptz), arm, array[number, {Leaving.WITH_PARENT:d}]::smallint[], count(*)
  from inside group by bucket, stretch, arm, number
  on conflict (bucket, tenant_id, stretch, hour, arm, path) do update set n = c.n + excluded.n),
left_too as (update flow_run r set status = {RunStatus.LEFT:d}, wake_at = null, ended_at = %(now)s
  from inside i where r.bucket = i.bucket and r.id = i.id and r.tenant_id = %(tenant)s)
select coalesce(array_agg(bucket), '{{}}')::text, coalesce(array_agg(id), '{{}}')::text, count(*) from inside
"""
_TELL: Final = f"""
with ended as (
  select distinct p.bucket, p.parent_id, p.parent_visit from {_GROUP} where p.parent_id is not null and p.status not in ({_INSIDE})),
waiting as (
  select r.bucket, r.id, r.lane, r.wake_at, r.stretch, r.customer_id, r.origin_id from ended e
  join flow_run r on r.bucket = e.bucket and r.id = e.parent_id and r.tenant_id = %(tenant)s
  where r.status = {RunStatus.ACTIVE:d} and r.visit = e.parent_visit + 1 and coalesce(r.wake_at > %(now)s, true)),
untimed as (delete from flow_due d using waiting w
  where d.bucket = w.bucket and d.tenant_id = %(tenant)s and d.lane = any({EVERY_LANE}) and d.wake_at = w.wake_at and d.run_id = w.id),
moved as (update flow_run r set wake_at = %(now)s, heard_at = null from waiting w where r.bucket = w.bucket and r.id = w.id and r.tenant_id = %(tenant)s)
insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
select bucket, %(tenant)s, case when lane = {Lane.BULK:d} then {Lane.BULK:d} else {Lane.LIVE:d} end, %(now)s, id, stretch, customer_id, origin_id
from waiting on conflict do nothing
"""


def settle(turn: Turn, buckets: Array, runs: Array, *, away: bool = False) -> None:
    """These runs were moved or ended: let go whom they called, and tell those who called them.

    `away`: they were taken to another block, though their visit is what it was.
    """
    params = turn.params(k_buckets=buckets, k_runs=runs, away=away)
    level = params
    while True:
        found = turn.tx.cursor(_LEAVE, level, prepare=True).fetchone()
        if found is None or not found[2]:
            break
        level = turn.params(k_buckets=found[0], k_runs=found[1], away=False)
    turn.tx.execute(_TELL, params, prepare=True)
