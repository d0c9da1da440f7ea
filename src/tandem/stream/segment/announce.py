"""Make changes of membership known: as events in the customers' inboxes, and as tags where a segment is a computed tag's engine."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from tandem.kernel.turn import Turn
from tandem.stream import inbox
from tandem.stream.events import NewEvent
from tandem.stream.projection import BACKFILL, AppliedEvent
from tandem.stream.segment import trend
from tandem.stream.segment.cause import Cause, cause_of
from tandem.stream.segment.definitions import Watched
from tandem.stream.segment.judge import Change, Moved
from tandem.stream.tags import store as tags

SEGMENT_EVENTS: Final = frozenset({"segment.entered", "segment.left"})


def announce(
    turn: Turn,
    watched: Iterable[Watched],
    changes: Sequence[Change],
    moved: Sequence[Moved],
    causes: Mapping[tuple[int, UUID], AppliedEvent],
    otherwise: Cause,
) -> None:
    """File an event for each change, with what caused it; set or take the tag of a computed tag's segment. ``moved`` is logged already.

    While a segment is still being filled, who enters or leaves it starts nothing: she may have belonged there all along.
    """
    by_id = {one.id: one for one in watched}
    events: list[NewEvent] = []
    payloads = {one.id: payload_of(one) for one in by_id.values()}
    for change in changes:
        one = by_id[change.segment_id]
        event = causes.get((change.bucket, change.customer_id))
        cause = otherwise if event is None else cause_of(event)
        events.append(_event(turn, one, change, cause, payloads[change.segment_id]))
    _retag(turn, by_id, changes)
    trend.count(turn, by_id, changes, moved)
    inbox.follow_up(turn, events)


def payload_of(one: Watched) -> dict[str, str]:
    """What an event says of the segment that somebody entered or left."""
    return {"tag": one.tag, "source": "computed"} if one.tag else {"segment_id": str(one.id), "segment": one.name}


def _event(turn: Turn, one: Watched, change: Change, cause: Cause, payload: dict[str, str]) -> NewEvent:
    if one.tag:
        name = "tag.added" if change.entered else "tag.removed"
    else:
        name = "segment.entered" if change.entered else "segment.left"
    return NewEvent(
        type=name,
        bucket=change.bucket,
        customer_id=change.customer_id,
        occurred_at=turn.now,
        payload=payload,
        lane=cause.lane,
        mode=BACKFILL if change.bucket in one.filling else cause.mode,
        cause_id=cause.event_id,
        root_id=cause.root_id,
        hops=cause.hops + 1,
    )


def _retag(turn: Turn, by_id: Mapping[UUID, Watched], changes: Iterable[Change]) -> None:
    for entered in (True, False):
        rows = [
            (change.bucket, change.customer_id, tag)
            for change in changes
            if change.entered is entered and (tag := by_id[change.segment_id].tag)
        ]
        if rows:
            (tags.put if entered else tags.take)(turn, rows, source=tags.COMPUTED)
