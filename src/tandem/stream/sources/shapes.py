"""What the routes of source accounts take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from tandem.access.shapes import Body, Code, Label, Name

Secret = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=500)]
Status = Literal["active", "paused"]
LagSeconds = Annotated[int, Field(ge=1, le=10_000_000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Minutes = Annotated[int, Field(ge=1, le=1_000_000)]


class NewSource(Body):
    """An account to make. Without `secret` one is made up and shown once. `config` depends on the connector."""

    connector: Annotated[str, StringConstraints(max_length=50)]
    source: Code
    name: Name
    config: Annotated[dict[str, Any], Field(default_factory=dict)]
    mapping: dict[str, Any] | None = None
    secret: Secret | None = None
    lag_seconds_max: LagSeconds = 3600
    failure_percent_max: Percent = 5
    silent_minutes_max: Minutes | None = None
    secret_expires_at: AwareDatetime | None = None


class SourceChange(Body):
    """Fields left out stay as they are. Another host to ask (`config.url`) wants its `secret` with it."""

    name: Name | None = None
    secret: Secret | None = None
    status: Status | None = None
    config: dict[str, Any] | None = None
    mapping: dict[str, Any] | None = None
    lag_seconds_max: LagSeconds | None = None
    failure_percent_max: Percent | None = None
    silent_minutes_max: Minutes | None = None
    secret_expires_at: AwareDatetime | None = None


class NewSecret(Body):
    """The secret that the other side gave, and until when it holds; none: one is made up."""

    secret: Secret | None = None
    expires_at: AwareDatetime | None = None


class ShownSecret(BaseModel):
    """A secret, shown this once."""

    secret: str


class SourceOut(BaseModel):
    """An account. `address` is where its sender posts, after our own host; null where we ask it instead."""

    id: UUID
    connector: str
    source: str
    name: str
    status: Status
    address: str | None
    config: dict[str, Any]
    mapping: dict[str, Any] | None
    lag_seconds_max: int
    failure_percent_max: int
    silent_minutes_max: int | None
    secret_expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


class MadeSource(BaseModel):
    """A new account and its secret, shown this once."""

    source: SourceOut
    secret: str


class Trial(Body):
    """A mapping to try on a sample of what the source sends."""

    mapping: dict[str, Any]
    sample: Any


class TrialProblem(BaseModel):
    """Something a mapping or the door could not read."""

    where: str
    what: Label


class TrialChange(BaseModel):
    """A value that a cleaning rule spelt otherwise."""

    where: str
    before: str
    after: str


class TrialRecord(BaseModel):
    """One record that the sample holds, as it is after cleaning, with what that changed and what the door says of it."""

    kind: str
    external_id: str | None
    time: datetime | None
    payload: dict[str, Any]
    changes: list[TrialChange]
    problem: TrialProblem | None


class TrialAnswer(BaseModel):
    """What a mapping makes of a sample. Nothing is kept."""

    records: list[TrialRecord]
    problems: list[TrialProblem]
