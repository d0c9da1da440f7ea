"""What the customer routes take and answer."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from tandem.access.paging import Page
from tandem.access.shapes import Body, Label
from tandem.catalog.divisions import divisions
from tandem.kernel.money import round_amount
from tandem.stream.customer.service import Revealed
from tandem.stream.places.point import read_point

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]


class Amount(BaseModel):
    """Money as a decimal string with its currency."""

    amount: str
    currency: str


class Named(BaseModel):
    """Something one can open, by its name."""

    id: UUID
    name: str


class CustomerLine(BaseModel):
    """A customer in a list. Phone numbers are masked."""

    id: UUID
    name: str | None
    phone: str | None
    member_no: str | None
    city: str | None
    store: Named | None
    stage: str | None
    level: str | None
    tags: list[str]
    order_count: int
    spend_total: Amount
    last_order_at: datetime | None
    orders_waiting: int
    """Orders in a foreign currency that wait for a rate: they count as orders and are in no sum."""


class IdentifierOut(BaseModel):
    """How a customer is known somewhere; `masked` shows enough to recognise it."""

    kind: str
    scope: str
    masked: str
    source: str
    origin_id: UUID
    first_seen_at: datetime
    last_seen_at: datetime


class TagOut(BaseModel):
    """A tag on a customer."""

    tag: str
    label: str | None
    source: str
    set_at: datetime
    until: datetime | None


class Profile(BaseModel):
    """The feature row."""

    order_count: int
    spend_total: Amount
    refund_total: Amount
    first_order_at: datetime | None
    last_order_at: datetime | None
    last_visit_at: datetime | None
    average_order_value: Amount | None
    rfm_r: int | None
    rfm_f: int | None
    rfm_m: int | None
    rfm_score: int | None
    favourite_category: str | None
    lifetime_value: Amount
    usual_interval_days: Decimal | None
    """Days between two of her orders."""
    expected_order_at: datetime | None
    churn_risk: Decimal | None
    """The chance of no order within 90 days, 0 to 1."""
    orders_waiting: int
    """Orders that wait for a rate and are in no sum."""


class MembershipOut(BaseModel):
    """A segment the customer is in."""

    id: UUID
    name: str
    since: datetime


class Division(BaseModel):
    """An administrative division by its GB/T 2260 code, and in words (上海市黄浦区)."""

    code: str
    name: str | None


class Place(BaseModel):
    """A place on the earth: degrees, WGS-84, to six decimal places (0.1 m)."""

    longitude: Annotated[Decimal, Field(ge=-180, le=180)]
    latitude: Annotated[Decimal, Field(ge=-90, le=90)]

    @classmethod
    def read(cls, text: str) -> "Place":
        """From the text that the customer's row holds."""
        longitude, latitude = read_point(text)
        return cls(longitude=longitude, latitude=latitude)


def known_division(code: str) -> str:
    """A code that the table of divisions has."""
    if code not in divisions():
        raise ValueError("not a GB/T 2260 division code")
    return code


class CustomerOut(BaseModel):
    """One customer. `profile` is null before anything is known of what she did."""

    id: UUID
    name: str | None
    phone: str | None
    gender: str | None
    birthday: date | None
    city: str | None
    district: str | None
    division: Division | None
    location: Place | None
    store: Named | None
    owner: Named | None
    stage: str | None
    level: str | None
    do_not_contact: bool
    first_seen_at: datetime
    created_at: datetime
    merged_into: UUID | None
    tags: list[TagOut]
    identifiers: list[IdentifierOut]
    profile: Profile | None
    segments: list[MembershipOut]
    attrs: dict[str, Any]


class Customers(Page[CustomerLine]):
    """A page of customers; the first one says how many there are, up to 10,000 (null: more)."""

    total: int | None = None


class BulkTag(Body):
    """A tag to set on, or to take from, the customers named."""

    customer_ids: Annotated[list[UUID], Field(min_length=1, max_length=1000)]
    tag: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    remove: bool = False


class BulkTagged(BaseModel):
    """How many were named and may be seen, and for how many it made a difference."""

    asked: int
    changed: int


class TimelineFact(BaseModel):
    """One value of an event, in words."""

    label: Label
    value: Label


class TimelineEntry(BaseModel):
    """An event of the customer's history; `payload` holds the plain values of its type's fields, `facts` the same for people."""

    event_id: UUID
    type: str
    label: Label
    occurred_at: datetime
    summary: Label | None
    backfill: bool
    facts: list[TimelineFact]
    payload: dict[str, Any]


class CustomField(BaseModel):
    """A company's own field of customers; one that nobody has `classed` is personal."""

    name: str
    privacy: Literal["plain", "personal", "sensitive"]
    classed: bool


class CustomFieldClass(Body):
    """The class of data of a field."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    privacy: Literal["plain", "personal", "sensitive"]


class CustomerChange(Body):
    """Fields left out stay as they are; null clears one."""

    name: ShortText | None = None
    gender: Annotated[str, StringConstraints(pattern="^(female|male|other)$")] | None = None
    birthday: date | None = None
    city: ShortText | None = None
    district: ShortText | None = None
    division: Annotated[str, AfterValidator(known_division)] | None = None
    location: Place | None = None
    stage: ShortText | None = None
    level: ShortText | None = None
    store_id: UUID | None = None
    owner_user_id: UUID | None = None
    do_not_contact: bool | None = None
    attrs: Annotated[dict[str, str | int | float | bool | None], Field(max_length=50)] = Field(default_factory=dict)


class TagBody(Body):
    """A tag to set."""

    tag: Annotated[str, StringConstraints(max_length=200)]


class RevealBody(Body):
    """Which personal value to show in the clear."""

    field: Revealed


class RevealedOut(BaseModel):
    """A personal value in the clear; the look is on the audit trail."""

    value: str


class Changes(BaseModel):
    """The names of the fields that changed."""

    changed: list[str]


def amount(value: Decimal | None, currency: str) -> Amount:
    """Money for the screen; nothing is zero."""
    return Amount(amount=str(round_amount(value or Decimal(0), currency)), currency=currency)
