"""Requests and answers of mass sending."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tandem.access.shapes import Body, Name
from tandem.domains.contact.shapes import Member

Kind = Literal["customers", "groups", "moments"]
Status = Literal["draft", "gathering", "checking", "checked", "booking", "making", "running", "done", "cancelled"]
PersonState = Literal["waiting", "ready", "held", "booking", "booked", "asked", "sent", "refused", "cancelled"]
Text4000 = Annotated[str, StringConstraints(max_length=4000)]


class NewMassSend(Body):
    """A mass message or a post to draft. `members`: only these advisers; none: whoever is a customer's adviser (a post: all).

    `tags`: a post is seen only by customers with one of these tags of the platform.
    """

    account_id: UUID
    name: Name
    kind: Kind = "customers"
    body: Text4000 = ""
    attachments: Annotated[list[dict[str, Any]], Field(max_length=9)] = Field(default_factory=list[dict[str, Any]])
    segment_id: UUID | None = None
    members: Annotated[list[Member], Field(max_length=1000)] = Field(default_factory=list)
    groups: Annotated[list[UUID], Field(max_length=2000)] = Field(default_factory=list[UUID])
    tags: Annotated[list[UUID], Field(max_length=100)] = Field(default_factory=list[UUID])


class MassSendChange(Body):
    """What to change of a draft; absent keys stay."""

    name: Name | None = None
    body: Text4000 | None = None
    attachments: Annotated[list[dict[str, Any]], Field(max_length=9)] | None = None
    segment_id: UUID | None = None
    members: Annotated[list[Member], Field(max_length=1000)] | None = None
    groups: Annotated[list[UUID], Field(max_length=2000)] | None = None
    tags: Annotated[list[UUID], Field(max_length=100)] | None = None


class MassStateCount(BaseModel):
    """How many people or groups stand somewhere, for a reason."""

    model_config = ConfigDict(from_attributes=True)
    state: PersonState
    reason: str | None
    n: int


class MassSendOut(BaseModel):
    """A mass message or a post, and where its people (or groups) stand. `reminders_left`: for the task reminded of most."""

    id: UUID
    account_id: UUID
    simulated: bool
    name: str
    kind: Kind
    body: str
    attachments: list[dict[str, Any]]
    segment_id: UUID | None
    segment: str | None
    members: list[str]
    groups: list[UUID]
    tags: list[UUID]
    status: Status
    audience_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    created_at: datetime
    counts: list[MassStateCount]
    tasks: int
    tasks_made: int
    tasks_confirmed: int
    problem: str | None


class MassTaskOut(BaseModel):
    """An adviser's task. `reminders_left`: how often she may still be asked within 24 hours."""

    id: UUID
    member: str
    adviser: str
    number: int
    size: int
    state: Literal["waiting", "making", "made", "done", "refused", "cancelled"]
    confirmed: bool
    ref: str | None
    made_at: datetime | None
    read_at: datetime | None
    reminders_left: int
    problem: str | None


class MassPersonOut(BaseModel):
    """A customer of a mass message and where she stands; `until`: when what holds her back would be over."""

    id: UUID
    customer_id: UUID
    name: str | None
    adviser: str | None
    state: PersonState
    reason: str | None
    until: datetime | None
    settled_at: datetime | None


class MassGroupOut(BaseModel):
    """A group of a mass message and where it stands."""

    model_config = ConfigDict(from_attributes=True)
    group_id: UUID
    group: str
    adviser: str
    state: PersonState
    reason: str | None
    settled_at: datetime | None


class MassPostOut(BaseModel):
    """An adviser's part in a post."""

    model_config = ConfigDict(from_attributes=True)
    member: str
    adviser: str
    published: bool
    likes: int
    comments: int


class MassAccountOut(BaseModel):
    """What the platform allows an account's mass messages."""

    model_config = ConfigDict(from_attributes=True)
    account_id: UUID
    name: str
    quota: Literal["month_days", "per_month", "per_week", "per_day"]
    quota_n: int
    task_max: int
    reminders_max: int
    keep_days: int


class MassAccountChange(Body):
    """The platform's rules as it says them itself."""

    quota: Literal["month_days", "per_month", "per_week", "per_day"] | None = None
    quota_n: Annotated[int, Field(ge=0, le=1000)] | None = None
    task_max: Annotated[int, Field(ge=1, le=100_000)] | None = None
    reminders_max: Annotated[int, Field(ge=0, le=100)] | None = None
    keep_days: Annotated[int, Field(ge=1, le=365)] | None = None
