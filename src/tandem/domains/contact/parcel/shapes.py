"""What the routes of parcel cards take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tandem.access.shapes import Body, Label, Name

CARDS_MAX = 50_000
City = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]


class ParcelRoute(Body):
    """Whose parcels go to the advisers of another live code: those to these cities, those of this store's orders."""

    cities: list[City] = Field(default_factory=list, max_length=400)
    store_id: UUID | None = None
    live_code_id: UUID


class BatchChange(Body):
    """Where a batch's cards lead and what they give."""

    name: Name
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    live_code_id: UUID
    routes: list[ParcelRoute] = Field(default_factory=list[ParcelRoute], max_length=50)
    coupon_template_id: UUID | None = None
    binding: Literal["none", "ask", "join"] = "ask"
    expires_at: datetime | None = None


class NewBatch(BatchChange):
    """Cards to print (`card`), or links of orders (`order`). `count`: how many cards."""

    account_id: UUID
    kind: Literal["card", "order"] = "card"
    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)] | None = None
    count: int = Field(default=0, ge=0, le=CARDS_MAX)


class BatchFigures(BaseModel):
    """What came of a batch: cards, cards scanned, scans, friends, refused, coupons given and used, who bought again."""

    printed: int = 0
    scanned: int = 0
    scans: int = 0
    friends: int = 0
    taken: int = 0
    expired: int = 0
    asked: int = 0
    joined: int = 0
    coupons: int = 0
    used: int = 0
    again: int = 0


class BatchOut(BaseModel):
    """A batch."""

    id: UUID
    account_id: UUID
    name: str
    kind: Literal["card", "order"]
    source: str | None
    words: str
    live_code_id: UUID
    live_code: str | None
    routes: list[ParcelRoute]
    coupon_template_id: UUID | None
    coupon: str | None
    binding: Literal["none", "ask", "join"]
    expires_at: datetime | None
    status: Literal["active", "archived"]
    created_at: datetime
    figures: BatchFigures


class MoreCards(Body):
    """More cards of a batch."""

    count: int = Field(ge=1, le=CARDS_MAX)


class OrderRef(Body):
    """An order by the platform's number; `serial` binds a printed card to it at packing."""

    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    number: Number
    serial: int | None = Field(default=None, ge=1)


class OrderRefs(Body):
    """Orders that want a link each, or whose cards are bound."""

    orders: list[OrderRef] = Field(min_length=1, max_length=1000)


class CardLink(BaseModel):
    """A card's address."""

    source: str | None
    number: str | None
    serial: int | None
    url: str


class CardLinks(BaseModel):
    """Addresses of cards."""

    items: list[CardLink]


class ClaimOut(BaseModel):
    """Somebody who came by a card. `guards`: why she is not taken for the buyer without a person's word."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    customer_id: UUID
    customer: str | None
    serial: int | None
    number: str | None
    adviser: str | None
    verdict: Literal["counted", "taken", "expired"]
    binding: Literal["none", "same", "asked", "joined"]
    guards: list[str]
    claimed_at: datetime


class PlatformRule(BaseModel):
    """What a platform says of leading its buyers away. `verified`: read at the source named; else ask the platform first."""

    connector: str
    stance: Literal["forbidden", "restricted", "own", "unknown"]
    text: Label
    origin: str
    verified: bool
