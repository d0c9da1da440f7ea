"""A dry run: a few people go through a draft on a movable clock, in one transaction that is rolled back; nothing leaves.

Scratch tables stand before the real ones and the transaction is read-only for all others: whatever a block wants to write lands in the
scratch, is read out, and is gone.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.catalog import Catalog, check
from tandem.flow import entry
from tandem.flow.explain.judge import judge
from tandem.flow.expressions import scope_of
from tandem.flow.graph import Graph
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.isolation import Isolation
from tandem.flow.node import Role
from tandem.flow.plan import Plan, PlannedBlock
from tandem.flow.plans import TenantPlans
from tandem.flow.reading import StepRow
from tandem.flow.rehearsal.draft import FIRST_STRETCH, plans_of
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.rehearsal.parts import Asked, Effect, Engagement, assume
from tandem.flow.rehearsal.scratch import Scratch, guarded
from tandem.flow.rehearsal.stage import Stage, taking_part
from tandem.flow.rehearsal.things import copied
from tandem.flow.runs import Lane
from tandem.flow.subjects import CUSTOMER, Home, entity_of
from tandem.kernel.db import Database, Tx, begin, connect
from tandem.kernel.errors import InvalidInput
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn
from tandem.stream.projection import LIVE, AppliedEvent
from tandem.stream.segment.explain import Part

PEOPLE_MAX: Final = 20
MOMENTS_MAX: Final = 300
DAYS_MAX: Final = 730


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: with whom, from which start block, when, how long, how waits for people and events end, and what people do with
    messages that arrive.

    `answers`: wait block -> the port by which it ends at once; others end by their time-out.
    """

    who: Sequence[Home]
    start: str | None = None
    at: datetime | None = None
    days: int = 90
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    engagement: Engagement = "nothing"


@dataclass(frozen=True, slots=True)
class Passage:
    """The way of one person or thing. `entry`: the start's condition judged for her, None where it has none; `event`: what she entered by,
    and when it really happened (None: made up, since she never had one). `status` None: she could not enter at all.
    """

    customer_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    run_id: UUID | None
    entry: Part | None
    event: tuple[str, datetime | None] | None
    status: int | None
    arm: int | None
    block: str | None
    wake_at: datetime | None
    steps: list[StepRow]
    effects: list[Effect]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a dry run showed, and when its clock stood at the end."""

    passages: list[Passage]
    plan: Plan
    began: datetime
    ended: datetime


def dry_run(
    db: Database,
    rooms: Rooms,
    tenant: UUID,
    flow_id: UUID,
    graph: Graph,
    numbers: Mapping[str, int],
    permissions: frozenset[str],
    trial: Trial,
    *,
    closed: AbstractSet[str],
) -> Tried:
    """Send these people through the draft. Raises InvalidInput for a draft that cannot run, or a start or answer it does not have."""
    with _undone(db, tenant) as tx:
        plans, version = plans_of(tx, rooms, flow_id, graph, numbers, permissions)
        start = _start(version.plan, trial.start)
        answers = _answers(version.plan, trial.answers)
        now = trial.at or tx.now
        catalog, subject = plans.catalog or rooms.catalog, version.plan.settings.subject
        entity = entity_of(catalog, subject)
        happened = _happened(tx, start, trial.who, now, subject)
        judged = _judged(tx, catalog, start, trial.who, happened, subject)
        things = [] if entity is None else [one.id for one in trial.who]
        scratch = Scratch(
            tx,
            catalog,
            rooms.tryouts,
            version.fragments.values(),
            since=now,
            customers=[one.customer_id for one in trial.who if one.customer_id is not None],
            things=things,
            homes=sorted({one.bucket for one in trial.who}),
            own={} if entity is None else copied(catalog, entity, every=False),
            rewritten=version.plan.rewrites,
        )
        scratch.build(past=False)
        assume(tx, trial.engagement)
        guarded(tx.conn)
        stage = Stage(plans, catalog, taking_part(rooms.steps, rooms.tryouts), rooms.tryouts)
        ended = _play(stage, tx, now, trial, start, happened, answers)
        return Tried(_read(tx, rooms, plans, trial.who, judged, happened, closed=closed), version.plan, now, ended)


@contextmanager
def _undone(db: Database, tenant: UUID) -> Generator[Tx]:
    """A transaction of a session of its own: statements prepared elsewhere would pass the scratch tables by."""
    with closing(connect(db.url("worker"))) as connection, connection.transaction(force_rollback=True):
        yield begin(connection, tenant=tenant)


def _start(plan: Plan, wanted: str | None) -> PlannedBlock:
    found = next((one for one in plan.starts() if wanted in {None, one.id}), None)
    if found is None:
        raise InvalidInput("no_such_start", "流程里没有这个起点。", "The flow has no such start.")
    return found


def _answers(plan: Plan, wanted: Mapping[str, str]) -> dict[str, int]:
    """Wait block -> the index of the port by which it is to end."""
    found: dict[str, int] = {}
    for name, port in wanted.items():
        block = plan.blocks.get(name)
        ports = [one.name for one in block.ports] if block is not None and block.role is Role.WAIT else []
        if port not in ports:
            raise InvalidInput(
                "no_such_answer", f"环节 {name} 没有出口 {port}。", f"Block {name} has no way out called {port}."
            )
        found[name] = ports.index(port)
    return found


_LAST: Final = """
select c.id, e.event_id, e.type, e.payload, e.occurred_at
from unnest(%(ids)s::uuid[], %(homes)s::smallint[], %(owners)s::uuid[]) as c(id, bucket, owner) cross join lateral (
  select e.event_id, e.type, e.payload, e.occurred_at from event as e
  where e.bucket = c.bucket and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.owner_id = c.owner
    and (%(subject)s = 'customer' or (e.subject_type = %(subject)s and e.subject_id = c.id)) and e.type = any(%(types)s) and e.occurred_at <= %(now)s order by e.occurred_at desc limit 1) as e
"""


def _happened(
    tx: Tx, start: PlannedBlock, who: Sequence[Home], now: datetime, subject: str
) -> dict[UUID, AppliedEvent]:
    """The last event of each that the start listens to."""
    trigger = start.kind.trigger(start.config)
    if trigger is None:
        return {}
    rows = tx.cursor(
        _LAST,
        {
            "tenant": tx.tenant_id,
            "buckets": EVERY_BUCKET,
            "ids": [one.id for one in who],
            "homes": [one.bucket for one in who],
            "owners": [one.customer_id or one.id for one in who],
            "subject": subject,
            "types": list(trigger.types),
            "now": now,
        },
    ).fetchall()
    homes = {one.id: one for one in who}
    return {row[0]: _event(homes[row[0]], subject, row[1], row[2], row[3], row[4]) for row in rows}


def _event(home: Home, subject: str, event_id: UUID, kind: str, payload: dict[str, Any], at: datetime) -> AppliedEvent:
    return AppliedEvent(
        bucket=home.bucket,
        event_id=event_id,
        type=kind,
        customer_id=home.customer_id,
        origin_id=home.origin_id,
        occurred_at=at,
        received_at=at,
        lane=int(Lane.LIVE),
        mode=LIVE,
        payload=payload,
        subject_type=None if subject == CUSTOMER else subject,
        subject_id=None if subject == CUSTOMER else home.id,
    )


def _judged(
    tx: Tx,
    catalog: Catalog,
    start: PlannedBlock,
    who: Sequence[Home],
    happened: Mapping[UUID, AppliedEvent],
    subject: str,
) -> dict[UUID, Part]:
    """The start's condition, part by part, for each who has such an event."""
    trigger = start.kind.trigger(start.config)
    if trigger is None or not trigger.condition.strip():
        return {}
    found = check(trigger.condition, scope_of(catalog, trigger.types[0], subject), "bool")
    return {
        one.id: judge(tx, catalog, found, subject, one, happened[one.id].payload) for one in who if one.id in happened
    }


def _play(
    stage: Stage,
    tx: Tx,
    now: datetime,
    trial: Trial,
    start: PlannedBlock,
    happened: Mapping[UUID, AppliedEvent],
    answers: Mapping[str, int],
) -> datetime:
    """Let them in and follow the clock from wake to wake. Returns when it stood at the end."""
    plan = next(iter(stage.plans.versions.values())).plan
    guard = Isolation()
    turn = stage.turn(tx, now)
    _enter(turn, plan, start, trial.who, happened)
    until = now + timedelta(days=trial.days)
    for _ in range(MOMENTS_MAX):
        stage.settle(turn, (), guard)
        if _answer(turn, plan, answers):
            continue
        wake = stage.next(turn)
        if wake is None or wake > until:
            break
        turn = stage.turn(tx, max(wake, turn.now))
    return turn.now


def _enter(
    turn: Turn, plan: Plan, start: PlannedBlock, who: Sequence[Home], happened: Mapping[UUID, AppliedEvent]
) -> None:
    trigger = start.kind.trigger(start.config)
    kind = trigger.types[0] if trigger else ""
    subject = plan.settings.subject
    # A thing without a customer does not enter a flow that does something to one, here as there.
    may = [one for one in who if one.customer_id is not None or not plan.needs_customer]
    events = [happened.get(one.id) or _event(one, subject, new_id(), kind, {}, turn.now) for one in may]
    keeps = "jsonb_build_object('event', a.payload, 'event_type', a.type, 'event_id', a.event_id, 'event_at', a.occurred_at)"
    entry.begin(
        turn,
        plan,
        start,
        f"{entry.EVENTS}, asked as (select r.* from events r)",
        vars_sql=keeps if trigger else "null::jsonb",
        lane=Lane.NORMAL,
        due_lane=Lane.LIVE,
        params={"events": entry.events_json(events)},
    )


_ANSWER: Final = """
with waiting as (
  select r.bucket, r.id, r.lane, r.wake_at, r.stretch, r.customer_id, r.origin_id, a.port
  from unnest(%(stretches)s::int[], %(ports)s::smallint[]) as a(stretch, port) join flow_run as r on r.stretch = a.stretch
  where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.status = 0 and r.signal is null),
untimed as (delete from flow_due d using waiting w where d.bucket = w.bucket and d.run_id = w.id and d.tenant_id = %(tenant)s),
signalled as (update flow_run r set signal = w.port, wake_at = %(now)s from waiting w
  where r.bucket = w.bucket and r.id = w.id and r.tenant_id = %(tenant)s),
timed as (
  insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
  select bucket, %(tenant)s, 0, %(now)s, id, stretch, customer_id, origin_id from waiting)
select count(*) from waiting
"""


def _answer(turn: Turn, plan: Plan, answers: Mapping[str, int]) -> int:
    """End the waits that are to end otherwise than by their time-out."""
    if not answers:
        return 0
    places = [plan.stretches[block, "resume"] for block in answers]
    return int(turn.tx.value(_ANSWER, turn.params(stretches=places, ports=list(answers.values()))))


_RUNS: Final = f"""
select coalesce(r.subject_id, r.customer_id) as subject_id, r.id, r.status, r.arm, r.stretch, r.wake_at, r.parent_id, r.parent_visit
from flow_run as r where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.stretch >= {FIRST_STRETCH} order by r.limb, r.id
"""
_STEPS: Final = """
select l.run_id, l.visit, l.at, l.path[2 * i - 1] as block, l.path[2 * i] as port, l.facts -> (l.path[2 * i - 1])::text as facts
from flow_step_log as l cross join lateral generate_series(1, cardinality(l.path) / 2) as i
where l.tenant_id = %(tenant)s and l.bucket = any(%(buckets)s::smallint[]) order by l.run_id, l.at, l.visit, i
"""


@dataclass(frozen=True, slots=True)
class _Went:
    """A run of the dry run; one of another run's has that as its parent."""

    subject_id: UUID
    id: UUID
    status: int
    arm: int | None
    stretch: int
    wake_at: datetime | None
    parent_id: UUID | None
    parent_visit: int | None


class _Ways:
    """The steps of runs, those of their branches where they went by them."""

    def __init__(self, runs: Sequence[_Went], steps: Sequence[tuple[Any, ...]]) -> None:
        self._steps: dict[UUID, list[tuple[int, StepRow]]] = {}
        for run, visit, *row in steps:
            self._steps.setdefault(run, []).append((visit, StepRow(*row)))
        self._called: dict[UUID, list[_Went]] = {}
        for one in runs:
            if one.parent_id is not None:
                self._called.setdefault(one.parent_id, []).append(one)

    def kin(self, run: UUID) -> list[UUID]:
        """The run and all that are its own."""
        return [run, *(one for child in self._called.get(run, ()) for one in self.kin(child.id))]

    def of(self, run: UUID) -> list[StepRow]:
        """What a run called at a visit went by before the run itself went on."""
        found: list[StepRow] = []
        waiting = sorted(self._called.get(run, ()), key=lambda one: one.parent_visit or 0)
        for visit, step in self._steps.get(run, ()):
            while waiting and (waiting[0].parent_visit or 0) < visit:
                found += self.of(waiting.pop(0).id)
            found.append(step)
        return found + [step for one in waiting for step in self.of(one.id)]


def _read(
    tx: Tx,
    rooms: Rooms,
    plans: TenantPlans,
    who: Sequence[Home],
    judged: Mapping[UUID, Part],
    happened: Mapping[UUID, AppliedEvent],
    *,
    closed: AbstractSet[str],
) -> list[Passage]:
    params = {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET}
    every = tx.all(_Went, _RUNS, params)
    ways = _Ways(every, tx.cursor(_STEPS, params).fetchall())
    runs = {one.subject_id: one for one in every if one.parent_id is None}
    asked = Asked(tx, rooms.catalog, EVERY_BUCKET, [one.id for one in every], closed)
    effects: dict[UUID, list[Effect]] = {}
    for one in (found for tryout in rooms.tryouts if tryout.effects is not None for found in tryout.effects(asked)):
        effects.setdefault(one.run_id, []).append(one)
    passages: list[Passage] = []
    subject = next(iter(plans.versions.values())).plan.settings.subject
    for home in who:
        run = runs.get(home.id)
        kin = [] if run is None else ways.kin(run.id)
        event = happened.get(home.id)
        place = None if run is None else plans.by_stretch[run.stretch].plan.place(run.stretch)[0]
        passages.append(
            Passage(
                home.customer_id,
                None if subject == CUSTOMER else subject,
                None if subject == CUSTOMER else home.id,
                run.id if run else None,
                judged.get(home.id),
                None if event is None else (event.type, event.occurred_at),
                run.status if run else None,
                run.arm if run else None,
                place,
                run.wake_at if run else None,
                ways.of(run.id) if run else [],
                sorted((effect for one in kin for effect in effects.get(one, ())), key=lambda one: one.at),
            )
        )
    return passages
