"""What the segment and tag routes take and answer."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tandem.access.shapes import Body, Name

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]
Tree = dict[str, Any]


class ExpressionBody(Body):
    """An expression as text, or as the visual builder's tree: exactly one of them."""

    text: Text | None = None
    tree: Tree | None = None

    @model_validator(mode="after")
    def one_form(self) -> "ExpressionBody":
        """Refuse both and neither."""
        if (self.text is None) == (self.tree is None):
            raise ValueError("give either text or tree")
        return self

    @property
    def expression(self) -> str | Tree:
        """Whichever was given."""
        return self.text if self.text is not None else self.tree or {}


class NewSegment(Body):
    """A segment to make: live follows events and the clock, static stays as of its making, a list holds whom people put on it.

    Live and static ones take an expression, as text or as the visual builder's tree; a list takes none.
    """

    name: Name
    description: Annotated[str, StringConstraints(max_length=500)] = ""
    kind: Literal["live", "static", "list"] = "live"
    text: Text | None = None
    tree: Tree | None = None

    @model_validator(mode="after")
    def one_form(self) -> "NewSegment":
        """Refuse both forms."""
        if self.text is not None and self.tree is not None:
            raise ValueError("give either text or tree")
        return self


class SegmentChange(Body):
    """Fields left out stay as they are; a changed expression makes a new version."""

    name: Name | None = None
    description: Annotated[str, StringConstraints(max_length=500)] | None = None
    text: Text | None = None
    tree: Tree | None = None


class Said(BaseModel):
    """A sentence in both languages."""

    model_config = ConfigDict(from_attributes=True)

    zh: str
    en: str


class SegmentOut(BaseModel):
    """A segment; `status` is filling until everybody has been judged by its version, `seen` of the tenant's customers so far."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    description: str
    kind: str
    version: int
    text: str
    tree: Tree
    plain: Said | None = None
    """What it means as a sentence; null for a list, and where the expression no longer compiles."""
    count: int
    seen: int
    status: Literal["filling", "ready", "failed"]
    as_of: datetime | None
    problem: str | None
    created_at: datetime
    updated_at: datetime


class Sample(BaseModel):
    """One of the customers meant; the name is masked."""

    id: UUID
    name: str | None
    city: str | None
    order_count: int
    last_order_at: datetime | None


class PreviewOut(BaseModel):
    """Whom an expression means right now."""

    count: int
    samples: list[Sample]
    took_ms: int


class Member(BaseModel):
    """A customer inside a segment."""

    id: UUID
    name: str | None
    phone: str | None
    city: str | None
    since: datetime


class LookedOut(BaseModel):
    """A value that a condition looked at, in plain words; null is missing."""

    model_config = ConfigDict(from_attributes=True)

    text: str
    value: Any
    plain: Said | None = None


class PartOut(BaseModel):
    """A part of the expression with its answer for one customer, in plain words."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["and", "or", "not", "condition"]
    text: str
    plain: Said | None = None
    holds: bool
    values: list[LookedOut] = Field(default_factory=list[LookedOut])
    parts: "list[PartOut]" = Field(default_factory=list["PartOut"])


class Explanation(BaseModel):
    """Why a customer is inside or not: what membership says, and the expression judged afresh, part by part."""

    is_member: bool
    since: datetime | None
    next_change_at: datetime | None
    why: PartOut


class Compared(BaseModel):
    """A segment that is compared."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    status: Literal["filling", "ready", "failed"]


class RegionOut(BaseModel):
    """Customers in exactly these of the compared segments."""

    segment_ids: list[UUID]
    count: int


class OverlapOut(BaseModel):
    """The regions that hold anybody, those in most segments first; `count` is everybody in any of them."""

    segments: list[Compared]
    regions: list[RegionOut]
    count: int


class DayOut(BaseModel):
    """A local day: who was inside at its end, who came and went; `refilled` is the net change by a new definition."""

    day: date
    count: int
    entered: int
    left: int
    refilled: int


class TrendOut(BaseModel):
    """Days up to today, oldest first."""

    days: list[DayOut]


class EntriesChange(Body):
    """Customers to put on a list, by id or by lines of text (a phone number, e-mail address, member number or id each), and to take off."""

    add: list[UUID] = Field(default_factory=list[UUID], max_length=5000)
    remove: list[UUID] = Field(default_factory=list[UUID], max_length=5000)
    lines: list[Annotated[str, StringConstraints(max_length=200)]] = Field(default_factory=list[str], max_length=5000)


class EntriesOut(BaseModel):
    """What was filed. `unknown` and `ambiguous` are the numbers (from 1) of lines that name nobody or several."""

    added: int
    removed: int
    already: int
    unknown: list[int]
    ambiguous: list[int]


class DifferenceOut(BaseModel):
    """A customer whom membership and a fresh judgement disagree about."""

    customer_id: UUID
    is_member: bool


class AuditOut(BaseModel):
    """A full recompute compared with live membership; empty when they agree. Customers with waiting events may differ for a moment."""

    differences: list[DifferenceOut]


class NewTag(Body):
    """A tag; with an expression it is computed, and nobody sets it by hand."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    label: Name | None = None
    text: Text | None = None
    tree: Tree | None = None
    colour: Annotated[str, StringConstraints(max_length=20)] | None = None


class TagChange(Body):
    """Fields left out stay as they are."""

    label: Name | None = None
    text: Text | None = None
    tree: Tree | None = None
    colour: Annotated[str, StringConstraints(max_length=20)] | None = None


class TagLineOut(BaseModel):
    """A tag of the tenant with the number of customers who have it."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    label: str
    kind: Literal["manual", "computed"]
    expression: str | None
    plain: Said | None = None
    """What a computed tag's expression means as a sentence; null where it no longer compiles."""
    colour: str | None
    count: int
    status: Literal["filling", "ready"]
    created_at: datetime
