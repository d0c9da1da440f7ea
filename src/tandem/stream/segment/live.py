"""Follow events: judge the touched customers by the segments that can have changed, in the turn that applied the events."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from tandem.kernel.turn import Turn
from tandem.stream.events import UPDATED
from tandem.stream.projection import AppliedEvent, StreamSystem, Touch
from tandem.stream.segment.announce import announce
from tandem.stream.segment.cause import BY_TIME, Cause, cause_of
from tandem.stream.segment.definitions import EVERYTHING, Watched, asked, definitions
from tandem.stream.segment.judge import Change, judge

Customers = set[tuple[int, UUID]]


@dataclass(frozen=True, slots=True)
class Causes:
    """The customers a batch touched, each with the last event that did, and by the types of event that they were touched by."""

    by_customer: Mapping[tuple[int, UUID], Cause]
    by_types: Mapping[frozenset[str], Customers]


def causes_of(events: Sequence[AppliedEvent], touches: Mapping[Touch, AppliedEvent]) -> Causes:
    """Who was touched by what; a customer's later event wins."""
    causes: dict[tuple[int, UUID], Cause] = {}
    types: dict[tuple[int, UUID], set[str]] = {}
    every = {event.type for event in events}
    for touch, event in touches.items():
        # Which of the projection's events changed her facts is not said: it may have been of any type.
        causes[touch.bucket, touch.customer_id] = cause_of(event)
        types[touch.bucket, touch.customer_id] = every
    for event in events:
        if event.customer_id is not None:
            causes[event.bucket, event.customer_id] = cause_of(event)
            if event.type == UPDATED and event.cause_id is not None:
                continue  # what caused it was applied, and she was judged by it, in the turn that wrote her fields
            types.setdefault((event.bucket, event.customer_id), set()).add(event.type)
    by_types: dict[frozenset[str], Customers] = {}
    for customer, seen in types.items():
        by_types.setdefault(frozenset(seen), set()).add(customer)
    return Causes(causes, by_types)


def follow(turn: Turn, system: StreamSystem, causes: Causes) -> None:
    """Judge each touched customer by the live segments that her events can change, and announce who entered or left."""
    if not causes.by_customer:
        return
    watched = definitions.watched(turn, system.catalog)
    spread(turn, watched, _affected(watched, causes.by_types), causes.by_customer)


def _affected(watched: Iterable[Watched], by_types: Mapping[frozenset[str], Customers]) -> dict[UUID, Customers]:
    pending: dict[UUID, Customers] = {}
    for one in watched:
        asked_by = EVERYTHING | one.meaning.event_types
        groups = [customers for types, customers in by_types.items() if not asked_by.isdisjoint(types)]
        if groups:
            pending[one.id] = set[tuple[int, UUID]]().union(*groups)
    return pending


def spread(
    turn: Turn,
    watched: Sequence[Watched],
    pending: dict[UUID, Customers],
    causes: Mapping[tuple[int, UUID], Cause],
    otherwise: Cause = BY_TIME,
) -> int:
    """Judge level by level, so that a segment that asks another sees its new answer; returns the number of changes.

    A change of one segment makes those that ask it pending for the customers who changed.
    """
    makers = {one.tag: one.id for one in watched if one.tag}
    changed = 0
    for level in sorted({one.level for one in watched}):
        due = [one for one in watched if one.level == level and pending.get(one.id)]
        for group, customers in _grouped(due, pending):
            changes = judge(turn, group, customers)
            changed += len(changes)
            announce(turn, group, changes, causes, otherwise)
            _ripple(watched, makers, changes, pending)
    return changed


def _grouped(due: Iterable[Watched], pending: Mapping[UUID, Customers]) -> list[tuple[list[Watched], Customers]]:
    """Segments that wait for the same customers are judged in one statement."""
    groups: dict[frozenset[tuple[int, UUID]], list[Watched]] = {}
    for one in due:
        groups.setdefault(frozenset(pending[one.id]), []).append(one)
    return [(group, set(customers)) for customers, group in groups.items()]


def _ripple(
    watched: Iterable[Watched],
    makers: dict[str, UUID],
    changes: Collection[Change],
    pending: dict[UUID, Customers],
) -> None:
    moved: dict[UUID, Customers] = {}
    for change in changes:
        moved.setdefault(change.segment_id, set()).add((change.bucket, change.customer_id))
    for one in watched:
        for other in asked(one, makers) & moved.keys():
            pending.setdefault(one.id, set()).update(moved[other])
