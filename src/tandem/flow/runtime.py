"""A turn: one transaction of one tenant over locked buckets. Events are applied, flows react, due runs move, modules do their due work.

A turn has one purpose, so that it stays short: `live` and `normal` and `bulk` serve a lane, `steps` serves the modules' own due work.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, runtime_checkable
from uuid import UUID

from tandem.catalog import Catalog
from tandem.flow import fanout, react, schedule
from tandem.flow.advance import Advanced, advance, drain
from tandem.flow.delays import DELAYS, Delays
from tandem.flow.isolation import Isolation, is_poison
from tandem.flow.marks import Marks
from tandem.flow.module import KindRegistry, TurnStep
from tandem.flow.plans import PlanShelf, TenantPlans
from tandem.flow.runs import ALL_WORK, Lane, Work
from tandem.kernel.db import Connection, begin
from tandem.kernel.turn import Turn, begin_leased
from tandem.stream.apply.service import apply
from tandem.stream.apply.store import anybody_held
from tandem.stream.projection import Applied, Facts, Projection
from tandem.stream.steps import STEPS as STREAM_STEPS

#: A turn aims at this much work; the size of its batches follows from how long the last ones took (ENGINE_RULES 5).
TURN_SECONDS = 0.025
#: While live work keeps coming, a turn of another lane aims at less: what comes next waits for at most one such turn.
BRISK_SECONDS = 0.010
#: Live work that came so short a time ago is expected to come again.
BRISK_FOR_SECONDS = 1.0
#: Of what takes a millisecond each there are so many behind which an event waits no longer than behind a turn's beginning and end.
BATCH_BRISK_MIN = 16
BATCH_MIN = 400
BATCH_MAX = 4000
BATCH_FIRST = 400
#: Slow work comes in smaller pieces, for what is live waits behind one: of what takes a millisecond each there are not 400 to a turn.
LONG_SECONDS = 0.1
BATCH_HEAVY_MIN = 100
SLOW_RUNS = 8
#: The best speed of late fades by time, not by turns: of these a busy machine makes more, and each of them would be smaller.
RATE_HALVES_SECONDS = 15.0


Lock = Callable[[Connection, Sequence[int]], list[int]]


@runtime_checkable
class FlowSystem(Protocol):
    """The part of the assembled system that the engines need."""

    @property
    def catalog(self) -> Catalog: ...

    @property
    def projections(self) -> Sequence[Projection]: ...

    @property
    def facts(self) -> Sequence[Facts]: ...

    @property
    def kinds(self) -> KindRegistry: ...

    @property
    def steps(self) -> Sequence[TurnStep]: ...


@dataclass(slots=True)
class Worked:
    """What a turn did. `more`: work of the same kind is left; `locked`: buckets that were free to lock."""

    locked: int = 0
    events: int = 0
    started: int = 0
    woken: int = 0
    moved: int = 0
    failed: int = 0
    handled: int = 0
    more: bool = False
    waits: bool = False
    """Nothing was applied, and what is filed may wait for a customer whose rows are being moved."""
    seconds: float = 0.0

    @property
    def anything(self) -> bool:
        """Did the turn change anything?"""
        return bool(self.events or self.moved or self.failed or self.handled or self.started)


@dataclass(slots=True)
class BatchSize:
    """How much a turn takes, so that it is about `TURN_SECONDS` of work.

    It follows the best recent speed, not the last one: on a busy machine a turn is slow because others run, and smaller turns would only
    spend more of it on beginning and ending.
    """

    size: int = BATCH_FIRST
    rate: float = 0.0
    at: float = 0.0

    @property
    def brisk(self) -> int:
        """The size for a turn that somebody may wait behind; of heavy work that is far less than the size's share of the time."""
        ideal = self.rate * BRISK_SECONDS if self.rate else self.size * BRISK_SECONDS / TURN_SECONDS
        return max(BATCH_BRISK_MIN, int(min(self.size, ideal)))

    def learn(self, done: int, seconds: float, now: float = 0.0, *, asked: int | None = None) -> None:
        """Adapt after a turn that handled `done` in `seconds` and ended `now`; by at most a factor of two at a time.

        `asked`: how much it was to take, where the seconds are those of the work alone, so that a brisk turn says something, too.
        """
        # A turn that found little to do says nothing about speed: most of its time went into beginning and ending. Nor does a brisk one.
        if done < (asked or self.size) * 3 // 4 or seconds <= 0:
            return
        self.rate = max(self.rate * 0.5 ** ((now - self.at) / RATE_HALVES_SECONDS), done / seconds)
        self.at = now
        ideal = self.rate * TURN_SECONDS
        least = min(BATCH_MIN, max(BATCH_HEAVY_MIN, self.rate * LONG_SECONDS))
        self.size = int(min(BATCH_MAX, max(least, min(self.size * 2, ideal))))


@dataclass(slots=True)
class Engine:
    """The engines of one worker process: plans, batch sizes, and the turns they run on a connection."""

    system: FlowSystem
    worker: UUID
    lock: Lock | None = None
    """How a turn gets its buckets: those the worker leases and nobody holds, unless something else is given."""
    moved: set[tuple[UUID, UUID]] = field(default_factory=set[tuple[UUID, UUID]])
    """(tenant, flow) whose runs have moved since somebody last took them from here: what browsers are told."""
    asking: set[UUID] = field(default_factory=set[UUID])
    """Tenants where runs have moved in a flow that gives people tasks: there may be new ones."""
    shelf: PlanShelf = field(init=False)
    sizes: dict[Lane, BatchSize] = field(init=False)
    paces: dict[str, BatchSize] = field(default_factory=dict[str, BatchSize])
    """How much each of the modules' steps takes at a time, by name."""
    marks: Marks = field(default_factory=Marks)
    delays: Delays = field(default_factory=lambda: DELAYS)
    clock: Callable[[], float] = time.perf_counter
    _live_at: float = -math.inf

    def __post_init__(self) -> None:
        self.shelf = PlanShelf(self.system.catalog, self.system.kinds)
        self.sizes = {lane: BatchSize() for lane in Lane}

    def turn(
        self, connection: Connection, tenant: UUID, buckets: Sequence[int], lane: Lane, work: Work = ALL_WORK
    ) -> Worked:
        """One turn of a lane, committed. Nothing is done where the buckets are held by others.

        It is tried without savepoints first, since runs hardly ever fail; a turn in which one did is run again with them.
        """
        try:
            return self._turn(connection, tenant, buckets, lane, work, careful=False)
        except Exception as error:
            # Any kind of block may fail in any way; what is not a run's fault goes on to the worker's edge.
            self.marks.forget(tenant)
            if not is_poison(error):
                raise
            return self._turn(connection, tenant, buckets, lane, work, careful=True)

    def _turn(
        self, connection: Connection, tenant: UUID, buckets: Sequence[int], lane: Lane, work: Work, *, careful: bool
    ) -> Worked:
        began = self.clock()
        worked = Worked()
        with connection.transaction():
            turn = self._locked(connection, tenant, buckets, worked)
            if turn is not None:
                self.serve(turn, lane, worked, work, Isolation(careful=careful))
            # How long the commit takes says nothing about how much a turn should take on.
            worked.seconds = self.clock() - began
        if turn is not None:
            self.delays.committed(turn)
        if lane is Lane.LIVE and worked.anything:
            self._live_at = self.clock()
        self.sizes[lane].learn(max(worked.events, worked.moved, worked.handled), worked.seconds, self.clock())
        return worked

    def serve(
        self, turn: Turn, lane: Lane, worked: Worked, work: Work = ALL_WORK, isolation: Isolation | None = None
    ) -> None:
        """The work of a lane inside an open turn: events and reactions, due runs, slices of fan-outs."""
        plans = self.shelf.of(turn.tx)
        guard = isolation or Isolation()
        size = SLOW_RUNS if lane is Lane.SLOW else self.size(lane)
        if work & Work.EVENTS and lane is not Lane.SLOW:
            self._events(turn, plans, lane, size, worked, guard)
        self._count(worked, plans, turn.tenant_id, advance(turn, plans, lane, size, guard, self.marks))
        if work & Work.SLICES and lane is Lane.BULK and not worked.more:
            handled = fanout.slices(turn, plans, size)
            worked.handled += handled
            worked.more |= handled > 0
        worked.failed = guard.failed

    def size(self, lane: Lane) -> int:
        """How much a turn of this lane takes now: less where live work has come just now and may have to wait behind it."""
        return self.sizes[lane].size if lane is Lane.LIVE else self._taken(self.sizes[lane])

    def _taken(self, known: BatchSize) -> int:
        return known.brisk if self.clock() - self._live_at < BRISK_FOR_SECONDS else known.size

    def _events(self, turn: Turn, plans: TenantPlans, lane: Lane, size: int, worked: Worked, guard: Isolation) -> None:
        # Runs that an earlier turn started or woke must stand where this turn's events find them.
        worked.moved += drain(turn, plans, guard)
        applied = apply(turn, self.system, size, int(lane), plans.listens())
        worked.events += len(applied.events)
        worked.more |= len(applied.events) >= size
        worked.waits = not applied.events and anybody_held(turn)
        self._react(turn, plans, applied, lane, worked, guard)

    def steps(
        self,
        connection: Connection,
        tenant: UUID,
        buckets: Sequence[int],
        *,
        live_only: bool,
        only: frozenset[str] | None = None,
    ) -> Worked:
        """One turn of the modules' own due work, committed; `only`: of the steps of these names."""
        began = time.perf_counter()
        worked = Worked()
        with connection.transaction():
            turn = self._locked(connection, tenant, buckets, worked)
            if turn is not None:
                self.serve_steps(turn, worked, live_only=live_only, only=only)
        if turn is not None:
            self.delays.committed(turn)
        worked.seconds = time.perf_counter() - began
        return worked

    def serve_steps(self, turn: Turn, worked: Worked, *, live_only: bool, only: frozenset[str] | None = None) -> None:
        """The modules' due work inside an open turn."""
        left_out = {step.name for step in (*STREAM_STEPS, *self.system.steps) if live_only and not step.live}
        if only is None or schedule.STEP in only:
            worked.handled += schedule.fire(turn.tx, self.system.kinds)
        for step in STREAM_STEPS:
            if step.name not in left_out and (only is None or step.name in only):
                self._step(step.name, worked, partial(step.run, turn, self.system))
        for step in self.system.steps:
            if step.name not in left_out and (only is None or step.name in only):
                self._step(step.name, worked, partial(step.run, turn))

    def _step(self, name: str, worked: Worked, run: Callable[[int], int]) -> None:
        """One step, of as much as its own speed allows: judging a customer by a new segment takes longer than moving a run."""
        pace = self.paces.setdefault(name, BatchSize())
        size, began = self._taken(pace), self.clock()
        handled = run(size)
        pace.learn(handled, self.clock() - began, self.clock(), asked=size)
        worked.handled += handled
        worked.more |= handled >= size

    def _locked(self, connection: Connection, tenant: UUID, buckets: Sequence[int], worked: Worked) -> Turn | None:
        if self.lock:
            held = self.lock(connection, buckets)
            tx = begin(connection, tenant=tenant) if held else None
        else:
            held, tx = begin_leased(connection, tenant, self.worker, buckets)
        worked.locked = len(held)
        return None if tx is None else Turn(tx, held)

    def _react(
        self, turn: Turn, plans: TenantPlans, applied: Applied, lane: Lane, worked: Worked, guard: Isolation
    ) -> None:
        """Round by round, so that a batch does what its events would have done one by one."""
        catalog = plans.catalog or self.system.catalog
        for position, events in enumerate(react.rounds(applied.events, plans.listens())):
            if position:
                worked.moved += drain(turn, plans, guard)
            done = react.react(turn, plans, catalog, events, guard)
            worked.started += done.started
            worked.woken += done.woken
        if applied.events:
            react.watch_touched(turn, plans, catalog, sorted(applied.touched), applied.events, guard)
        if lane is not Lane.LIVE and (worked.started or worked.woken):
            advanced = advance(turn, plans, Lane.LIVE, self.sizes[Lane.LIVE].size, guard)
            self._count(worked, plans, turn.tenant_id, advanced)

    def _count(self, worked: Worked, plans: TenantPlans, tenant: UUID, advanced: Advanced) -> None:
        worked.moved += advanced.moved
        worked.more |= advanced.more
        versions = (plans.by_stretch.get(stretch) for stretch in advanced.stretches)
        at_work = [version for version in versions if version is not None]
        self.moved.update((tenant, version.plan.flow_id) for version in at_work)
        self.asking.update(tenant for version in at_work if version.plan.asks_people)
