"""What the routes of the knowledge base and the desks take and give."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from tandem.access.shapes import Body

Life = Literal["draft", "approved", "archived"]
Question = Annotated[str, Field(min_length=2, max_length=200, pattern=r"\S")]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]


class NewKnowledgeArticle(Body):
    """A question, its other wordings, and the answer."""

    title: Question
    category: str = Field(default="", max_length=60)
    questions: list[Question] = Field(default=[], max_length=30)
    answer: str = Field(min_length=1, max_length=1500, pattern=r"\S")
    material_id: UUID | None = None
    topic_id: UUID | None = None
    expires_on: date | None = None


class KnowledgeArticleOut(BaseModel):
    """An article."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    title: str
    category: str
    questions: list[str]
    answer: str
    material_id: UUID | None
    material: str | None
    topic_id: UUID | None
    topic: str | None
    status: Life
    expires_on: date | None
    used: int
    updated_at: datetime
    own: bool
    """The caller wrote of it since it was approved last: somebody else has to approve it."""


class KnowledgeTry(Body):
    """A question to try, at a threshold."""

    text: str = Field(min_length=1, max_length=2000)
    threshold: float = Field(default=0.5, ge=0, le=1)


class NearArticle(BaseModel):
    """An article that came near. `shared`: what its wording and the question have in common."""

    article_id: UUID
    title: str
    question: str
    score: float
    shared: list[str]
    by_topic: bool


class KnowledgeTried(BaseModel):
    """What would be answered and why: `sure`, `unsure`, `torn`, `nothing`."""

    why: Literal["sure", "unsure", "torn", "nothing"]
    answer: str | None
    near: list[NearArticle]


class ServiceHours(BaseModel):
    """Days (1 Monday to 7 Sunday) and the time of day; an end at or before the begin is on the next day."""

    days: list[Annotated[int, Field(ge=1, le=7)]] = Field(min_length=1, max_length=7)
    from_: Clock = Field(alias="from")
    until: Clock
    model_config = ConfigDict(populate_by_name=True)


class DeskChange(Body):
    """How a desk serves; what is left out stays."""

    active: bool | None = None
    answers: Literal["out_of_hours", "always"] | None = None
    hours: list[ServiceHours] | None = Field(default=None, max_length=14)
    threshold: float | None = Field(default=None, ge=0.1, le=1)
    polite: str | None = Field(default=None, max_length=500)
    offers: bool | None = None
    hand_to: str | None = Field(default=None, max_length=64)
    alarm_minutes: int | None = Field(default=None, ge=1, le=1440)


class DeskOut(BaseModel):
    """A desk."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    account_id: UUID
    account: str
    number: str
    name: str
    active: bool
    answers: Literal["out_of_hours", "always"]
    hours: list[ServiceHours]
    threshold: float
    polite: str
    offers: bool
    hand_to: str
    alarm_minutes: int


class DeskTalkOut(BaseModel):
    """A talk at a desk. `state`: `open`, `asked` (a person was asked for), `person`."""

    id: UUID
    desk_id: UUID
    desk: str
    customer_id: UUID
    customer: str | None
    state: Literal["open", "asked", "person"]
    member: str
    last_at: datetime
    asked_at: datetime | None
    waiting_since: datetime | None
    alarmed_at: datetime | None


class DeskMessageOut(BaseModel):
    """Something said. `choices`: the lines of a menu. `why`: why the desk answered so, or did not."""

    id: UUID
    at: datetime
    said_by: Literal["customer", "staff", "desk"]
    member: str
    kind: str
    text: str
    state: Literal["heard", "planned", "sending", "sent", "failed", "dropped", "unknown"]
    article: str | None
    choices: list[str]
    why: str
    problem: str | None


class DeskFigures(BaseModel):
    """What desks did in some days. `answered`: by the knowledge base alone."""

    asked: int
    answered: int
    handed_over: int
    waiting: int
    late: int
