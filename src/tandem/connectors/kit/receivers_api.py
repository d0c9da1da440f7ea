"""Routes: whether an order's receiver can be opened, and opening it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from tandem.access.http import Access, allowed, database_of, shown_once
from tandem.access.shapes import Body
from tandem.connectors.kit import receivers
from tandem.kernel.db import Database
from tandem.kernel.errors import Forbidden

router = APIRouter(tags=["orders"])
Reader = Annotated[Access, Depends(allowed("order.read"))]
Opener = Annotated[Access, Depends(allowed("order.receiver"))]
Asked = Annotated[Database, Depends(database_of)]


class OpeningOut(BaseModel):
    """Somebody opened it. `outcome`: `opened`, or the kind of failure; null while the platform is asked."""

    at: datetime
    user_id: UUID | None
    user_name: str | None
    purpose: str
    outcome: str | None


class ReceiverStanding(BaseModel):
    """Whether it can be opened, else why not; openings left today; who opened it before, the latest first, twenty at most."""

    possible: bool
    why: Literal["no_platform", "forbidden", "paused", "quota"] | None
    left_today: int | None
    openings: list[OpeningOut]


class OpenReceiver(Body):
    """What for: it is told to the platform where it asks, and stays on record."""

    purpose: Literal["ship", "after_sale"]


class ReceiverOut(BaseModel):
    """Whom the parcel goes to. Shown this once and kept nowhere. `virtual`: the phone leads to her for some days only."""

    name: str
    phone: str
    address: str
    virtual: bool


@router.get("/orders/{order_id}/receiver")
def get_receiver_standing(access: Reader, order_id: UUID) -> ReceiverStanding:
    """Whether the receiver of an order can be opened."""
    with access.tx() as tx:
        found = receivers.standing(tx, order_id)
    return ReceiverStanding.model_validate(found, from_attributes=True)


@router.post("/orders/{order_id}/receiver", dependencies=[Depends(shown_once)])
def open_order_receiver(access: Opener, db: Asked, order_id: UUID, body: OpenReceiver) -> ReceiverOut:
    """Ask the platform whom the parcel goes to."""
    if "sensitive" not in access.privacy:
        raise Forbidden(
            "forbidden",
            "查看收件信息需要查看个人和敏感信息的权限（privacy.personal、privacy.sensitive）。",
            "To open a receiver one must be allowed to see personal and sensitive data (privacy.personal, privacy.sensitive).",
        )
    with access.tx() as tx:
        ready = receivers.prepare(tx, order_id, body.purpose)
    found = receivers.open_receiver(db, ready)
    return ReceiverOut(name=found.name, phone=found.phone, address=found.address, virtual=found.virtual)
