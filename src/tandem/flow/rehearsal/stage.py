"""The engine on the scratch tables: events, reactions, due runs and the modules' steps of one moment, until nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
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
from tandem.flow.rehearsal.draft import FIRST_STRETCH
from tandem.flow.rehearsal.parts import Tryout
from tandem.flow.runs import Lane
from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn
from tandem.stream.projection import LIVE, AppliedEvent

#: How often a moment is gone round before what is left waits for the next: a flow that sets itself off is not followed for ever.
ROUNDS_MAX: Final = 50
BATCH: Final = 20_000

_TAKE: Final = """
delete from inbox where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
returning bucket, event_id, type, customer_id, origin_id, occurred_at, payload, cause_id, root_id, hops, subject_type, subject_id
"""
# A run that a block began in another flow stands still: only what the draft moves is due.
_DUE: Final = f"""
select lane, array_agg(distinct bucket) from flow_due where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])
  and wake_at <= %(now)s and stretch >= {FIRST_STRETCH} group by lane order by lane
"""
_NEXT: Final = (
    "select min(wake_at) from flow_due where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])"
    f" and stretch >= {FIRST_STRETCH}"
)


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
            if not events and not self._is_due(turn):
                return 0
            for one in self.tryouts:
                if one.real is not None:
                    one.real(turn, self.real_until)
            self.real_until = turn.now
            turn = self._narrowed(turn, events)
        moved = self._react(turn, events, guard)
        for number in range(ROUNDS_MAX):
            turn, lanes = self._due(turn)
            went = sum(self._advance(turn, lane, guard) for lane in lanes)
            moved += went
            due = self._steps_due(turn)
            if number and not went and not due:
                break
            did = sum(step.run(turn, BATCH) for step in due)
            did += sum(one.after(turn) for one in self.tryouts if one.after is not None) if went or due else 0
            told = self._told(turn) if went or did else []
            if told:
                turn = self._with(turn, {one.bucket for one in told})
                moved += self._react(turn, told, guard)
            if not did and not told:
                break
        return moved

    def next(self, turn: Turn) -> datetime | None:
        """When something is due next: a run, or one of the steps' own rows."""
        return min((one for one in self._dues(turn) if one is not None), default=None)

    def _dues(self, turn: Turn) -> Sequence[datetime | None]:
        """When a run is due next, then each of the steps."""
        due = [_NEXT, *(step.due_sql for step in self.steps)]
        asked = f"select {', '.join(f'({one})::timestamptz' for one in due)}"
        return turn.tx.cursor(asked, turn.params(), prepare=True).fetchone() or ()

    def _is_due(self, turn: Turn) -> bool:
        due = self.next(turn)
        return due is not None and due <= turn.now

    def _steps_due(self, turn: Turn) -> list[TurnStep]:
        """The steps that have anything to do now."""
        if not self.steps:
            return []
        return [
            step
            for step, due in zip(self.steps, self._dues(turn)[1:], strict=True)
            if due is not None and due <= turn.now
        ]

    def _narrowed(self, turn: Turn, events: Sequence[AppliedEvent]) -> Turn:
        """The same turn over the buckets in which anything happens: a statement looks into each bucket it is given."""
        return turn if self._steps_due(turn) else Turn(turn.tx, sorted({one.bucket for one in events}))

    def _with(self, turn: Turn, buckets: AbstractSet[int]) -> Turn:
        return turn if buckets <= set(turn.buckets) else Turn(turn.tx, sorted(buckets | set(turn.buckets)))

    def _react(self, turn: Turn, events: Sequence[AppliedEvent], guard: Isolation) -> int:
        """As the runtime does: round by round, one event of a customer in each."""
        moved = 0
        for position, batch in enumerate(react.rounds(events, self.plans.listens())):
            if position:
                moved += drain(turn, self.plans, guard)
            done = react.react(turn, self.plans, self.catalog, batch, guard)
            moved += done.started + done.woken + done.left
        touched = {(one.bucket, one.customer_id) for one in events if one.customer_id is not None}
        if events:
            moved += react.watch_touched(turn, self.plans, self.catalog, sorted(touched), events, guard)
        return moved

    def _due(self, turn: Turn) -> tuple[Turn, list[Lane]]:
        """The lanes in which anything is due, most moments none or one, and the turn with the buckets where it is."""
        rows = turn.tx.cursor(_DUE, turn.params(buckets=self.buckets), prepare=True).fetchall()
        return self._with(turn, {bucket for _, found in rows for bucket in found}), [Lane(lane) for lane, _ in rows]

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
        rows: list[
            tuple[
                int,
                UUID,
                str,
                UUID | None,
                UUID | None,
                datetime,
                dict[str, object],
                UUID,
                UUID,
                int,
                str | None,
                UUID | None,
            ]
        ]
        rows = turn.tx.cursor(_TAKE, turn.params(buckets=self.buckets), prepare=True).fetchall()
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
                subject_type=row[10],
                subject_id=row[11],
            )
            for row in rows
        ]


def taking_part(steps: Sequence[TurnStep], tryouts: Sequence[Tryout]) -> list[TurnStep]:
    """The turn steps that the domains want in a rehearsal."""
    wanted = {name for one in tryouts for name in one.steps}
    return [step for step in steps if step.name in wanted]
