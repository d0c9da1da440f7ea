"""Requests and answers of the private domain."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tandem.access.shapes import Body, Name

Member = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Day = Annotated[int, Field(ge=1, le=7)]
Tags = Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(max_length=20)]
Channel = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30)]


class Hours(Body):
    """When an adviser gets friends: days (1 Monday to 7 Sunday) and times; an end before its begin is on the next day."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")
    days: Annotated[list[Day], Field(min_length=1, max_length=7)]
    begin: Annotated[TimeOfDay, Field(alias="from")]
    until: TimeOfDay


class Seat(Body):
    """An adviser behind a code."""

    member: Member
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    daily_cap: Annotated[int, Field(ge=1, le=100_000)] | None = None
    backup: bool = False
    hours: Annotated[list[Hours], Field(max_length=14)] = Field(default_factory=list[Hours])


Seats = Annotated[list[Seat], Field(min_length=1, max_length=100)]


class NewLiveCode(Body):
    """A live code to set up. `channel` is where it is shown; `tags` are given to everybody who comes by it.

    `link`: an address to open instead of a picture to scan (获客助手), which uses up the company's balance.
    """

    account_id: UUID
    name: Annotated[Name, StringConstraints(max_length=30)]
    channel: Channel = ""
    kind: Literal["single", "many", "link"] = "many"
    skip_verify: bool = True
    tags: Tags = Field(default_factory=list)
    seats: Seats


class LiveCodeChange(Body):
    """What to change; absent keys stay. Who was given as `seats` replaces everybody."""

    name: Annotated[Name, StringConstraints(max_length=30)] | None = None
    channel: Channel | None = None
    skip_verify: bool | None = None
    tags: Tags | None = None
    seats: Seats | None = None


class SeatOut(BaseModel):
    """An adviser behind a code. `now`: the code leads to her at this moment; `today`: friends it gave her today."""

    member: str
    name: str
    away: bool
    weight: int
    daily_cap: int | None
    backup: bool
    hours: list[Hours]
    today: int
    now: bool


class Figures(BaseModel):
    """What a code brought. `first_orders`: people whose first order came after they were added; `buyers`: who ordered after it at all."""

    added: int = 0
    kept: int = 0
    lost: int = 0
    first_orders: int = 0
    buyers: int = 0


class LiveCodeOut(BaseModel):
    """A live code. `where`: `making` until the platform has it, `placed`, `stuck` while the platform refuses it.

    `clicks`: how often a link was opened within 30 days, as the platform counts; `qr_url` of a link is its address.
    """

    id: UUID
    account_id: UUID
    name: str
    channel: str
    kind: Literal["single", "many", "link"]
    archived: bool
    state: str
    skip_verify: bool
    tags: list[str]
    qr_url: str | None
    where: Literal["making", "placed", "stuck"]
    reason: Literal["regular", "backup", "nobody"] | None
    problem: str | None
    seats: list[SeatOut]
    figures: Figures
    clicks: int | None
    created_at: datetime


class DayFigures(BaseModel):
    """What came on one local day."""

    day: date
    added: int
    lost: int


class MemberFigures(Figures):
    """What came to one adviser."""

    member: str
    name: str


class CodeFigures(BaseModel):
    """A code's figures by day and by adviser."""

    days: list[DayFigures]
    members: list[MemberFigures]


class ContactAccount(BaseModel):
    """A connected account with friends, its room for live codes, and when its advisers were read."""

    id: UUID
    name: str
    simulated: bool
    codes_used: int
    codes_max: int
    advisers_read_at: datetime | None
    problem: str | None


class ContactAccountChange(Body):
    """What the platform allows the account, as it says itself."""

    codes_max: Annotated[int, Field(ge=0, le=10_000_000)]


class AdviserOut(BaseModel):
    """A member of staff who may have customers."""

    model_config = ConfigDict(from_attributes=True)
    account_id: UUID
    member: str
    name: str
    away: bool


Body4000 = Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class NewWelcome(Body):
    """A welcome message. Empty lists ask for nothing; times are in the tenant's zone, over midnight where the end is earlier."""

    name: Name
    body: Body4000
    attachments: Annotated[list[dict[str, Any]], Field(max_length=9)] = Field(default_factory=list[dict[str, Any]])
    live_codes: Annotated[list[UUID], Field(max_length=200)] = Field(default_factory=list[UUID])
    channels: Annotated[list[Channel], Field(max_length=50)] = Field(default_factory=list)
    members: Annotated[list[Member], Field(max_length=200)] = Field(default_factory=list)
    tags: Tags = Field(default_factory=list)
    days: Annotated[list[Day], Field(max_length=7)] = Field(default_factory=list[int])
    from_time: TimeOfDay | None = None
    until_time: TimeOfDay | None = None
    active: bool = True


class WelcomeChange(NewWelcome):
    """A welcome message as it is to be, with its place in the order (from 1)."""

    place: Annotated[int, Field(ge=1, le=1000)] | None = None


class WelcomeOut(BaseModel):
    """A welcome message; `sent` within the last 30 days."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    place: int
    active: bool
    body: str
    attachments: list[dict[str, Any]]
    live_codes: list[UUID]
    channels: list[str]
    members: list[str]
    tags: list[str]
    days: list[int]
    from_time: str | None
    until_time: str | None
    sent: int


WelcomeState = Literal["none", "waiting", "sending", "sent", "silent", "expired", "taken", "refused", "unknown"]


class FriendCallOut(BaseModel):
    """A new friend and what became of the welcome. `seconds`: from the platform's word to its answer."""

    model_config = ConfigDict(from_attributes=True)
    id: str
    told_at: datetime
    member: str
    adviser: str
    live_code: str | None
    state: WelcomeState
    message: str | None
    seconds: float | None
    reason: str | None


class WelcomeCounts(BaseModel):
    """What became of welcomes in the last 24 hours. Seconds from the platform's word to its answer, of those sent."""

    sent: int = 0
    silent: int = 0
    expired: int = 0
    taken: int = 0
    refused: int = 0
    unknown: int = 0
    waiting: int = 0
    none: int = 0
    half_within: float | None = None
    most_within: float | None = None
