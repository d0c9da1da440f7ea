"""Requests and answers of group playbooks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from tandem.access.shapes import Body, Name

Status = Literal["draft", "running", "paused", "ended"]
StepKind = Literal["message", "coupon", "task"]
StepState = Literal["waiting", "begun", "done", "missed", "cancelled"]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
DAYS_MAX = 60
STEPS_MAX = 100


class PlaybookStep(Body):
    """What happens on a day (from 1) at a time. `coupon_id`: the coupon that everybody in the groups gets, once."""

    day: Annotated[int, Field(ge=1, le=DAYS_MAX)]
    at: Clock
    kind: StepKind
    title: Name
    body: Annotated[str, StringConstraints(max_length=4000)] = ""
    attachments: Annotated[list[dict[str, Any]], Field(max_length=9)] = Field(default_factory=list[dict[str, Any]])
    coupon_id: UUID | None = None

    @model_validator(mode="after")
    def _whole(self) -> PlaybookStep:
        if (self.kind == "coupon") != (self.coupon_id is not None):
            raise ValueError("a coupon drop names its coupon, and nothing else does")
        if self.kind == "task" and self.attachments:
            raise ValueError("a task carries no attachments")
        return self


class PlaybookPlan(Body):
    """A plan of days for some groups."""

    name: Name
    groups: Annotated[list[UUID], Field(max_length=500)] = Field(default_factory=list[UUID])
    begins_on: date | None = None
    steps: Annotated[list[PlaybookStep], Field(max_length=STEPS_MAX)] = Field(default_factory=list[PlaybookStep])


class NewPlaybook(PlaybookPlan):
    """A plan to draft."""

    account_id: UUID


class PlaybookStepOut(BaseModel):
    """A step, and in how many of its groups it is done. `given`, `doubles`: coupons, and who had one from another group."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    day: int
    at: str
    kind: StepKind
    title: str
    body: str
    attachments: list[dict[str, Any]]
    coupon_id: UUID | None
    coupon: str | None
    state: StepState
    due_at: datetime | None
    mass_send_id: UUID | None
    groups: int
    groups_done: int
    given: int
    doubles: int


class PlaybookOut(BaseModel):
    """A playbook."""

    id: UUID
    account_id: UUID
    name: str
    status: Status
    groups: list[UUID]
    begins_on: date | None
    started_at: datetime | None
    finished_at: datetime | None
    created_at: datetime
    steps: list[PlaybookStepOut]


class PlaybookPlaceOut(BaseModel):
    """Where a group stands with one step. `reason`: why it was held back."""

    model_config = ConfigDict(from_attributes=True)
    step_id: UUID
    state: Literal["waiting", "open", "done", "held", "skipped"]
    reason: str | None
    given: int
    doubles: int
    at: datetime | None


class PlaybookGroupOut(BaseModel):
    """A group of a playbook, and where it stands with each step that has begun."""

    group_id: UUID
    group: str
    owner: str
    ended: bool
    places: list[PlaybookPlaceOut]
