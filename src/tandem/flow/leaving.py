"""Runs leave otherwise than through the graph: goal reached, exit condition, flow stopped, by hand. What was pending goes with them."""

from __future__ import annotations

from collections.abc import Sequence

from tandem.flow.entry import EVENTS, Condition, events_json
from tandem.flow.ids import Array
from tandem.flow.kin import BRANCH, settle
from tandem.flow.plan import Plan
from tandem.flow.runs import EVERY_LANE, Leaving, RunStatus
from tandem.flow.subjects import concerns
from tandem.flow.tail import CONVERTED
from tandem.kernel.turn import Turn
from tandem.stream.projection import AppliedEvent

ALWAYS = Condition("true", "", {})

_RUN = "w.bucket, w.id, w.customer_id, w.origin_id, w.visit, w.arm, w.lane, w.wake_at, w.status, w.subject_id"
_GROUP = (
    "unnest(%(in_buckets)s::smallint[], %(in_ids)s::uuid[]) x(bucket, id)"
    " join flow_run w on w.bucket = x.bucket and w.id = x.id and w.tenant_id = %(tenant)s"
)
# Who reached a goal and stays may be woken by the same event: what it passes in this turn is logged as the same visit, a moment later.
_LEAVE = f"""
final as (
  select a.bucket, a.id, a.customer_id, a.origin_id, a.visit, a.arm, a.lane, a.wake_at,
         array[%(number)s, %(reason)s]::smallint[] as path, %(goal)s::bool as goal,
         %(leaves)s::bool and a.status <> {RunStatus.HOLDOUT:d} as leaves
  from asked a),
untimed as (delete from flow_due d using final f
  where f.leaves and d.bucket = f.bucket and d.tenant_id = %(tenant)s and d.lane = any({EVERY_LANE}) and d.wake_at = f.wake_at and d.run_id = f.id),
moved as (update flow_run r set
    status = case when f.leaves then %(status)s::smallint else r.status end, wake_at = case when f.leaves then null else r.wake_at end,
    ended_at = case when f.leaves then %(now)s::timestamptz else r.ended_at end,
    goal_at = case when f.goal then %(now)s::timestamptz else r.goal_at end
  from final f where r.bucket = f.bucket and r.id = f.id and r.tenant_id = %(tenant)s),
unparked as (delete from flow_parked p using final f where f.leaves and p.bucket = f.bucket and p.run_id = f.id and p.tenant_id = %(tenant)s),
dismissed as (update human_task t set state = 'cancelled', decided_at = %(now)s from final f
  where f.leaves and t.bucket = f.bucket and t.run_id = f.id and t.tenant_id = %(tenant)s and t.state in ('open', 'locked')),
logged as (insert into flow_step_log (bucket, run_id, visit, at, tenant_id, stretch, customer_id, origin_id, path, facts)
  select bucket, id, visit, %(now)s - case when leaves then interval '0' else interval '1 microsecond' end, %(tenant)s, %(stretch)s, customer_id,
         origin_id, path, null from final on conflict do nothing),
counted as (insert into flow_path_stat as s (bucket, tenant_id, stretch, hour, arm, path, n)
  select bucket, %(tenant)s, %(stretch)s, date_trunc('hour', %(now)s::timestamptz), coalesce(arm, 0::smallint), path, count(*)
  from final group by bucket, coalesce(arm, 0::smallint), path
  on conflict (bucket, tenant_id, stretch, hour, arm, path) do update set n = s.n + excluded.n)"""
_STATES = {
    Leaving.GOAL: f"w.status in ({RunStatus.ACTIVE:d}, {RunStatus.HELD:d}, {RunStatus.FAILED:d}, {RunStatus.HOLDOUT:d}) and w.goal_at is null",
    Leaving.EXIT_CONDITION: f"w.status in ({RunStatus.ACTIVE:d}, {RunStatus.HELD:d}, {RunStatus.FAILED:d})",
}


def leave_where(
    turn: Turn,
    plan: Plan,
    stretch: int,
    buckets: Array,
    runs: Array,
    reason: Leaving,
    condition: Condition = ALWAYS,
    events: Sequence[AppliedEvent] = (),
) -> int:
    """Take out those runs of a stretch for which the condition holds (for one of the events, where some are given).

    `buckets` and `runs` are array literals. A goal that does not end the run is only noted. Returns how many runs left or reached it.
    """
    block, _ = plan.place(stretch)
    goal = reason is Leaving.GOAL
    states = _STATES.get(reason, _STATES[Leaving.EXIT_CONDITION])
    # Goals and exits are watched for the whole run: its branches go with it.
    own = f" and w.kin is distinct from {BRANCH}" if reason in _STATES else ""
    about = ", e.payload, e.occurred_at, e.event_id" if events else ""
    joined = f" join events e on {concerns(plan.settings.subject, 'w')}" if events else ""
    since = " and e.occurred_at >= coalesce((w.vars ->> 'event_at')::timestamptz, w.entered_at)" if events else ""
    asked = (
        f"asked as (select distinct on (r.bucket, r.id) r.* from (select {_RUN}{about} from {_GROUP}{joined}"
        f" where w.stretch = %(stretch)s and {states}{since}{own}) r {condition.joins} where {condition.sql} order by r.bucket, r.id)"
    )
    parts = [EVENTS] * bool(events) + [asked, _LEAVE] + [CONVERTED] * goal
    params = turn.params(
        in_buckets=buckets,
        in_ids=runs,
        stretch=stretch,
        number=plan.blocks[block].number,
        reason=int(reason),
        goal=goal,
        leaves=not goal or plan.settings.goal is None or plan.settings.goal.leave,
        status=int(RunStatus.DONE if goal else RunStatus.LEFT),
        **({"version": plan.version_id} if goal else {}),
        **({"events": events_json(events)} if events else {}),
        **condition.params,
    )
    found = turn.tx.cursor(f"with {', '.join(parts)} select count(*) from final", params, prepare=True).fetchone()
    left = 0 if found is None else int(found[0])
    if left:
        settle(turn, buckets, runs)
    return left
