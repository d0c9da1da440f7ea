"""What applied events mean for flows: goals and exits are reached, waits end, runs begin. Set-based, in the turn that applied them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from tandem.catalog import Catalog
from tandem.flow import entry, leaving
from tandem.flow.graph import Watch
from tandem.flow.node import Trigger
from tandem.flow.plans import Listener, TenantPlans, Version
from tandem.flow.runs import HOPS_MAX, Lane, Leaving, RunStatus
from tandem.kernel.turn import Turn
from tandem.stream.projection import LIVE, AppliedEvent

# Which runs of these customers stand where one of these events can matter. Answers ids as array literals, grouped by stretch.
_CONCERNED = f"""
select r.stretch, array_agg(r.bucket)::text, array_agg(r.id)::text, count(*)
from unnest(%(e_buckets)s::smallint[], %(e_customers)s::uuid[]) e(bucket, customer_id)
join flow_run r on r.bucket = e.bucket and r.customer_id = e.customer_id and r.tenant_id = %(tenant)s
where r.status in ({RunStatus.ACTIVE:d}, {RunStatus.HELD:d}, {RunStatus.FAILED:d}, {RunStatus.HOLDOUT:d}) and r.stretch = any(%(stretches)s::int[])
group by r.stretch
"""
# The first event that ends the wait of each run: its port becomes the run's signal, and the run is due now in the live lane.
_WAKE = """
with {events},
asked as (
  select distinct on (r.bucket, r.id) r.bucket, r.id, r.lane, r.wake_at, r.run_customer as customer_id, r.run_origin as origin_id, r.event_id, r.type, r.payload, r.root_id, r.hops
  from (select w.bucket, w.id, w.lane, w.wake_at, w.customer_id as run_customer, w.origin_id as run_origin, w.customer_id, w.entered_at,
               e.event_id, e.type, e.payload, e.root_id, e.hops, e.occurred_at
        from unnest(%(in_buckets)s::smallint[], %(in_ids)s::uuid[]) x(bucket, id)
        join flow_run w on w.bucket = x.bucket and w.id = x.id and w.tenant_id = %(tenant)s
        join events e on e.bucket = w.bucket and e.customer_id = w.customer_id
        where w.status = 0 and w.stretch = %(stretch)s and w.signal is null and e.occurred_at <= coalesce(w.wake_at, 'infinity')
          and e.occurred_at >= coalesce((w.vars ->> 'event_at')::timestamptz, w.entered_at)) r
  {joins}
  where {condition}
  order by r.bucket, r.id, r.occurred_at, r.event_id),
untimed as (delete from flow_due d using asked a
  where d.bucket = a.bucket and d.tenant_id = %(tenant)s and d.lane = a.lane and d.wake_at = a.wake_at and d.run_id = a.id),
signalled as (update flow_run r set signal = %(port)s, wake_at = %(now)s,
    vars = coalesce(r.vars, '{{}}'::jsonb) || jsonb_build_object('answer', jsonb_build_object('event_id', a.event_id, 'type', a.type, 'payload', a.payload))
  from asked a where r.bucket = a.bucket and r.id = a.id and r.tenant_id = %(tenant)s)
insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
select bucket, %(tenant)s, %(due_lane)s, %(now)s, id, %(stretch)s, customer_id, origin_id from asked
"""
_IGNORED = """
insert into flow_ignored as i (bucket, tenant_id, flow_id, reason, n)
select bucket, %(tenant)s, flow_id, reason, count(*)
from unnest(%(i_buckets)s::smallint[], %(i_flows)s::uuid[], %(i_reasons)s::text[]) x(bucket, flow_id, reason)
group by bucket, flow_id, reason order by bucket, flow_id, reason
on conflict (bucket, tenant_id, flow_id, reason) do update set n = i.n + excluded.n
"""


@dataclass(slots=True)
class Reacted:
    """What a batch of events did."""

    started: int = 0
    woken: int = 0
    left: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Concerned:
    """Runs that stand at a stretch, as array literals."""

    stretch: int
    buckets: str
    runs: str
    count: int


def rounds(events: Sequence[AppliedEvent], listens: frozenset[str]) -> Iterator[list[AppliedEvent]]:
    """Divide a batch so that each round has at most one event of a customer, in order.

    Only so does a batch do what its events would have done one by one: a run that the first event starts must be able to wait for the
    second. Almost every batch is one round.
    """
    queues: defaultdict[UUID, list[AppliedEvent]] = defaultdict(list)
    for one in events:
        if one.customer_id is not None and one.type in listens:
            queues[one.customer_id].append(one)
    position = 0
    while True:
        found = [queue[position] for queue in queues.values() if len(queue) > position]
        if not found:
            return
        yield found
        position += 1


def react(turn: Turn, plans: TenantPlans, catalog: Catalog, events: Sequence[AppliedEvent]) -> Reacted:
    """Let one round of events reach goals, end waits and start runs; history, late events and loops only get counted."""
    done = Reacted()
    by_type: defaultdict[str, list[AppliedEvent]] = defaultdict(list)
    for one in events:
        by_type[one.type].append(one)
    ignored: list[tuple[int, UUID, str]] = []
    for name, batch in by_type.items():
        done.left += _watch(turn, plans, catalog, name, batch, ignored)
        done.woken += _wake(turn, plans, catalog, name, batch, ignored)
        for listener in plans.starts.get(name, ()):
            done.started += _start(turn, catalog, listener, batch, ignored)
    done.ignored = _count_ignored(turn, ignored)
    return done


def _why_not(turn: Turn, one: AppliedEvent, late: timedelta) -> str | None:
    """Why an event must not act, or None when it may."""
    if one.mode != LIVE:
        return "backfill"
    if one.occurred_at < turn.now - late:
        return "late"
    return "hops" if one.hops > HOPS_MAX else None


def _acting(
    turn: Turn, version_hours: int, flow_id: UUID, batch: Sequence[AppliedEvent], ignored: list[tuple[int, UUID, str]]
) -> list[AppliedEvent]:
    late = timedelta(hours=version_hours)
    acting: list[AppliedEvent] = []
    for one in batch:
        reason = _why_not(turn, one, late)
        if reason is None:
            acting.append(one)
        else:
            ignored.append((one.bucket, flow_id, reason))
    return acting


def _start(
    turn: Turn,
    catalog: Catalog,
    listener: Listener,
    batch: Sequence[AppliedEvent],
    ignored: list[tuple[int, UUID, str]],
) -> int:
    plan = listener.plan
    fitting = entry.matching(listener.trigger, batch)
    acting = _acting(turn, plan.settings.late_hours, plan.flow_id, fitting, ignored)
    if not acting:
        return 0
    return entry.start_by_events(turn, catalog, plan, listener.block, listener.trigger, acting)


def concerned(turn: Turn, customers: Sequence[tuple[int, UUID]], stretches: Sequence[int]) -> list[Concerned]:
    """The runs of these customers that stand at one of these stretches."""
    if not customers or not stretches:
        return []
    params = turn.params(
        e_buckets=[bucket for bucket, _ in customers],
        e_customers=[customer for _, customer in customers],
        stretches=list(stretches),
    )
    return [Concerned(*row) for row in turn.tx.cursor(_CONCERNED, params, prepare=True).fetchall()]


def _customers(batch: Sequence[AppliedEvent]) -> list[tuple[int, UUID]]:
    return sorted({(one.bucket, one.customer_id) for one in batch if one.customer_id is not None})


def _wake(
    turn: Turn,
    plans: TenantPlans,
    catalog: Catalog,
    name: str,
    batch: Sequence[AppliedEvent],
    ignored: list[tuple[int, UUID, str]],
) -> int:
    waiting = plans.waits.get(name)
    if not waiting:
        return 0
    woken = 0
    for group in concerned(turn, _customers(batch), sorted(waiting)):
        listener = waiting[group.stretch]
        plan = listener.plan
        acting = _acting(turn, plan.settings.late_hours, plan.flow_id, entry.matching(listener.trigger, batch), ignored)
        if acting:
            woken += _signal(turn, catalog, group, listener.trigger, name, acting)
    return woken


def _signal(
    turn: Turn, catalog: Catalog, group: Concerned, trigger: Trigger, name: str, events: Sequence[AppliedEvent]
) -> int:
    condition = entry.condition_of(catalog, trigger.condition, name, turn.zone, "cond_")
    sql = _WAKE.format(events=entry.EVENTS, joins=condition.joins, condition=condition.sql)
    params = turn.params(
        events=entry.events_json(events),
        in_buckets=group.buckets,
        in_ids=group.runs,
        stretch=group.stretch,
        port=trigger.port,
        due_lane=int(Lane.LIVE),
        **condition.params,
    )
    return turn.tx.execute(sql, params, prepare=True)


def _watch(
    turn: Turn,
    plans: TenantPlans,
    catalog: Catalog,
    name: str,
    batch: Sequence[AppliedEvent],
    ignored: list[tuple[int, UUID, str]],
) -> int:
    """Goals and exit conditions that look at this type of event."""
    watched = plans.watched.get(name)
    if not watched:
        return 0
    left = 0
    for group in concerned(turn, _customers(batch), sorted(watched)):
        version = watched[group.stretch]
        plan = version.plan
        acting = _acting(turn, plan.settings.late_hours, plan.flow_id, batch, ignored)
        if acting:
            left += _judge(turn, catalog, version, group, name, acting)
    return left


def _judge(
    turn: Turn, catalog: Catalog, version: Version, group: Concerned, name: str | None, events: Sequence[AppliedEvent]
) -> int:
    """Let runs leave whose goal is reached, then those whose exit condition holds."""
    left = 0
    for watch, reason in _watches(version, name):
        condition = entry.condition_of(catalog, watch.condition, name, turn.zone, "cond_")
        left += leaving.leave_where(
            turn, version.plan, group.stretch, group.buckets, group.runs, reason, condition, events
        )
    return left


def _watches(version: Version, name: str | None) -> Iterator[tuple[Watch, Leaving]]:
    goal, exit_when = version.plan.settings.goal, version.plan.settings.exit_when
    if goal is not None and goal.event_type == name:
        yield goal, Leaving.GOAL
    if exit_when is not None and exit_when.event_type == name:
        yield exit_when, Leaving.EXIT_CONDITION


def watch_touched(turn: Turn, plans: TenantPlans, catalog: Catalog, touched: Sequence[tuple[int, UUID]]) -> int:
    """Goals and exits that are conditions alone: asked for every customer whose facts have changed. Returns how many runs left."""
    if not plans.conditions:
        return 0
    left = 0
    for group in concerned(turn, sorted(touched), sorted(plans.conditions)):
        left += _judge(turn, catalog, plans.conditions[group.stretch], group, None, ())
    return left


def _count_ignored(turn: Turn, ignored: Sequence[tuple[int, UUID, str]]) -> int:
    if ignored:
        turn.tx.execute(
            _IGNORED,
            turn.params(
                i_buckets=[one[0] for one in ignored],
                i_flows=[one[1] for one in ignored],
                i_reasons=[one[2] for one in ignored],
            ),
        )
    return len(ignored)
