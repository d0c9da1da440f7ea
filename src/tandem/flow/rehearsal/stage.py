"""The engine on the scratch tables: events, reactions, due runs and the modules' steps of one moment, until nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.catalog import Catalog
from tandem.flow import react
from tandem.flow.advance import advance, drain
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.isolation import Isolation
from tandem.flow.module import TurnStep
from tandem.flow.plans import TenantPlans
from tandem.flow.rehearsal.parts import Tryout
from tandem.flow.runs import Lane
from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn
from tandem.stream.projection import LIVE, AppliedEvent

#: How often a moment is gone round before what is left waits for the next: a flow that sets itself off is not followed for ever.
ROUNDS_MAX: Final = 50
BATCH: Final = 20_000
_LANES: Final = (Lane.LIVE, Lane.NORMAL, Lane.BULK, Lane.SLOW)

_TAKE: Final = """
delete from inbox where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
returning bucket, event_id, type, customer_id, origin_id, occurred_at, payload, cause_id, root_id, hops
"""
_DUE: Final = """
select l.lane from unnest(%(lanes)s::smallint[]) as l(lane)
where exists (select from flow_due where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and lane = l.lane and wake_at <= %(now)s)
"""


@dataclass(slots=True)
class Stage:
    """What takes part in a rehearsal. `buckets`: those whose customers do; `caused` counts events that its own blocks told, by type."""

    plans: TenantPlans
    catalog: Catalog
    steps: Sequence[TurnStep]
    tryouts: Sequence[Tryout]
    buckets: list[int] = field(default_factory=lambda: list(EVERY_BUCKET))
    caused: dict[str, int] = field(default_factory=dict[str, int])
    real_until: datetime | None = None
    """Up to when what really happened has been put in: quiet moments are passed over."""

    def turn(self, tx: Tx, now: datetime) -> Turn:
        """A turn of this moment, whatever the clock says."""
        return Turn(replace(tx, now=now), self.buckets)

    def settle(
        self, turn: Turn, events: Sequence[AppliedEvent], guard: Isolation, *, past: datetime | None = None
    ) -> int:
        """Play events of the moment and move everything that is due; `past`: the moment before, where history is replayed.

        Returns how many runs moved or began.
        """
        if past is not None:
            if self.real_until is None:
                self.real_until = past
            due = self.next(turn) if not events else turn.now
            if due is None or due > turn.now:
                return 0
            for one in self.tryouts:
                if one.real is not None:
                    one.real(turn, self.real_until)
            self.real_until = turn.now
        moved = self._react(turn, events, guard)
        for number in range(ROUNDS_MAX):
            went = sum(self._advance(turn, lane, guard) for lane in self._due(turn))
            moved += went
            if number and not went:
                # Nothing has moved since steps and channels last had their turn: they have nothing new to do.
                break
            did = sum(step.run(turn, BATCH) for step in self.steps)
            did += sum(one.after(turn) for one in self.tryouts if one.after is not None) if went or did else 0
            told = self._told(turn) if went or did else []
            if told:
                moved += self._react(turn, told, guard)
            if not did and not told:
                break
        return moved

    def next(self, turn: Turn) -> datetime | None:
        """When something is due next: a run, or one of the steps' own rows."""
        wake = (
            "select min(wake_at) from flow_due where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])"
        )
        due = [wake, *(step.due_sql for step in self.steps)]
        found = turn.tx.cursor(f"select {', '.join(f'({one})::timestamptz' for one in due)}", turn.params()).fetchone()
        return min((one for one in found or () if one is not None), default=None)

    def _react(self, turn: Turn, events: Sequence[AppliedEvent], guard: Isolation) -> int:
        """As the runtime does: round by round, one event of a customer in each."""
        moved = 0
        for position, batch in enumerate(react.rounds(events, self.plans.listens())):
            if position:
                moved += drain(turn, self.plans, guard)
            done = react.react(turn, self.plans, self.catalog, batch, guard)
            moved += done.started + done.woken + done.left
        touched = {(one.bucket, one.customer_id) for one in events if one.customer_id is not None}
        if touched:
            moved += react.watch_touched(turn, self.plans, self.catalog, sorted(touched))
        return moved

    def _due(self, turn: Turn) -> list[Lane]:
        """The lanes in which anything is due: most moments have none, or one."""
        return [Lane(lane) for lane in turn.tx.values(_DUE, turn.params(lanes=[int(lane) for lane in _LANES]))]

    def _advance(self, turn: Turn, lane: Lane, guard: Isolation) -> int:
        moved = 0
        for _ in range(ROUNDS_MAX):
            done = advance(turn, self.plans, lane, BATCH, guard)
            moved += done.moved
            if not done.more:
                break
        return moved

    def _told(self, turn: Turn) -> list[AppliedEvent]:
        """Events that blocks have told since: they are played in the same moment."""
        rows: list[tuple[int, UUID, str, UUID | None, UUID | None, datetime, dict[str, object], UUID, UUID, int]]
        rows = turn.tx.cursor(_TAKE, turn.params(), prepare=True).fetchall()
        for row in rows:
            self.caused[row[2]] = self.caused.get(row[2], 0) + 1
        return [
            AppliedEvent(
                bucket=row[0],
                event_id=row[1],
                type=row[2],
                customer_id=row[3],
                origin_id=row[4],
                occurred_at=row[5],
                received_at=row[5],
                lane=int(Lane.LIVE),
                mode=LIVE,
                payload=row[6],
                cause_id=row[7],
                root_id=row[8],
                hops=row[9],
            )
            for row in rows
        ]


def taking_part(steps: Sequence[TurnStep], tryouts: Sequence[Tryout]) -> list[TurnStep]:
    """The turn steps that the domains want in a rehearsal."""
    wanted = {name for one in tryouts for name in one.steps}
    return [step for step in steps if step.name in wanted]
