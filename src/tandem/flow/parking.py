"""Runs that do not move: put back, held while their flow is paused, failed with a reason, or left over. Nothing is silently dropped."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog

from tandem.flow.compiler import Stretch
from tandem.flow.ids import Ids
from tandem.flow.runs import Lane, Leaving, RunStatus
from tandem.kernel.turn import Turn

log = structlog.get_logger(__name__)

#: Runs of a version this process cannot run are looked at again after this long, by whoever can.
PUT_BACK = timedelta(seconds=30)
#: How the reason begins with which a run fails that goes round in circles.
CIRCLING = "经过环节太多"

_GROUP = "unnest(%(in_buckets)s::smallint[], %(in_ids)s::uuid[]) x(bucket, id)"
_STANDING = (
    f"select r.bucket, r.id, r.customer_id, r.origin_id, r.lane, r.visit, r.arm from {_GROUP}"
    " join flow_run r on r.bucket = x.bucket and r.id = x.id and r.tenant_id = %(tenant)s"
    f" where r.status = {RunStatus.ACTIVE:d} and r.stretch = %(stretch)s"
)
_QUEUE = (
    f"with standing as ({_STANDING}),"
    " mirrored as (update flow_run r set wake_at = %(wake)s from standing s"
    " where r.bucket = s.bucket and r.id = s.id and r.tenant_id = %(tenant)s)"
    " insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)"
    " select bucket, %(tenant)s, %(to_lane)s, %(wake)s, id, %(stretch)s, customer_id, origin_id from standing"
)
_PARK = f"""
with standing as ({_STANDING}),
parked as (insert into flow_parked (bucket, run_id, tenant_id, flow_id, customer_id, origin_id, kind, stretch, block, reason, at)
  select bucket, id, %(tenant)s, %(flow)s, customer_id, origin_id, %(kind)s, %(stretch)s, %(block)s, %(reason)s, %(now)s from standing
  on conflict (bucket, run_id) do update set kind = excluded.kind, block = excluded.block, reason = excluded.reason, at = excluded.at)
update flow_run r set status = %(status)s, wake_at = null from standing s
where r.bucket = s.bucket and r.id = s.id and r.tenant_id = %(tenant)s
"""
_FAILED_LOG = f"""
with standing as (
  select r.bucket, r.id, r.customer_id, r.origin_id, r.visit, coalesce(r.arm, 0::smallint) as arm from {_GROUP}
  join flow_run r on r.bucket = x.bucket and r.id = x.id and r.tenant_id = %(tenant)s where r.status = {RunStatus.FAILED:d}),
counted as (insert into flow_path_stat as s (bucket, tenant_id, stretch, hour, arm, path, n)
  select bucket, %(tenant)s, %(stretch)s, date_trunc('hour', %(now)s::timestamptz), arm, %(path)s::smallint[], count(*)
  from standing group by bucket, arm
  on conflict (bucket, tenant_id, stretch, hour, arm, path) do update set n = s.n + excluded.n)
insert into flow_step_log (bucket, run_id, visit, at, tenant_id, stretch, customer_id, origin_id, path, facts)
select bucket, id, visit, %(now)s, %(tenant)s, %(stretch)s, customer_id, origin_id, %(path)s::smallint[],
       jsonb_build_object(%(number)s::text, jsonb_build_object('failed', %(reason)s::text))
from standing on conflict do nothing
"""


_CATCH = f"""
with standing as ({_STANDING}),
moved as (update flow_run r set stretch = %(to)s, visit = r.visit + 1, wake_at = %(now)s, signal = null,
    vars = coalesce(r.vars, '{{}}'::jsonb) || jsonb_build_object('failed', %(reason)s::text)
  from standing s where r.bucket = s.bucket and r.id = s.id and r.tenant_id = %(tenant)s),
counted as (insert into flow_path_stat as c (bucket, tenant_id, stretch, hour, arm, path, n)
  select bucket, %(tenant)s, %(stretch)s, date_trunc('hour', %(now)s::timestamptz), coalesce(arm, 0::smallint), %(path)s::smallint[], count(*)
  from standing group by bucket, coalesce(arm, 0::smallint)
  on conflict (bucket, tenant_id, stretch, hour, arm, path) do update set n = c.n + excluded.n),
logged as (insert into flow_step_log (bucket, run_id, visit, at, tenant_id, stretch, customer_id, origin_id, path, facts)
  select bucket, id, visit, %(now)s, %(tenant)s, %(stretch)s, customer_id, origin_id, %(path)s::smallint[],
         jsonb_build_object(%(number)s::text, jsonb_build_object('failed', %(reason)s::text)) from standing)
insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
select bucket, %(tenant)s, lane, %(now)s, id, %(to)s, customer_id, origin_id from standing
"""


def catch(turn: Turn, ids: Ids, to: int, reason: str, number: int) -> None:
    """They fail here, and the flow says where such runs go on: at the stretch `to`."""
    path = [number, int(Leaving.CAUGHT)]
    turn.tx.execute(_CATCH, turn.params(**ids.params(), to=to, path=path, number=str(number), reason=reason))


def put_back(turn: Turn, ids: Ids, lane: Lane) -> None:
    """Leave them to a process that can run their version."""
    turn.tx.execute(_QUEUE, turn.params(**ids.params(), to_lane=int(lane), wake=turn.now + PUT_BACK))


def slow(turn: Turn, ids: Ids) -> None:
    """Too many of the turn's runs have failed: the rest goes one by one, in a lane that holds nobody else up (ENGINE_RULES 17)."""
    turn.tx.execute(_QUEUE, turn.params(**ids.params(), to_lane=int(Lane.SLOW), wake=turn.now))


def hold(turn: Turn, ids: Ids, flow_id: UUID) -> None:
    """Their flow is paused: they stand where they are until it is resumed."""
    turn.tx.execute(
        _PARK, turn.params(**ids.params(), flow=flow_id, kind="held", block=None, reason="", status=int(RunStatus.HELD))
    )


def fail(turn: Turn, ids: Ids, flow_id: UUID, block: str, reason: str, number: int = 0) -> None:
    """They fail here with a reason that a person sees, and can be retried or skipped."""
    parked = turn.tx.execute(
        _PARK,
        turn.params(
            **ids.params(), flow=flow_id, kind="failed", block=block, reason=reason, status=int(RunStatus.FAILED)
        ),
    )
    if parked:
        turn.tx.execute(
            _FAILED_LOG,
            turn.params(**ids.params(), path=[number, int(Leaving.FAILED)], number=str(number), reason=reason),
        )


def leftover(turn: Turn, ids: Ids, stretch: Stretch) -> None:
    """Some of a group were not moved: those that go round in circles fail, timers whose run had moved on are forgotten."""
    rows = turn.tx.cursor(
        f"select array_agg(r.bucket)::text, array_agg(r.id)::text, count(*) from {_GROUP}"
        " join flow_run r on r.bucket = x.bucket and r.id = x.id and r.tenant_id = %(tenant)s"
        f" where r.status = {RunStatus.ACTIVE:d} and r.stretch = %(stretch)s and r.visit >= %(most)s",
        turn.params(**ids.params(), most=stretch.plan.steps_max),
    ).fetchone()
    if rows is not None and rows[2]:
        circling = Ids(ids.stretch, rows[2], rows[0], rows[1])
        most = stretch.plan.steps_max
        reason = f"{CIRCLING}（{most} 段），已停下 | The run went through too many stretches ({most}) and was stopped"
        fail(turn, circling, stretch.plan.flow_id, stretch.block.id, reason, stretch.block.number)
    log.info("timers_without_run", tenant=str(turn.tenant_id), stretch=stretch.number, claimed=ids.count)
