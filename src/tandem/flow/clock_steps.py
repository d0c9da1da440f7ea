"""Moving a demo's clock: through every due moment in order, never back, each step settled before the next (ENGINE_RULES 12).

Two kinds of moments lie ahead: events of the demo still to come, and timers (runs, segments, schedules, modules' due rows). A step goes

- to the next timer, after all events up to it have been played: a wait that an event ends before its time-out is ended by the event;
- or, while no timer is near, through a stretch of events of at most `stride`, so that ninety quiet days do not take an hour.

Timers less than a minute apart with no event between share a step. For one customer the order of events and timers is therefore the
true one; what a step does is done at its end, so a wait that begins inside a stretch begins up to `stride` late.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import structlog

from tandem.access.clock import TOPIC
from tandem.flow import lookout
from tandem.flow.module import DemoHook, Job
from tandem.flow.runs import Lane, Work
from tandem.flow.runtime import Engine, FlowSystem
from tandem.flow.worker import tune
from tandem.kernel.db import Connection, Database, begin, connect
from tandem.kernel.ids import BUCKETS, new_id
from tandem.kernel.jobs import JobRun
from tandem.kernel.partitions import make_partitions
from tandem.kernel.turn import in_buckets

log = structlog.get_logger("tandem.clock")

NEAR = timedelta(minutes=1)
STRIDE_MAX = timedelta(hours=1)
STEPS_AIMED = 500
#: A step that does not come to rest within this many turns is left to the ordinary workers, and said so.
TURNS_MAX = 2000
EVERY_BUCKET = tuple(range(BUCKETS))


class ClockSystem(FlowSystem, Protocol):
    """The assembled system as the stepper needs it."""

    @property
    def demo(self) -> Sequence[DemoHook]: ...

    @property
    def jobs(self) -> Sequence[Job]: ...


def next_step(
    now: datetime, target: datetime, timer: datetime | None, event: datetime | None, stride: timedelta
) -> datetime:
    """The moment the clock goes to next: pure, never before `now`, never past `target`."""
    ahead = [target]
    if event is not None and (timer is None or event <= timer):
        ahead.append(max(now, event) + stride)
        if timer is not None:
            ahead.append(max(now, timer))
    elif timer is not None:
        ahead.append(max(now, timer) + NEAR)
        if event is not None:
            ahead.append(max(now, timer, event - timedelta(microseconds=1)))
    return max(now, min(ahead))


@dataclass(slots=True)
class Stepper:
    """Moves one tenant's clock. Its turns take the bucket locks like a request, waiting, so that workers may go on beside it."""

    system: ClockSystem
    db: Database
    tenant: UUID
    connection: Connection
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(self.system, new_id(), lock=in_buckets)

    def move(self, target: datetime, report: Callable[[datetime], None]) -> int:
        """Step to `target`; `report` is called with the business time after each step and may raise to stop. Returns the steps taken."""
        with self.connection.transaction():
            make_partitions(self.connection, target.date())
        self.settle()
        began = self.now()
        stride = min(STRIDE_MAX, max(NEAR, (target - began) / STEPS_AIMED))
        steps = 0
        while (now := self.now()) < target:
            moment = next_step(now, target, self._next_timer(), self._next_event(), stride)
            self._set(moment)
            for hook in self.system.demo:
                self._play(hook, moment)
            self.settle()
            steps += 1
            report(moment)
        return steps

    def settle(self) -> None:
        """Run turns, steps and the modules' jobs until nothing is due at the present moment."""
        left = TURNS_MAX
        busy = True
        while busy and left > 0:
            busy = False
            stuck = False
            while left > 0 and not stuck and (ready := self._ready()):
                for lane, buckets, work in ready:
                    worked = self.engine.turn(self.connection, self.tenant, buckets, lane, work)
                    busy |= worked.anything
                    # Somebody's rows are being moved: the job that moves them is asked, not the inbox again.
                    stuck |= worked.waits
                    left -= 1
            busy |= stuck
            worked = self.engine.steps(self.connection, self.tenant, EVERY_BUCKET, live_only=False)
            left -= 1
            busy |= worked.anything
            if busy:
                # What modules do outside turns (lending quota, sending) belongs to the moment too.
                for job in self.system.jobs:
                    if job.during_clock:
                        job.run(self.db)
        if left <= 0:
            log.warning("clock_step_unsettled", tenant=str(self.tenant), turns=TURNS_MAX)

    def now(self) -> datetime:
        """The tenant's business time."""
        with self.connection.transaction():
            return begin(self.connection, tenant=self.tenant).now

    def _ready(self) -> list[tuple[Lane, list[int], Work]]:
        found = lookout.look(self.connection, EVERY_BUCKET)
        return [
            (Lane(one.lane), one.buckets, Work(one.work))
            for one in sorted(found, key=lambda one: one.lane)
            if one.tenant_id == self.tenant and one.buckets
        ]

    def _next_timer(self) -> datetime | None:
        with self.connection.transaction():
            tx = begin(self.connection, tenant=self.tenant)
            wake: datetime | None = tx.value(
                "select min(f.wake_at) from unnest(%(buckets)s::smallint[]) b(bucket) cross join unnest(array[0, 1, 2, 3]) l(lane)"
                " cross join lateral (select d.wake_at from flow_due d where d.bucket = b.bucket and d.tenant_id = %(tenant)s"
                " and d.lane = l.lane and d.wake_at > %(now)s order by d.wake_at limit 1) f",
                {"tenant": self.tenant, "buckets": list(EVERY_BUCKET), "now": tx.now},
            )
            steps = lookout.step_moments(tx, EVERY_BUCKET, self.system.steps)
            # What is due already and did not go away waits for something else (a lot of quota, a person): no reason to stop here.
            return min((one for one in (wake, *steps) if one is not None and one > tx.now), default=None)

    def _next_event(self) -> datetime | None:
        with self.connection.transaction():
            tx = begin(self.connection, tenant=self.tenant)
            moments = [hook.next_at(tx) for hook in self.system.demo]
            return min((one for one in moments if one is not None and one > tx.now), default=None)

    def _set(self, moment: datetime) -> None:
        """Put the clock at a moment ahead; real time goes on from there. It never goes back."""
        with self.connection.transaction():
            tx = begin(self.connection, tenant=self.tenant)
            tx.execute(
                "update tenant set clock_offset = greatest(clock_offset, %(moment)s - now()) where id = %(tenant)s and demo",
                {"moment": moment, "tenant": self.tenant},
            )

    def _play(self, hook: DemoHook, until: datetime) -> None:
        while True:
            with self.connection.transaction():
                played = hook.play(begin(self.connection, tenant=self.tenant), until)
            if not played:
                return


def handler(system: Callable[[], ClockSystem]) -> Callable[[JobRun], Mapping[str, Any]]:
    """The job `clock.move`: payload {"from", "to"} (ISO 8601). A successor goes on from wherever the clock stands."""

    def run(job: JobRun) -> Mapping[str, Any]:
        job.topic = TOPIC
        start, target = (datetime.fromisoformat(job.payload[name]) for name in ("from", "to"))
        whole = int((target - start).total_seconds())

        def report(now: datetime) -> None:
            with job.tx() as tx:
                job.report(tx, max(0, int((now - start).total_seconds())), total=whole)

        connection = connect(job.db.url("worker"))
        try:
            tune(connection)
            report(start)
            steps = Stepper(system(), job.db, job.tenant_id, connection).move(target, report)
        finally:
            connection.close()
        return {"steps": steps, "at": target.astimezone(UTC).isoformat()}

    return run
