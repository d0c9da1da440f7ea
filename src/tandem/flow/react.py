"""What applied events mean for flows: goals and exits are reached, waits end, runs begin. Set-based, in the turn that applied them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog

from tandem.catalog import Catalog
from tandem.flow import entry, leaving
from tandem.flow.graph import Watch
from tandem.flow.ids import Array, Ids, items_of
from tandem.flow.isolation import Isolation, is_poison, reason_of
from tandem.flow.plan import Plan
from tandem.flow.plans import Listener, TenantPlans, Version
from tandem.flow.runs import EVERY_LANE, HOPS_MAX, Lane, Leaving, RunStatus
from tandem.flow.subjects import CUSTOMER, concerns
from tandem.kernel.turn import Turn
from tandem.stream.projection import LIVE, AppliedEvent

log = structlog.get_logger(__name__)

# Which runs of these customers stand where one of these events can matter. Answers ids as array literals, grouped by stretch.
_CONCERNED = f"""
select r.stretch, array_agg(r.bucket)::text, array_agg(r.id)::text, count(*)
from unnest(%(e_buckets)s::smallint[], %(e_customers)s::uuid[]) e(bucket, customer_id)
join flow_run r on r.bucket = e.bucket and r.customer_id = e.customer_id and r.tenant_id = %(tenant)s
where r.status in ({RunStatus.ACTIVE:d}, {RunStatus.HELD:d}, {RunStatus.FAILED:d}, {RunStatus.HOLDOUT:d}) and r.stretch = any(%(stretches)s::int[])
group by r.stretch
"""
# The same of runs about things: an event about such a thing concerns only the thing's own runs, any other those of its customer.
_CONCERNED_THINGS = f"""
with e as (select * from unnest(%(e_buckets)s::smallint[], %(e_customers)s::uuid[], %(e_types)s::text[], %(e_things)s::uuid[])
             e(bucket, customer_id, subject_type, subject_id)),
found as (
  select r.stretch, r.bucket, r.id, r.status from e
  join flow_run r on r.bucket = e.bucket and r.subject_id = e.subject_id and r.subject_type = e.subject_type and r.tenant_id = %(tenant)s
  union
  select r.stretch, r.bucket, r.id, r.status from e
  join flow_run r on r.bucket = e.bucket and r.customer_id = e.customer_id and r.tenant_id = %(tenant)s
  where r.subject_id is not null and r.subject_type is distinct from e.subject_type)
select r.stretch, array_agg(r.bucket)::text, array_agg(r.id)::text, count(*) from found r
where r.status in ({RunStatus.ACTIVE:d}, {RunStatus.HELD:d}, {RunStatus.FAILED:d}, {RunStatus.HOLDOUT:d}) and r.stretch = any(%(stretches)s::int[])
group by r.stretch
"""
# Of these runs those that stand at one of these stretches, in the same shape.
_STANDING = f"""
select r.stretch, array_agg(r.bucket)::text, array_agg(r.id)::text, count(*)
from unnest(%(in_buckets)s::smallint[], %(in_ids)s::uuid[]) x(bucket, id)
join flow_run r on r.bucket = x.bucket and r.id = x.id and r.tenant_id = %(tenant)s
where r.status in ({RunStatus.ACTIVE:d}, {RunStatus.HELD:d}, {RunStatus.FAILED:d}, {RunStatus.HOLDOUT:d}) and r.stretch = any(%(stretches)s::int[])
group by r.stretch
"""
# The first event that ends the wait of each run: its port becomes the run's signal, and the run is due now in the live lane.
_WAKE = """
with {events},
asked as (
  select distinct on (r.bucket, r.id) r.bucket, r.id, r.lane, r.wake_at, r.run_customer as customer_id, r.run_origin as origin_id, r.event_id, r.type, r.payload, r.root_id, r.hops, r.heard_at
  from (select w.bucket, w.id, w.lane, w.wake_at, w.visit, w.customer_id as run_customer, w.origin_id as run_origin, w.customer_id, w.entered_at,
               w.subject_id, e.event_id, e.type, e.payload, e.root_id, e.hops, e.occurred_at, e.heard_at
        from unnest(%(in_buckets)s::smallint[], %(in_ids)s::uuid[]) x(bucket, id)
        join flow_run w on w.bucket = x.bucket and w.id = x.id and w.tenant_id = %(tenant)s
        join events e on {concerns}
        where w.status = 0 and w.stretch = %(stretch)s and w.signal is null and e.occurred_at <= coalesce(w.wake_at, 'infinity')
          and (%(look)s or e.occurred_at >= coalesce((w.vars ->> 'event_at')::timestamptz, w.entered_at))) r
  {joins}
  where {condition}
  order by r.bucket, r.id, r.occurred_at, r.event_id),
untimed as (delete from flow_due d using asked a
  where d.bucket = a.bucket and d.tenant_id = %(tenant)s and d.lane = any({lanes}) and d.wake_at = a.wake_at and d.run_id = a.id),
signalled as (update flow_run r set signal = %(port)s::smallint, wake_at = %(now)s, heard_at = a.heard_at,
    vars = coalesce(r.vars, '{{}}'::jsonb) || jsonb_build_object('answer', jsonb_build_object('event_id', a.event_id, 'type', a.type, 'payload', a.payload))
  from asked a where r.bucket = a.bucket and r.id = a.id and r.tenant_id = %(tenant)s)
insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
select bucket, %(tenant)s, %(due_lane)s, %(now)s, id, %(stretch)s, customer_id, origin_id from asked
"""
_OF_RUN = "r.payload ->> 'run_id' = r.id::text and coalesce((r.payload ->> 'visit')::int, r.visit - 1) = r.visit - 1"
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
    buckets: Array
    runs: Array
    count: int


def rounds(events: Sequence[AppliedEvent], listens: frozenset[str]) -> Iterator[list[AppliedEvent]]:
    """Divide a batch so that each round has at most one event of a customer or thing, in order.

    Only so does a batch do what its events would have done one by one: a run that the first event starts must be able to wait for the
    second. Almost every batch is one round.
    """
    queues: defaultdict[UUID, list[AppliedEvent]] = defaultdict(list)
    for one in events:
        owner = one.customer_id or one.subject_id
        if owner is not None and one.type in listens:
            queues[owner].append(one)
    position = 0
    while True:
        found = [queue[position] for queue in queues.values() if len(queue) > position]
        if not found:
            return
        yield found
        position += 1


Ignored = list[tuple[int, UUID, str]]
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class _Batch:
    """What every reaction needs."""

    turn: Turn
    plans: TenantPlans
    catalog: Catalog
    guard: Isolation
    ignored: Ignored
    only: Ids | None = None
    """Runs that alone hear the events; None: all whom they concern."""

    def concerned(self, batch: Sequence[AppliedEvent], stretches: Iterable[int]) -> list[Concerned]:
        """Runs that stand where these events may matter."""
        if self.only is None:
            return concerned(self.turn, self.plans, batch, stretches)
        params = self.turn.params(**self.only.params(), stretches=list(stretches))
        return [Concerned(*row) for row in self.turn.tx.cursor(_STANDING, params).fetchall()]

    def guarded(
        self, flow_id: UUID, events: Sequence[AppliedEvent], act: Callable[[Sequence[AppliedEvent]], int]
    ) -> int:
        """React to events of a flow; with care, one that makes the reaction fail is found, counted and passed over."""

        def halves(part: Sequence[AppliedEvent]) -> Sequence[Sequence[AppliedEvent]]:
            middle = len(part) // 2
            return (part[:middle], part[middle:]) if middle else ()

        def failed(part: Sequence[AppliedEvent], error: Exception) -> None:
            self._failed(flow_id, part[0].bucket, error, event_id=str(part[0].event_id))

        return self._carefully(events, act, halves, failed)

    def guarded_runs(self, flow_id: UUID, ids: Ids, act: Callable[[Ids], int]) -> int:
        """Look at runs of a flow; with care, one whose look fails is found, counted and passed over."""

        def failed(part: Ids, error: Exception) -> None:
            self._failed(flow_id, int(items_of(part.buckets)[0]), error, run_id=items_of(part.runs)[0])

        return self._carefully(ids, act, lambda part: part.halves() if part.count > 1 else (), failed)

    def _carefully(
        self,
        whole: Part,
        act: Callable[[Part], int],
        halves: Callable[[Part], Sequence[Part]],
        failed: Callable[[Part, Exception], None],
    ) -> int:
        """Act; with care, on halves of whatever makes it fail, until what has no halves is alone and told."""
        if not self.guard.careful:
            return act(whole)
        total = 0
        parts = [whole]
        while parts:
            part = parts.pop()
            try:
                with self.turn.tx.savepoint():
                    total += act(part)
            except Exception as error:
                # The edge where one's failure becomes its own: an expression or a condition may fail in any way.
                if not is_poison(error):
                    raise
                smaller = halves(part)
                parts += reversed(smaller)
                if not smaller:
                    failed(part, error)
        return total

    def _failed(self, flow_id: UUID, bucket: int, error: Exception, **what: str) -> None:
        log.warning("reaction_failed", flow=str(flow_id), reason=reason_of(error), **what)
        self.ignored.append((bucket, flow_id, "failed"))

    def acting(self, plan: Plan, events: Sequence[AppliedEvent]) -> list[AppliedEvent]:
        """The events that may act on a flow; the others are counted."""
        late = timedelta(hours=plan.settings.late_hours)
        found: list[AppliedEvent] = []
        for one in events:
            reason = _why_not(self.turn, one, late)
            if reason is None:
                found.append(one)
            else:
                self.ignored.append((one.bucket, plan.flow_id, reason))
        return found


def react(
    turn: Turn, plans: TenantPlans, catalog: Catalog, events: Sequence[AppliedEvent], guard: Isolation
) -> Reacted:
    """Let one round of events reach goals, end waits and start runs; history, late events and loops only get counted."""
    done = Reacted()
    batch_of = _Batch(turn, plans, catalog, guard, [])
    by_type: defaultdict[str, list[AppliedEvent]] = defaultdict(list)
    for one in events:
        by_type[one.type].append(one)
    for name, batch in by_type.items():
        done.left += _watch(batch_of, name, batch)
        done.woken += _wake(batch_of, name, batch)
        for listener in plans.starts.get(name, ()):
            done.started += _start(batch_of, listener, batch)
    done.ignored = _count_ignored(turn, batch_of.ignored)
    return done


def _why_not(turn: Turn, one: AppliedEvent, late: timedelta) -> str | None:
    """Why an event must not act, or None when it may."""
    if one.mode != LIVE:
        return "backfill"
    if one.occurred_at < turn.now - late:
        return "late"
    return "hops" if one.hops > HOPS_MAX else None


def _start(of: _Batch, listener: Listener, batch: Sequence[AppliedEvent]) -> int:
    plan, block, trigger = listener.plan, listener.block, listener.trigger
    acting = of.acting(plan, entry.matching(trigger, batch))
    if not acting:
        return 0
    return of.guarded(
        plan.flow_id, acting, lambda part: entry.start_by_events(of.turn, of.catalog, plan, block, trigger, part)
    )


def concerned(
    turn: Turn, plans: TenantPlans, batch: Sequence[AppliedEvent], stretches: Iterable[int]
) -> list[Concerned]:
    """The runs that these events are about and that stand at one of these stretches."""
    about, things = _by_subject(plans, stretches)
    customers = sorted({(one.bucket, one.customer_id) for one in batch if one.customer_id is not None})
    return _of_customers(turn, customers, about) + _of_things(turn, batch, things)


def _by_subject(plans: TenantPlans, stretches: Iterable[int]) -> tuple[list[int], list[int]]:
    """Stretches of flows about customers, and of those about things."""
    about: list[int] = []
    things: list[int] = []
    for one in sorted(stretches):
        (about if plans.by_stretch[one].plan.settings.subject == CUSTOMER else things).append(one)
    return about, things


def _of_customers(turn: Turn, customers: Sequence[tuple[int, UUID]], stretches: Sequence[int]) -> list[Concerned]:
    if not customers or not stretches:
        return []
    params = turn.params(
        e_buckets=[bucket for bucket, _ in customers],
        e_customers=[customer for _, customer in customers],
        stretches=list(stretches),
    )
    return [Concerned(*row) for row in turn.tx.cursor(_CONCERNED, params, prepare=True).fetchall()]


def _of_things(turn: Turn, batch: Sequence[AppliedEvent], stretches: Sequence[int]) -> list[Concerned]:
    owners = list({(one.bucket, one.customer_id, one.subject_type, one.subject_id) for one in batch})
    if not owners or not stretches:
        return []
    params = turn.params(
        e_buckets=[one[0] for one in owners],
        e_customers=[one[1] for one in owners],
        e_types=[one[2] for one in owners],
        e_things=[one[3] for one in owners],
        stretches=list(stretches),
    )
    return [Concerned(*row) for row in turn.tx.cursor(_CONCERNED_THINGS, params, prepare=True).fetchall()]


def _wake(of: _Batch, name: str, batch: Sequence[AppliedEvent]) -> int:
    waiting = of.plans.waits.get(name)
    if not waiting:
        return 0
    woken = 0
    for group in of.concerned(batch, waiting):
        for listener in waiting[group.stretch]:
            acting = of.acting(listener.plan, entry.matching(listener.trigger, batch))
            if acting:
                act = partial(_signal, of.turn, of.catalog, group, listener, name)
                woken += of.guarded(listener.plan.flow_id, acting, act)
    return woken


def _signal(
    turn: Turn, catalog: Catalog, group: Concerned, listener: Listener, name: str, events: Sequence[AppliedEvent]
) -> int:
    trigger, subject = listener.trigger, listener.plan.settings.subject
    condition = entry.condition_of(catalog, trigger.condition, name, turn.zone, "cond_", subject)
    own = f" and {_OF_RUN}" if trigger.of_run else ""
    if trigger.look:
        own = " and coalesce(r.wake_at > %(now)s::timestamptz, true)"
    sql = _WAKE.format(
        events=entry.EVENTS,
        joins=condition.joins,
        condition=condition.sql + own,
        lanes=EVERY_LANE,
        concerns=concerns(subject, "w"),
    )
    params = turn.params(
        events=entry.events_json(events),
        in_buckets=group.buckets,
        in_ids=group.runs,
        stretch=group.stretch,
        port=None if trigger.look else trigger.port,
        # What a run looks at may have come to hold by an event from before it entered that is applied only now.
        look=trigger.look,
        due_lane=int(Lane.LIVE),
        **condition.params,
    )
    return turn.tx.execute(sql, params, prepare=True)


def _watch(of: _Batch, name: str, batch: Sequence[AppliedEvent]) -> int:
    """Goals and exit conditions that look at this type of event."""
    watched = of.plans.watched.get(name)
    if not watched:
        return 0
    left = 0
    for group in of.concerned(batch, watched):
        version = watched[group.stretch]
        acting = of.acting(version.plan, batch)
        if acting:
            act = partial(_judge, of.turn, of.catalog, version, group, name)
            left += of.guarded(version.plan.flow_id, acting, act)
    return left


def _judge(
    turn: Turn, catalog: Catalog, version: Version, group: Concerned, name: str | None, events: Sequence[AppliedEvent]
) -> int:
    """Let runs leave whose goal is reached, then those whose exit condition holds."""
    left = 0
    for watch, reason in _watches(version, name):
        subject = version.plan.settings.subject
        condition = entry.condition_of(catalog, watch.condition, name, turn.zone, "cond_", subject)
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


def watch_touched(
    turn: Turn,
    plans: TenantPlans,
    catalog: Catalog,
    touched: Sequence[tuple[int, UUID]],
    events: Sequence[AppliedEvent],
    guard: Isolation,
) -> int:
    """Goals and exits that are conditions alone: asked for every customer whose facts have changed, and every thing that these events
    are about. Returns how many runs left.
    """
    if not plans.conditions:
        return 0
    left = 0
    of = _Batch(turn, plans, catalog, guard, [])
    about, things = _by_subject(plans, plans.conditions)
    for group in _of_customers(turn, sorted(touched), about) + _of_things(turn, events, things):
        version = plans.conditions[group.stretch]
        ids = Ids(group.stretch, group.count, group.buckets, group.runs)
        left += of.guarded_runs(version.plan.flow_id, ids, partial(_look, turn, catalog, version))
    _count_ignored(turn, of.ignored)
    return left


def hear(turn: Turn, plans: TenantPlans, catalog: Catalog, event: AppliedEvent, runs: Ids) -> int:
    """Let these runs hear an event that was applied where they did not stand yet: as one of now it reaches goals, takes out, ends waits.

    Nothing starts: that was done when it was applied. Returns how many waits ended.
    """
    of = _Batch(turn, plans, catalog, Isolation(careful=True), [], runs)
    _watch(of, event.type, [event])
    woken = _wake(of, event.type, [event])
    for group in of.concerned([event], plans.conditions):
        ids = Ids(group.stretch, group.count, group.buckets, group.runs)
        version = plans.conditions[group.stretch]
        of.guarded_runs(version.plan.flow_id, ids, partial(_look, turn, catalog, version))
    _count_ignored(turn, of.ignored)
    return woken


def _look(turn: Turn, catalog: Catalog, version: Version, ids: Ids) -> int:
    return _judge(turn, catalog, version, Concerned(ids.stretch, ids.buckets, ids.runs, ids.count), None, ())


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
