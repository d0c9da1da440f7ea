"""Replay past events through a draft, step by step, on scratch tables that go with the session (ENGINE_RULES 13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.flow.graph import Graph
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.isolation import Isolation, is_poison
from tandem.flow.plans import Version
from tandem.flow.rehearsal import report
from tandem.flow.rehearsal.draft import plans_of
from tandem.flow.rehearsal.fields import asked as fields_asked
from tandem.flow.rehearsal.fields import past_fields
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.rehearsal.past import Past, Window, audience_texts, words_of
from tandem.flow.rehearsal.scratch import Scratch, as_of, guarded
from tandem.flow.rehearsal.sets import SETS, past_sets
from tandem.flow.rehearsal.stage import Stage, taking_part
from tandem.flow.rehearsal.things import Standing, copied
from tandem.flow.subjects import entity_of
from tandem.kernel.db import Connection, Database, Tx, begin, connect, identifier, trusted

#: The clock goes through the window in about so many steps, none shorter than an hour.
STEPS_AIMED: Final = 540
DAYS_MAX: Final = 366
_DAY: Final = timedelta(days=1)
#: After which steps the scratch tables are tended. Plans made while a table was empty are bad ones, and making them anew costs, too.
_TENDED: Final = frozenset({6, 40, 150, 300, 450})

Report = Callable[[int, int], None]
"""Told (steps done, steps in all); may raise to stop."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is replayed: a graph, over so many days, with the customers of `share` of the buckets (1 for all)."""

    flow_id: UUID
    graph: Graph
    numbers: Mapping[str, int]
    permissions: frozenset[str]
    days: int = 90
    share: float = 1.0


@dataclass(slots=True)
class _Play:
    connection: Connection
    tenant: UUID
    stage: Stage
    past: Past
    young: list[UUID]
    stride: timedelta
    tables: list[str]
    standing: Standing | None = None
    """The flow's things as of the clock; None for a flow about customers."""

    def run(self, told: Report) -> None:
        window = self.past.window
        total = max(1, -(-(window.until - window.since) // self.stride))
        self._step(window.since, None)
        at = window.since
        for number in range(1, total + 1):
            until = min(window.until, window.since + number * self.stride)
            self._step(until, at)
            at = until
            if number in _TENDED:
                self._tend()
            told(number, total)

    def _tend(self) -> None:
        """Statistics for the planner and room for what was rewritten: nobody else looks after temporary tables."""
        self.connection.autocommit = True
        for name in self.tables:
            self.connection.execute(trusted(f"vacuum (analyze, skip_database_stats) pg_temp.{identifier(name)}"))
        self.connection.autocommit = False

    def _step(self, now: datetime, after: datetime | None) -> None:
        """One step in a transaction of its own; with care when a run's data was at fault."""
        try:
            self._settle(now, after, Isolation(careful=False))
        except Exception as error:  # as in a turn: whatever a block may raise
            if not is_poison(error):
                raise
            self._settle(now, after, Isolation(careful=True))

    def _settle(self, now: datetime, after: datetime | None, guard: Isolation) -> None:
        members, real = dict(self.past.members), self.stage.real_until
        try:
            with self.connection.transaction():
                tx = begin(self.connection, tenant=self.tenant)
                guarded(self.connection)
                as_of(tx, now)
                turn = self.stage.turn(tx, now)
                if self.standing is not None and after is not None:
                    self.standing.step(turn, after)
                self.past.features(turn, after)
                self.past.enter(turn, after)
                events = [] if after is None else self.past.events(turn, after)
                for segment in self.young if after is None or self._new_day(after, now) else ():
                    events += self.past.crossings(turn, segment, first=after is None)
                self.stage.settle(turn, events, guard, past=after)
        except Exception:
            self.past.members, self.stage.real_until = members, real
            raise

    def _new_day(self, after: datetime, now: datetime) -> bool:
        since = self.past.window.since
        return (after - since) // _DAY != (now - since) // _DAY


def replay(db: Database, rooms: Rooms, tenant: UUID, asked: Question, told: Report) -> report.Found:
    """Play the last days through a draft. Raises InvalidInput for a draft that cannot run; whatever `told` raises passes through.

    All it writes are temporary tables of a connection of its own: nothing is left, however it ends.
    """
    with closing(connect(db.url("worker"))) as connection:
        _tune(connection)
        with connection.transaction():
            tx = begin(connection, tenant=tenant)
            play, version, read, tables = _prepared(connection, tx, rooms, asked)
        connection.execute("set enable_seqscan = off")
        connection.commit()
        play.run(told)
        connection.execute("set enable_seqscan = on")
        connection.execute("set plan_cache_mode = auto")
        # Nobody gathers statistics of temporary tables by himself; without them the sums below take minutes.
        for name in tables:
            connection.execute(trusted(f"analyze pg_temp.{identifier(name)}"))
        connection.commit()
        with connection.transaction():
            tx = begin(connection, tenant=tenant)
            return report.found(tx, rooms, version.plan, play.past, play.stage, read, play.stride)


def _prepared(connection: Connection, tx: Tx, rooms: Rooms, asked: Question) -> tuple[_Play, Version, int, list[str]]:
    plans, version = plans_of(tx, rooms, asked.flow_id, asked.graph, asked.numbers, asked.permissions)
    span = timedelta(days=asked.days)
    buckets = EVERY_BUCKET[: max(1, round(len(EVERY_BUCKET) * asked.share))]
    window = Window(tx.now - span, tx.now, buckets)
    texts = audience_texts(tx, version.plan)
    past = Past(rooms, plans, version.plan, window, words_of(asked.graph.stored(), texts))
    as_of(tx, window.since)
    catalog, subject = plans.catalog or rooms.catalog, version.plan.settings.subject
    entity = entity_of(catalog, subject)
    own = {} if entity is None else copied(catalog, entity)
    scratch = Scratch(
        tx,
        catalog,
        rooms.tryouts,
        version.fragments.values(),
        since=window.since,
        own=own,
        rewritten=version.plan.rewrites,
        subject=subject,
    )
    scratch.build(past=True, profile=past.reads_features)
    # What the flow's own blocks write stands in a scratch table, which begins as of today.
    past.sets = [one for one in SETS if one.function in past.words and one.table not in scratch.tables]
    past_sets(tx, past.sets, window.since, buckets=buckets)
    past.fields = fields_asked(past.words, scratch.tables)
    past_fields(tx, past.fields, window.since, buckets=buckets)
    standing = None if entity is None else Standing(entity, window.since, window.until, buckets)
    if standing is not None:
        standing.begin(tx)
    read = past.load(tx)
    young = [one for one, is_young in past.young_segments(tx).items() if is_young]
    past.unknown = past.mark(tx, young)
    _forget_told(tx, young)
    stage = Stage(plans, catalog, taking_part(rooms.steps, rooms.tryouts), rooms.tryouts, buckets)
    stride = max(timedelta(hours=1), timedelta(hours=-(-int(span.total_seconds()) // (STEPS_AIMED * 3600))))
    tables = sorted(scratch.tables)
    return _Play(connection, tx.tenant_id, stage, past, young, stride, tables, standing), version, read, tables


def _forget_told(tx: Tx, young: list[UUID]) -> None:
    """What is worked out anew must not come from the log as well."""
    params: dict[str, Any] = {"segments": [str(one) for one in young]}
    if young:
        tx.execute(
            "delete from past_event where type in ('segment.entered', 'segment.left') and payload ->> 'segment_id' = any(%(segments)s)",
            params,
        )


def _tune(connection: Connection) -> None:
    """A session for much work in few statements over tables that nobody else sees."""
    connection.execute("set application_name = 'tandem rehearsal'")
    connection.execute("set temp_buffers = '128MB'")
    connection.execute("set work_mem = '64MB'")
    connection.execute("set synchronous_commit = off")
    connection.execute("set plan_cache_mode = force_generic_plan")
    connection.commit()
