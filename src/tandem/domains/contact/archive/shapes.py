"""What the routes of the archive take and give."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from tandem.access.paging import Page
from tandem.access.shapes import Body
from tandem.domains.contact.attending.shapes import ServiceHours

Named = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]
Word = Annotated[str, Field(min_length=1, max_length=40, pattern=r"\w")]
By = Literal["customer", "staff"]


class ArchiveChange(Body):
    """How an account's archive is read and looked at; what is left out stays."""

    active: bool | None = None
    hours: list[ServiceHours] | None = Field(default=None, max_length=14)
    alarm_minutes: int | None = Field(default=None, ge=1, le=1440)
    sample_n: int | None = Field(default=None, ge=0, le=50)


class ArchiveAccountOut(BaseModel):
    """An account that may have an archive. `active` null: it was never switched on. `unread`: messages no key of ours opened.

    `broken`: messages over which the platform's library broke each time, and which were set aside.
    """

    model_config = ConfigDict(from_attributes=True)
    account_id: UUID
    account: str
    active: bool | None
    pulled_at: datetime | None
    messages: int
    unread: int
    withheld: int
    hours: list[ServiceHours]
    alarm_minutes: int
    sample_n: int
    problem: dict[str, Any] | None
    broken: int


class BrokenMessageOut(BaseModel):
    """A message that broke the platform's library. `aside`: passed over; `again`: tried once more; `gone`: no more there."""

    model_config = ConfigDict(from_attributes=True)
    seq: int
    number: str
    tries: int
    why: str
    state: Literal["trying", "aside", "again", "gone"]
    broke_at: datetime


class ArchiveTalkOut(BaseModel):
    """A customer and an adviser. `hits`: watched words that nobody has looked at."""

    id: UUID
    customer_id: UUID
    customer: str | None
    member: str
    adviser: str
    first_at: datetime
    last_at: datetime
    messages: int
    hits: int
    waiting_since: datetime | None
    alarmed_at: datetime | None


class ArchiveMessageOut(BaseModel):
    """Something said. `words`: watched words in it. `media`: what a file is; its content is fetched from the platform when asked for."""

    id: UUID
    at: datetime
    said_by: By
    kind: str
    text: str
    media: dict[str, Any]
    recalled_at: datetime | None
    words: list[str]


class OfTalk(BaseModel):
    """What belongs to a talk, and whose talk that is."""

    id: UUID
    talk_id: UUID
    customer_id: UUID
    customer: str | None
    member: str
    adviser: str


class ArchiveFoundOut(OfTalk):
    """A message that a search found. `text`: what stands around the first word."""

    at: datetime
    said_by: By
    kind: str
    text: str
    recalled_at: datetime | None


class ArchiveSearchOut(Page[ArchiveFoundOut]):
    """A part of a search: so many messages were opened, back to that moment; `next` looks further back, also where nothing was found."""

    opened: int
    back_to: datetime | None


class NewInspectionList(Body):
    """Words to be looked for in what one side says."""

    name: Named
    said_by: By
    level: Literal["alarm", "note"] = "alarm"
    words: list[Word] = Field(min_length=1, max_length=300)
    active: bool = True


class InspectionListOut(BaseModel):
    """A list of words. `hits30`: found in the last thirty days."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    name: str
    said_by: By
    level: Literal["alarm", "note"]
    words: list[str]
    active: bool
    hits30: int


class InspectionHitOut(OfTalk):
    """A watched word and what stands around it."""

    said_by: By
    list: str
    word: str
    level: Literal["alarm", "note"]
    at: datetime
    context: str
    state: Literal["open", "handled", "ignored"]
    note: str
    handled_by: str | None
    handled_at: datetime | None


class InspectionHitChange(Body):
    """What was done about it."""

    state: Literal["handled", "ignored"]
    note: str = Field(default="", max_length=500)


class ReplyFigures(BaseModel):
    """How soon an adviser answered: seconds of service hours. `waiting`: customers without an answer now."""

    model_config = ConfigDict(from_attributes=True)
    member: str
    adviser: str
    replies: int
    median_seconds: int | None
    worst_seconds: int | None
    within: int
    late: int
    waiting: int
    alarmed: int


class ScoreCriterion(BaseModel):
    """One thing that is judged, and how many points it is worth."""

    key: str = Field(min_length=1, max_length=30, pattern=r"^[a-z0-9_]+$")
    name: Named
    points: int = Field(ge=1, le=100)


class ScoreFormIn(Body):
    """By what talks are scored. Points add up to a hundred; `fatal` faults make it nought."""

    name: Named
    criteria: list[ScoreCriterion] = Field(min_length=1, max_length=20)
    fatal: list[Named] = Field(default=[], max_length=20)


class ScoreFormOut(BaseModel):
    """A form. `id` null: the one to begin with, which nobody here wrote."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID | None
    name: str
    criteria: list[ScoreCriterion]
    fatal: list[str]
    created_at: datetime | None
    created_by: str | None


class ScoreIn(Body):
    """Points by criterion, faults, and a word about it."""

    scores: dict[str, Annotated[int, Field(ge=0, le=100)]]
    fatal: list[str] = Field(default=[], max_length=20)
    comment: str = Field(default="", max_length=1000)


class ScoreAppeal(Body):
    """Why the score is not right."""

    reason: str = Field(min_length=1, max_length=500, pattern=r"\S")


class ScoreSampleOut(OfTalk):
    """A talk drawn for scoring."""

    week: date
    since: datetime
    until: datetime
    state: Literal["open", "scored", "appealed", "settled"]
    scores: dict[str, int]
    fatal: list[str]
    total: int | None
    first_total: int | None
    comment: str
    appeal: str
    scored_by: str | None
    scored_at: datetime | None


class ScoreFigures(BaseModel):
    """An adviser's scores in some weeks."""

    model_config = ConfigDict(from_attributes=True)
    member: str
    adviser: str
    scored: int
    waiting: int
    mean: float | None
    lowest: int | None
    fatal: int
    appeals: int
