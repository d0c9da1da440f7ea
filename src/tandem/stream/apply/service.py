"""Apply a batch: log, projections, facts, tags, segments, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Final
from uuid import UUID

from tandem.kernel.turn import Turn
from tandem.stream.apply import store
from tandem.stream.apply.hearing import hearing
from tandem.stream.apply.isolation import FAILURES_MAX, Work, settle
from tandem.stream.profile import facts
from tandem.stream.projection import BACKFILL, LIVE, Applied, AppliedEvent, StreamSystem, Touch
from tandem.stream.segment import live
from tandem.stream.segment.definitions import Watched, definitions
from tandem.stream.webhooks.outbox import file_deliveries

BULK: Final = 2


def apply(
    turn: Turn, system: StreamSystem, limit: int = 1000, lane: int = LIVE, listens: frozenset[str] | None = None
) -> Applied:
    """Apply at most ``limit`` events of the turn's buckets and ``lane``, and all that follows for the customers they touch.

    Events of history go first and by themselves, so that what they change is known to be their doing and starts nothing. The bulk
    lane also serves the slow one. Nothing is committed here. A failing event is put aside with its reason and the rest goes on.
    ``listens`` are the types of events that flows react to, where the caller knows: what follows from this turn and nothing hears is
    logged at once, not filed for a later turn.
    """
    applied = Applied([], set(), [])
    watched = cache(lambda: definitions.watched(turn, system.catalog))
    if listens is not None:
        turn = replace(turn, hears=hearing(turn, system, watched, listens))
    work = partial(_work, turn, system, watched)
    taken = store.take(turn, lane, limit)
    turn.heard.update((event.event_id, event.heard_at or event.received_at) for event in taken)
    if lane == BULK:
        _one_by_one(turn, work, applied)
    for mode in (BACKFILL, LIVE):
        part = [event for event in taken if event.mode == mode]
        done, rest = settle(turn, part, work, applied.failures)
        applied.events += done
        applied.returned += len(rest)
        store.give_back(turn, rest)
    store.put_aside(turn, applied.failures)
    applied.touched = _customers(applied.events)
    return applied


def _one_by_one(turn: Turn, work: Work, applied: Applied) -> None:
    """Serve the slow lane: a few events, each a batch of its own, so that a failure costs no bisection."""
    for event in store.take(turn, store.SLOW_LANE, FAILURES_MAX):
        done, rest = settle(turn, [event], work, applied.failures)
        applied.events += done
        store.give_back(turn, rest)


def _work(
    turn: Turn, system: StreamSystem, watched: Callable[[], Sequence[Watched]], events: Sequence[AppliedEvent]
) -> None:
    touches = _project(turn, system, events)
    facts.recompute(turn, system, events, touches)
    live.follow(turn, watched, live.causes_of(events, touches))
    file_deliveries(turn, system.catalog, events)


def _project(turn: Turn, system: StreamSystem, events: Sequence[AppliedEvent]) -> dict[Touch, AppliedEvent]:
    """Run the projections; return what they touched beside the events' own customers and days, each with an event that caused it."""
    touches: dict[Touch, AppliedEvent] = {}
    present = {event.type for event in events}
    for projection in system.projections:
        if not present.isdisjoint(projection.types) and (projection.wanted is None or projection.wanted(turn)):
            part = [event for event in events if event.type in projection.types]
            for touch in projection.apply(turn, part) or ():
                touches.setdefault(touch, part[-1])
    return touches


def _customers(events: Sequence[AppliedEvent]) -> set[tuple[int, UUID]]:
    """The customers of these events, with their buckets."""
    return {(event.bucket, event.customer_id) for event in events if event.customer_id is not None}
