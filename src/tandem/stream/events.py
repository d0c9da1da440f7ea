"""An event on its way into an inbox, and the events that the door and identity themselves emit."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from tandem.kernel.ids import bucket_of, derived_id
from tandem.stream.projection import BACKFILL, LIVE, AppliedEvent

__all__ = [
    "BACKFILL",
    "LANE_BULK",
    "LANE_LIVE",
    "LANE_NORMAL",
    "LIVE",
    "MAX_HOPS",
    "UPDATED",
    "NewEvent",
    "following",
    "owner_bucket",
]

LANE_LIVE = 0
LANE_NORMAL = 1
LANE_BULK = 2

UPDATED = "customer.updated"
"""A customer's fields took other values; its cause is the event that brought them, none when a person changed them."""

MAX_HOPS = 16
"""An event that is this many causes away from the outside is parked: two flows are feeding each other (ENGINE_RULES 17)."""


class NewEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event to be applied in a later turn of `bucket`.

    It has an owner: `customer_id`, or, where no customer is known, `subject_id` with its `subject_type`. `origin_id` is whom it was
    first meant for (default: the customer). `event_id` None makes a fresh one; give a derived id where the same cause may emit twice.
    `occurred_at` is business time. `root_id` None means the event itself is the root.
    """

    type: str
    bucket: int
    occurred_at: datetime
    payload: dict[str, Any]
    customer_id: UUID | None = None
    origin_id: UUID | None = None
    lane: int = LANE_LIVE
    mode: int = LIVE
    event_id: UUID | None = None
    cause_id: UUID | None = None
    root_id: UUID | None = None
    hops: int = 0
    subject_type: str | None = None
    subject_id: UUID | None = None
    identifier_hash: bytes | None = None
    heard_at: datetime | None = None
    """When its first cause was received (machine time), where the turn that files it has not applied that cause itself."""


def following(
    event: AppliedEvent, kind: str, payload: dict[str, Any], *, mode: int | None = None, event_id: UUID | None = None
) -> NewEvent:
    """What an applied event means further for its own customer: the same moment, lane and chain of causes.

    `mode` None: as the event's. `event_id` None: derived, one of each kind for an event; give another where it is not.
    """
    return NewEvent(
        type=kind,
        bucket=event.bucket,
        customer_id=event.customer_id,
        origin_id=event.origin_id,
        occurred_at=event.occurred_at,
        payload=payload,
        lane=event.lane,
        mode=event.mode if mode is None else mode,
        event_id=event_id or derived_id(event.event_id, kind),
        cause_id=event.event_id,
        root_id=event.root_id or event.event_id,
        hops=event.hops + 1,
    )


def owner_bucket(customer_id: UUID | None, subject_id: UUID | None) -> int:
    """The bucket of an event's owner. Raises ValueError for an event that belongs to nobody and nothing."""
    owner = customer_id or subject_id
    if owner is None:
        message = "an event needs a customer or a subject"
        raise ValueError(message)
    return bucket_of(owner)
