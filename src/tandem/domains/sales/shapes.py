"""What the routes of leads take and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from tandem.access.shapes import Body
from tandem.domains.sales.rules import Assign, State
from tandem.stream.customer.shapes import Amount

Lost = Literal["price", "elsewhere", "no_answer", "not_meant", "other"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]


class LeadOut(BaseModel):
    """A lead. `customer` is her name where the caller may read it; `overdue`: its owner was reminded and did nothing yet."""

    id: UUID
    customer_id: UUID
    customer: str | None
    store_id: UUID | None
    owner_id: UUID | None
    owner: str | None
    source: str
    subject: str
    campaign: str
    score: int
    reasons: dict[str, int]
    times: int
    state: State
    why: str
    amount: Amount | None
    order_id: str | None
    overdue: bool
    created_at: datetime
    asked_at: datetime
    assigned_at: datetime | None
    contacted_at: datetime | None
    friend_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None


class LeadStep(BaseModel):
    """Something that happened to a lead."""

    type: str
    at: datetime
    owner: str | None
    reason: str | None


class LeadDetail(LeadOut):
    """A lead with what happened to it, oldest first."""

    steps: list[LeadStep]


class NewLead(Body):
    """A lead that a person enters."""

    customer_id: UUID
    subject: Words = ""
    source: Words = ""
    campaign: Words = ""


class Asked(BaseModel):
    """The lead will be there in a moment."""

    filed: bool = True


class LeadOwner(Body):
    """Whose it is now."""

    user_id: UUID


class LeadLost(Body):
    """Why."""

    reason: Lost


class LeadSeatBody(Body):
    """Somebody who gets leads; of one store, or of all."""

    user_id: UUID
    store_id: UUID | None = None


class LeadSeatOut(BaseModel):
    """Somebody who gets leads, and how many she has open: null to whoever may not keep the rules."""

    user_id: UUID
    name: str
    active: bool
    store_id: UUID | None
    store: str | None
    open: int | None


class LeadRules(Body):
    """How leads are kept. `assign`: to the least busy, in turns, or by hand; `same_days`: asking again counts to the same lead;
    `remind_minutes`: after that an owner is reminded; `win_days`: an order within them wins it.
    """

    assign: Assign = "load"
    same_days: int = Field(default=7, ge=1, le=90)
    remind_minutes: int = Field(default=30, ge=5, le=10_080)
    win_days: int = Field(default=30, ge=1, le=365)
    seats: list[LeadSeatBody] = Field(default_factory=list[LeadSeatBody], max_length=500)


class LeadRulesOut(BaseModel):
    """The rules, who gets leads, and what a score is made of."""

    assign: Assign
    same_days: int
    remind_minutes: int
    win_days: int
    seats: list[LeadSeatOut]
    points: dict[str, int]


class LeadFunnel(BaseModel):
    """One source's people: who wrote to a desk, who became a lead, whom we know as a friend since, who ordered; and what they paid.

    `friend_orders`: of `orders`, those who became friends on the way; the others ordered directly.
    """

    source: str
    consulted: int
    leads: int
    contacted: int
    friends: int
    orders: int
    friend_orders: int
    lost: int
    amount: Amount


class LeadFunnels(BaseModel):
    """The sources of a period, the busiest first; a hundred at most."""

    first_day: date
    last_day: date
    sources: list[LeadFunnel]
