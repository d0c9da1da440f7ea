"""What the routes of ownership take and give. Amounts are in minor units (分) of the currency named beside them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tandem.access.shapes import Body

Kind = Literal["till", "parcel", "scan", "radar", "friend", "owner", "store"]
To = Literal["found", "till", "inviter", "owner", "store"]
Renewal = Literal["added", "order", "radar"]
Cause = Literal["sale", "refund", "cancel", "correction", "dispute"]
DisputeState = Literal["open", "seconding", "accepted", "rejected", "withdrawn"]
StaffCode = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Period = Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class SharePart(Body):
    """A fixed part of an order. `bp`: ten thousandths. `found`: whoever the rule finds."""

    to: To
    bp: int = Field(ge=1, le=10_000)


def _whole() -> list[SharePart]:
    return [SharePart(to="found", bp=10_000)]


class OwnershipRule(Body):
    """One rule; the first that finds somebody decides.

    `days`: how long before the order what it goes by may lie; for a friend: how long she is protected after each of `renewed_by`.
    `pick`: of several, the first or the latest. `rota`: a store's adviser for good (`customer`) or order by order.
    """

    kind: Kind
    days: int = Field(default=30, ge=1, le=365)
    renewed_by: list[Renewal] = Field(default_factory=lambda: ["added"], min_length=1, max_length=3)
    pick: Literal["first", "latest"] = "first"
    rota: Literal["customer", "order"] = "customer"
    channels: list[Annotated[str, StringConstraints(max_length=64)]] = Field(default_factory=list, max_length=20)
    shares: list[SharePart] = Field(default_factory=_whole, min_length=1, max_length=5)

    @model_validator(mode="after")
    def _adds_up(self) -> OwnershipRule:
        if sum(one.bp for one in self.shares) != 10_000:
            raise ValueError("shares must add up to 10000 ten thousandths")
        if len({one.to for one in self.shares}) != len(self.shares):
            raise ValueError("nobody may stand twice among the shares")
        return self


Rules = Annotated[list[OwnershipRule], Field(min_length=1, max_length=20)]


class NewOwnership(Body):
    """Rules to hold from now on, or from another moment. `version`: the one that was looked at, so that nobody overwrites another's."""

    rules: Rules
    version: int = Field(ge=0)
    starts_at: datetime | None = None


class OwnershipTry(Body):
    """Rules to be tried on orders of the last days."""

    rules: Rules
    days: int = Field(default=30, ge=1, le=92)


class PolicyOut(BaseModel):
    """A version of the rules."""

    version: int
    rules: list[OwnershipRule]
    starts_at: datetime
    saved_at: datetime
    saved_by: str | None


class OwnershipOut(BaseModel):
    """The rules now, those before, and what stands in their way. `waiting`: orders from before the saving are still being looked at."""

    version: int
    rules: list[OwnershipRule]
    versions: list[PolicyOut]
    waiting: bool
    posts: int
    unbound: int
    """Advisers of WeCom who are no colleague yet: their friends find nobody."""
    channels: list[str]
    closed: list[str]


class TriedAdviser(BaseModel):
    """What rules would change for an adviser, in the tenant's currency."""

    user_id: UUID | None
    name: str | None
    orders_now: int
    orders_then: int
    cents_now: int
    cents_then: int


class TriedRule(BaseModel):
    """How many orders a rule would decide. `place` beyond the last: nobody's."""

    kind: str
    place: int
    orders: int
    cents: int


class OwnershipTried(BaseModel):
    """What the last days would have looked like. `orders` of which `changed` would be somebody else's; `whole`: all were looked at."""

    days: int
    orders: int
    changed: int
    whole: bool
    currency: str
    advisers: list[TriedAdviser]
    rules: list[TriedRule]


class PostBody(Body):
    """A colleague who earns credit."""

    code: StaffCode | None = None
    store_id: UUID | None = None
    left_at: datetime | None = None
    successor_id: UUID | None = None


class PostOut(BaseModel):
    """A colleague, and her post where she has one."""

    model_config = ConfigDict(from_attributes=True)
    user_id: UUID
    name: str
    active: bool
    code: str | None
    store_id: UUID | None
    store: str | None
    since: datetime | None
    left_at: datetime | None
    successor_id: UUID | None
    successor: str | None
    members: list[str]


class Ranked(BaseModel):
    """Somebody's month, in the tenant's currency. `rank` is shared by equals; `target_cents` null: none was set."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    store: str | None
    rank: int
    cents: int
    refunded_cents: int
    orders: int
    target_cents: int | None
    """null: none was set"""


class Mine(BaseModel):
    """An adviser's own month."""

    user_id: UUID
    name: str
    period: str
    currency: str
    cents: int
    refunded_cents: int
    orders: int
    target_cents: int | None
    rank: int | None
    of: int
    store: str | None
    closed: bool


class EntryOut(BaseModel):
    """One entry: for what, by which rule, and why."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    order_id: UUID
    number: str
    user_id: UUID
    name: str
    cause: Cause
    amount_cents: int
    home_cents: int | None
    currency: str
    occurred_at: datetime
    posted_at: datetime
    period: date
    late: bool
    rule: str | None
    bp: int | None
    evidence: dict[str, Any]
    disputed: bool


class SharedBy(BaseModel):
    """An adviser's part of an order."""

    user_id: UUID
    name: str
    bp: int


class DisputeOut(BaseModel):
    """A dispute. `may_answer`: whether the reader may."""

    id: UUID
    order_id: UUID
    number: str
    store: str | None
    user_id: UUID
    name: str
    reason: str
    total_cents: int
    currency: str
    wanted: list[SharedBy]
    before: list[SharedBy]
    status: DisputeState
    answer: Literal["accepted", "rejected"] | None
    note: str
    filed_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    confirmed_by: str | None
    confirmed_at: datetime | None
    may_answer: bool


class OrderCreditOut(BaseModel):
    """Whose an order is, and its entries. `rule` null: it was not looked at (not paid, or from before the rules)."""

    order_id: UUID
    number: str
    currency: str
    total_cents: int
    rule: str | None
    place: int | None
    version: int | None
    evidence: dict[str, Any]
    settled: bool
    shares: list[SharedBy]
    entries: list[EntryOut]
    disputes: list[DisputeOut]


class NewDispute(Body):
    """An adviser says that an order, by the number it was sold under, is hers in this part."""

    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
    reason: Words
    percent: int = Field(default=100, ge=1, le=100)


class DisputeAnswer(Body):
    """A manager's word."""

    accept: bool
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class TargetRow(Body):
    """What somebody or a store is to sell in a month; null takes it away."""

    kind: Literal["adviser", "store"]
    id: UUID
    cents: int | None = Field(default=None, ge=1, le=10**14)


class TargetsBody(Body):
    """Targets of a month; what is not named stays."""

    targets: list[TargetRow] = Field(min_length=1, max_length=2000)


class TargetsFile(Body):
    """Targets as lines of a table: staff number or store code, and an amount in the tenant's currency."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=200_000)]


class TargetRefused(BaseModel):
    """A line of the table that was not understood."""

    line: int
    zh: str
    en: str


class TargetsTaken(BaseModel):
    """How a table went: all of it, or nothing and why."""

    taken: int
    refused: list[TargetRefused]


class PeriodOut(BaseModel):
    """A month."""

    period: str
    closed_at: datetime | None
    closed_by: str | None
    cents: int
