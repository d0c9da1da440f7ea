"""What set a judgement off."""

from typing import Final
from uuid import UUID

import msgspec

from tandem.stream.events import LANE_BULK, LANE_NORMAL
from tandem.stream.projection import BACKFILL, LIVE, AppliedEvent


class Cause(msgspec.Struct, frozen=True, gc=False):
    """The event behind a judgement, for the events that the judgement leads to. Time alone has no cause and no hops."""

    event_id: UUID | None = None
    root_id: UUID | None = None
    hops: int = -1
    mode: int = LIVE
    lane: int = LANE_NORMAL


BY_TIME: Final = Cause()
BY_FILL: Final = Cause(mode=BACKFILL, lane=LANE_BULK)


def cause_of(event: AppliedEvent) -> Cause:
    """An applied event as the cause of what follows from it."""
    return Cause(event.event_id, event.root_id or event.event_id, event.hops, event.mode, event.lane)
