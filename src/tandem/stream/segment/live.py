"""Follow events: judge the touched customers by the segments that can have changed, in the turn that applied the events."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.kernel.turn import Turn
from tandem.stream.events import MAX_HOPS, UPDATED
from tandem.stream.projection import AppliedEvent, Touch
from tandem.stream.segment.announce import SEGMENT_EVENTS, announce, payload_of
from tandem.stream.segment.cause import BY_TIME, Cause, cause_of
from tandem.stream.segment.definitions import EVERYTHING, Watched, asked
from tandem.stream.segment.judge import AtOnce, Change, judge

Customers = set[tuple[int, UUID]]

MANY: Final = 20
"""Customers of a judgement from which on its changes are logged in the same statement: what hears them costs a few questions."""


@dataclass(frozen=True, slots=True)
class Causes:
    """The customers a batch touched, each with the last event that did, and by the types of event that they were touched by."""

    by_customer: Mapping[tuple[int, UUID], AppliedEvent]
    by_types: Mapping[frozenset[str], Customers]


def causes_of(events: Sequence[AppliedEvent], touches: Mapping[Touch, AppliedEvent]) -> Causes:
    """Who was touched by what; a customer's later event wins."""
    last: dict[tuple[int, UUID], AppliedEvent] = {}
    types: dict[tuple[int, UUID], frozenset[str]] = {}
    if touches:
        every = frozenset(event.type for event in events)
        for touch, event in touches.items():
            # Which of the projection's events changed her facts is not said: it may have been of any type.
            last[touch.bucket, touch.customer_id] = event
            types[touch.bucket, touch.customer_id] = every
    single = {name: frozenset((name,)) for name in {event.type for event in events}}
    for event in events:
        if event.customer_id is not None:
            customer = event.bucket, event.customer_id
            last[customer] = event
            if event.type == UPDATED and event.cause_id is not None:
                continue  # what caused it was applied, and she was judged by it, in the turn that wrote her fields
            seen = types.setdefault(customer, single[event.type])
            if event.type not in seen:
                types[customer] = seen | single[event.type]
    by_types: dict[frozenset[str], Customers] = {}
    for customer, found in types.items():
        by_types.setdefault(found, set()).add(customer)
    return Causes(last, by_types)


def follow(turn: Turn, segments: Callable[[], Sequence[Watched]], causes: Causes) -> None:
    """Judge each touched customer by the live segments that her events can change, and announce who entered or left."""
    if not causes.by_types:
        return
    watched = segments()
    spread(turn, watched, _affected(watched, causes.by_types), causes.by_customer)


def _affected(watched: Iterable[Watched], by_types: Mapping[frozenset[str], Customers]) -> dict[UUID, Customers]:
    """Whom each segment must judge. Segments that wait for the same customers share one set: nobody changes it afterwards."""
    kinds = list(by_types)
    shared: dict[tuple[int, ...], Customers] = {}
    pending: dict[UUID, Customers] = {}
    for one in watched:
        asked_by = EVERYTHING | one.meaning.event_types
        fitting = tuple(index for index, types in enumerate(kinds) if not asked_by.isdisjoint(types))
        if fitting:
            if fitting not in shared:
                shared[fitting] = set[tuple[int, UUID]]().union(*(by_types[kinds[index]] for index in fitting))
            pending[one.id] = shared[fitting]
    return pending


def spread(
    turn: Turn,
    watched: Sequence[Watched],
    pending: dict[UUID, Customers],
    causes: Mapping[tuple[int, UUID], AppliedEvent],
    otherwise: Cause = BY_TIME,
) -> int:
    """Judge level by level, so that a segment that asks another sees its new answer; returns the number of changes.

    A change of one segment makes those that ask it pending for the customers who changed.
    """
    makers = {one.tag: one.id for one in watched if one.tag}
    changed = 0
    for level in sorted({one.level for one in watched}):
        due = [one for one in watched if one.level == level and pending.get(one.id)]
        changes, moved = judge(turn, due, pending, _at_once(turn, watched, makers, due, pending, causes))
        if changes or moved:
            changed += len(changes) + sum(one.count for one in moved)
            announce(turn, due, changes, moved, causes, otherwise)
            _ripple(watched, makers, changes, pending)
    return changed


def _at_once(
    turn: Turn,
    watched: Sequence[Watched],
    makers: dict[str, UUID],
    due: Sequence[Watched],
    pending: Mapping[UUID, Customers],
    causes: Mapping[tuple[int, UUID], AppliedEvent],
) -> AtOnce | None:
    """The segments whose changes nothing hears, sets a tag by, asks for or fills, where so many are judged that it pays to ask."""
    customers = set[tuple[int, UUID]]().union(*{id(one): one for one in pending.values()}.values())
    if turn.hears is None or len(customers) < MANY or not customers <= causes.keys():
        return None
    heard = turn.hears()
    if heard is None or not SEGMENT_EVENTS.isdisjoint(heard):
        return None
    wanted = set[UUID]().union(*(asked(one, makers) for one in watched))
    payloads = {one.id: payload_of(one) for one in due if not one.tag and not one.filling and one.id not in wanted}
    found = {customer: cause_of(causes[customer]) for customer in customers}
    return AtOnce(payloads, found) if payloads and all(one.hops < MAX_HOPS for one in found.values()) else None


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
            pending[one.id] = pending.get(one.id, set()) | moved[other]
