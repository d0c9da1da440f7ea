"""Runs that stood still go on: resumed, retried, skipped past a block, or taken over by a new version."""

from __future__ import annotations

from tandem.flow.kin import settle
from tandem.flow.plan import Plan
from tandem.flow.runs import EVERY_LANE, Lane, Leaving, RunStatus
from tandem.kernel.turn import Turn

_GROUP = (
    "unnest(%(in_buckets)s::smallint[], %(in_ids)s::uuid[]) x(bucket, id)"
    " join flow_run r on r.bucket = x.bucket and r.id = x.id and r.tenant_id = %(tenant)s"
)
_STOOD = f"r.status in ({RunStatus.HELD:d}, {RunStatus.FAILED:d})"
_GO_ON = f"""
with standing as (
  select r.bucket, r.id, r.customer_id, r.origin_id, r.visit, coalesce(r.arm, 0::smallint) as arm, r.status from {_GROUP}
  where {_STOOD} and r.stretch = %(stretch)s),
unparked as (delete from flow_parked p using standing s where p.bucket = s.bucket and p.run_id = s.id and p.tenant_id = %(tenant)s),
moved as (update flow_run r set status = {RunStatus.ACTIVE:d}, wake_at = %(now)s, heard_at = null, stretch = %(to)s, visit = r.visit + %(step)s
  from standing s where r.bucket = s.bucket and r.id = s.id and r.tenant_id = %(tenant)s),
counted as (insert into flow_path_stat as c (bucket, tenant_id, stretch, hour, arm, path, n)
  select bucket, %(tenant)s, %(stretch)s, date_trunc('hour', %(now)s::timestamptz), arm, %(path)s::smallint[], count(*)
  from standing where status = {RunStatus.FAILED:d} and %(path)s::smallint[] is not null group by bucket, arm
  on conflict (bucket, tenant_id, stretch, hour, arm, path) do update set n = c.n + excluded.n),
logged as (insert into flow_step_log (bucket, run_id, visit, at, tenant_id, stretch, customer_id, origin_id, path, facts)
  select bucket, id, visit, %(now)s, %(tenant)s, %(stretch)s, customer_id, origin_id, %(path)s::smallint[], null
  from standing where status = {RunStatus.FAILED:d} and %(path)s::smallint[] is not null on conflict do nothing)
insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
select bucket, %(tenant)s, %(lane)s, %(now)s, id, %(to)s, customer_id, origin_id from standing
"""
_END = f"""
with standing as (
  select r.bucket, r.id, r.customer_id, r.origin_id, r.visit, coalesce(r.arm, 0::smallint) as arm from {_GROUP}
  where {_STOOD} and r.stretch = %(stretch)s),
unparked as (delete from flow_parked p using standing s where p.bucket = s.bucket and p.run_id = s.id and p.tenant_id = %(tenant)s),
counted as (insert into flow_path_stat as c (bucket, tenant_id, stretch, hour, arm, path, n)
  select bucket, %(tenant)s, %(stretch)s, date_trunc('hour', %(now)s::timestamptz), arm, %(path)s::smallint[], count(*)
  from standing group by bucket, arm
  on conflict (bucket, tenant_id, stretch, hour, arm, path) do update set n = c.n + excluded.n),
logged as (insert into flow_step_log (bucket, run_id, visit, at, tenant_id, stretch, customer_id, origin_id, path, facts)
  select bucket, id, visit, %(now)s, %(tenant)s, %(stretch)s, customer_id, origin_id, %(path)s::smallint[], null from standing
  on conflict do nothing)
update flow_run r set status = {RunStatus.DONE:d}, wake_at = null, ended_at = %(now)s, visit = r.visit + 1
from standing s where r.bucket = s.bucket and r.id = s.id and r.tenant_id = %(tenant)s
"""
_TRANSFER = f"""
with standing as (
  select r.bucket, r.id, r.lane, r.wake_at, r.customer_id, r.origin_id, r.status from {_GROUP} where r.stretch = %(stretch)s),
retimed as (update flow_due d set stretch = %(to)s from standing s
  where not %(wake)s and d.bucket = s.bucket and d.tenant_id = %(tenant)s and d.lane = any({EVERY_LANE}) and d.wake_at = s.wake_at
    and d.run_id = s.id),
untimed as (delete from flow_due d using standing s
  where %(wake)s and d.bucket = s.bucket and d.tenant_id = %(tenant)s and d.lane = any({EVERY_LANE}) and d.wake_at = s.wake_at
    and d.run_id = s.id),
parked as (update flow_parked p set stretch = %(to)s from standing s
  where p.bucket = s.bucket and p.run_id = s.id and p.tenant_id = %(tenant)s),
dismissed as (update human_task t set state = 'cancelled', decided_at = %(now)s from standing s
  where %(wake)s and t.bucket = s.bucket and t.run_id = s.id and t.tenant_id = %(tenant)s and t.state in ('open', 'locked')),
timed as (insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
  select bucket, %(tenant)s, lane, %(now)s, id, %(to)s, customer_id, origin_id from standing
  where %(wake)s and status = {RunStatus.ACTIVE:d} on conflict do nothing)
update flow_run r set stretch = %(to)s, heard_at = null, wake_at = case when %(wake)s and s.status = {RunStatus.ACTIVE:d} then %(now)s else r.wake_at end
from standing s where r.bucket = s.bucket and r.id = s.id and r.tenant_id = %(tenant)s
"""


_STOP_WAITING = f"""
with standing as (
  select r.bucket, r.id, r.wake_at from {_GROUP} where r.status = {RunStatus.ACTIVE:d} and r.stretch = %(stretch)s and r.signal is null),
untimed as (delete from flow_due d using standing s
  where d.bucket = s.bucket and d.tenant_id = %(tenant)s and d.lane = any({EVERY_LANE}) and d.wake_at = s.wake_at and d.run_id = s.id),
dismissed as (update human_task t set state = 'cancelled', decided_at = %(now)s from standing s
  where t.bucket = s.bucket and t.run_id = s.id and t.tenant_id = %(tenant)s and t.state in ('open', 'locked'))
update flow_run r set status = {RunStatus.FAILED:d}, wake_at = null
from standing s where r.bucket = s.bucket and r.id = s.id and r.tenant_id = %(tenant)s
"""


def go_on(turn: Turn, stretch: int, buckets: str, runs: str, lane: Lane, *, number: int | None = None) -> int:
    """Held or failed runs are due where they stand. With the block's `number`, a failure that is retried is taken out of the count."""
    path = None if number is None else [number, int(Leaving.RETRIED)]
    return turn.tx.execute(
        _GO_ON,
        turn.params(in_buckets=buckets, in_ids=runs, stretch=stretch, to=stretch, step=0, lane=int(lane), path=path),
    )


def skip(turn: Turn, plan: Plan, stretch: int, buckets: str, runs: str, port: int) -> int:
    """Failed runs go past the block they stand at, by its port `port`; where that leads nowhere they end.

    A port of a branch is no way of the run itself: instead of it they take the first that is.
    """
    block = plan.blocks[plan.place(stretch)[0]]
    if port in block.limbs():
        port = [one.name for one in block.ports].index(block.kind.own_ports[0])
    target = block.next[port] if port < len(block.next) else None
    params = turn.params(
        in_buckets=buckets, in_ids=runs, stretch=stretch, path=[block.number, int(Leaving.SKIPPED)], lane=int(Lane.BULK)
    )
    if target is None:
        done = turn.tx.execute(_END, params)
    else:
        done = turn.tx.execute(_GO_ON, params | {"to": plan.stretches[target, "enter"], "step": 1})
    settle(turn, buckets, runs)
    return done


def send_on(turn: Turn, plan: Plan, stretch: int, buckets: str, runs: str, port: int) -> int:
    """Runs that wait go past their block by its port `port`: what they waited for is forgotten, open tasks of theirs are withdrawn.

    Who was answered already, and is only to be moved, goes by the answer.
    """
    turn.tx.execute(_STOP_WAITING, turn.params(in_buckets=buckets, in_ids=runs, stretch=stretch))
    return skip(turn, plan, stretch, buckets, runs, port)


def transfer(turn: Turn, stretch: int, to: int, buckets: str, runs: str, *, wake: bool) -> int:
    """Runs stand at another stretch from now on: at the same block of a new version, or due at its successor (`wake`)."""
    moved = turn.tx.execute(_TRANSFER, turn.params(in_buckets=buckets, in_ids=runs, stretch=stretch, to=to, wake=wake))
    if wake:
        settle(turn, buckets, runs, away=True)
    return moved
