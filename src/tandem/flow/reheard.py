"""Runs about a thing whose owner became known catch up with what happened in her bucket before they came there.

Between the record that names a walk-in order's buyer and the rehoming of what was said before, the order's events are applied in the
buyer's bucket, where no run of it stood: a start may have made a second run, and the first heard nothing
(docs/decisions/0182-a-rehomed-run-catches-up.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tandem.flow import leaving, react, rehomed
from tandem.flow.advance import push
from tandem.flow.graph import Reentry
from tandem.flow.ids import Ids, literal
from tandem.flow.plans import PlanShelf, TenantPlans
from tandem.flow.runs import INSIDE, Leaving, RunStatus
from tandem.flow.runtime import FlowSystem
from tandem.kernel.ids import bucket_of
from tandem.kernel.turn import Turn
from tandem.stream.identity import hooks
from tandem.stream.projection import LIVE, AppliedEvent, StreamSystem

_RUNS: Final = """
select r.id, r.bucket, r.flow_id, r.stretch, r.status, r.entered_at, coalesce((r.vars ->> 'event_at')::timestamptz, r.entered_at) as since
from flow_run as r
where r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.subject_id = %(subject)s and r.subject_type = %(type)s
  and r.parent_id is null
order by r.entered_at, r.id
"""
# What stands in the owner's bucket before the thing's own rows come was applied there, and nowhere else.
_EVENTS: Final = """
select bucket, event_id, type, customer_id, origin_id, occurred_at, received_at, lane, mode, payload, subject_type, subject_id,
       identifier_hash, cause_id, root_id, hops
from event
where bucket = %(bucket)s and tenant_id = %(tenant)s and owner_id = %(owner)s and occurred_at >= %(since)s
  and subject_type = %(type)s and subject_id = %(subject)s and mode = %(live)s
order by occurred_at, received_at, event_id
limit %(most)s
"""
#: A thing has few events in the moments of a rehoming; the first ones are heard of one that has more.
EVENTS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A run about the thing, as it stands before the rehoming."""

    id: UUID
    bucket: int
    flow_id: UUID
    stretch: int
    status: int
    entered_at: datetime
    since: datetime

    @property
    def inside(self) -> bool:
        return self.status in INSIDE

    @property
    def bars(self) -> bool:
        """Does it keep another from entering? The control group does, as entering asks it (`entry.reentry`)."""
        return self.inside or self.status == RunStatus.HOLDOUT


def seconds(runs: Sequence[Seen], rule: Reentry, source: int) -> list[Seen]:
    """Those of a flow's unfinished runs that would not have entered, had all stood in one bucket. `runs` in order of entering.

    What bucket `source` and the owner's each let in by themselves was judged there: only what both together forbid leaves.
    """
    gone: list[Seen] = []
    for place, one in enumerate(runs):
        older = [other for other in runs[:place] if other not in gone]
        beside = [other for other in older if (other.bucket == source) == (one.bucket == source)]
        if one.inside and _forbidden(rule, one, older) and not _forbidden(rule, one, beside):
            gone.append(one)
    return gone


def _forbidden(rule: Reentry, one: Seen, older: Sequence[Seen]) -> bool:
    """Does the rule keep a run out, beside these older ones? Pure twin of `entry.reentry`."""
    inside = not rule.concurrent and any(other.bars for other in older)
    match rule.rule:
        case "never":
            return bool(older)
        case "always" | "after_leaving":
            return inside
        case "after_days":
            recent = one.entered_at - timedelta(days=rule.days)
            return inside or any(other.entered_at > recent for other in older)
        case "at_most":
            return inside or len(older) >= rule.times


@contextmanager
def catch_up(turn: Turn, system: StreamSystem, moving: hooks.Rehomed) -> Generator[None]:
    """Look before the thing's rows move; then move what hangs on its runs, let second ones leave and the others hear what they missed."""
    there = _read(turn, moving)
    moved = [one for one in there if one.bucket == moving.source]
    apart = moving.source != bucket_of(moving.owner)
    missed = _missed(turn, moving, [one for one in moved if one.bars]) if apart else []
    yield
    rehomed.follow(turn, moving.subject_type, moving.subject_id, moving.source, moving.owner)
    met = apart and 0 < len(moved) < len(there)
    if isinstance(system, FlowSystem) and (met or missed):
        flows = sorted({one.flow_id for one in there})
        plans = PlanShelf(system.catalog, system.kinds).some(turn.tx, flows)
        gone = _leave(turn, plans, there, moving) if met else frozenset[UUID]()
        waiting = [one for one in moved if one.bars and one.id not in gone]
        _hear(turn, plans, _ids(0, waiting, bucket_of(moving.owner)), missed)


def _read(turn: Turn, moving: hooks.Rehomed) -> list[Seen]:
    return turn.tx.all(Seen, _RUNS, turn.params(subject=moving.subject_id, type=moving.subject_type))


def _missed(turn: Turn, moving: hooks.Rehomed, waiting: Sequence[Seen]) -> list[AppliedEvent]:
    """What was applied about the thing in its owner's bucket since the first of these runs began to listen."""
    if not waiting:
        return []
    params = turn.params(
        bucket=bucket_of(moving.owner),
        owner=moving.owner,
        since=min(one.since for one in waiting),
        type=moving.subject_type,
        subject=moving.subject_id,
        live=LIVE,
        most=EVENTS_MAX,
    )
    return [AppliedEvent(*row) for row in turn.tx.cursor(_EVENTS, params).fetchall()]


def _ids(stretch: int, runs: Sequence[Seen], bucket: int) -> Ids:
    return Ids(stretch, len(runs), literal([str(bucket)] * len(runs)), literal([str(one.id) for one in runs]))


def _leave(turn: Turn, plans: TenantPlans, there: Sequence[Seen], moving: hooks.Rehomed) -> frozenset[UUID]:
    """Let the younger of two runs leave that re-entry would not have let in beside the other; returns which left."""
    of_flow: defaultdict[UUID, list[Seen]] = defaultdict(list)
    for one in there:
        if one.stretch in plans.by_stretch:
            of_flow[one.flow_id].append(one)
    gone: set[UUID] = set()
    for runs in of_flow.values():
        rule = plans.by_stretch[runs[-1].stretch].plan.settings.reentry
        for one in seconds(runs, rule, moving.source):
            ids = _ids(one.stretch, [one], bucket_of(moving.owner))
            plan = plans.by_stretch[one.stretch].plan
            leaving.leave_where(turn, plan, one.stretch, ids.buckets, ids.runs, Leaving.SECOND)
            gone.add(one.id)
    return frozenset(gone)


def _hear(turn: Turn, plans: TenantPlans, runs: Ids, missed: Sequence[AppliedEvent]) -> None:
    """One event after the other; between two of them who was woken goes to where the next may find it."""
    if not runs.count or plans.catalog is None:
        return
    for event in missed:
        if react.hear(turn, plans, plans.catalog, event, runs):
            push(turn, plans, runs)


hooks.register_rehome("flow.reheard", catch_up)
