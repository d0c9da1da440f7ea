"""What the routes of platform accounts take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from tandem.access.shapes import Body, Code, Label, Name

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Light = Literal["green", "yellow", "red", "grey"]


class SettingOut(BaseModel):
    """A field of the set-up form."""

    name: str
    label: Label
    secret: bool
    required: bool


class PlatformOut(BaseModel):
    """A platform that can be connected."""

    name: str
    label: Label
    auth: str
    push: str
    capabilities: list[str]
    settings: list[SettingOut]
    tier: str
    simulated: bool
    """A simulator of it runs beside this installation: it can be tried without an account."""


class PlatformsOut(BaseModel):
    """Every platform."""

    platforms: list[PlatformOut]


class NewAccount(Body):
    """An account to connect. With `simulated` the simulator's keys are filled in."""

    connector: Annotated[str, StringConstraints(max_length=50)]
    source: Code
    name: Name
    settings: Annotated[dict[str, Text], Field(default_factory=dict)]
    simulated: bool = False


class ProblemOut(BaseModel):
    """What went wrong, and what helps."""

    kind: str
    title: Label
    told: str
    platform_code: str
    remedy: Label


class AskedOut(BaseModel):
    """Something that an account is asked for. `percent`: how far a stretch of the past has come, by time."""

    resource: str
    purpose: str
    at: datetime
    percent: int | None
    records: int
    found: int
    lag_seconds: int | None
    next_at: datetime
    last_ok_at: datetime | None
    done: bool
    failures: int
    problem: ProblemOut | None


class AccountLine(BaseModel):
    """An account in the list. `light`: green works, yellow wants attention, red stands still, grey is not started."""

    id: UUID
    connector: str
    platform: Label
    source: str
    name: str
    status: str
    simulated: bool
    light: Light
    why: Label
    expires_at: datetime | None


class AccountOut(AccountLine):
    """One account with everything an operator needs."""

    state: str
    address: str | None
    settings: dict[str, Any]
    refresh_expires_at: datetime | None
    facts: dict[str, Any]
    problem: ProblemOut | None
    tasks: list[AskedOut]
    waiting: int
    """Things that pushes named and that are still to be fetched."""


class Authorise(Body):
    """Where the platform shall send the seller back to."""

    redirect: Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[^\s]+$")]


class AuthoriseOut(BaseModel):
    """Where the seller says yes; null: the keys alone are enough."""

    url: str | None


class Authorised(Body):
    """What the platform brought back."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    state: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class Checked(BaseModel):
    """Who we are there."""

    shop: str
    id: str


class SampleRecord(BaseModel):
    """A record as it would be taken in."""

    kind: str
    external_id: str | None
    time: datetime | None
    payload: dict[str, Any]


class SampleProblem(BaseModel):
    """Something that a mapping could not read."""

    where: str
    what: Label


class SampleOut(BaseModel):
    """The newest page of one resource, mapped; nothing was kept."""

    resource: str
    records: list[SampleRecord]
    problems: list[SampleProblem]


class SamplesOut(BaseModel):
    """A sample of each resource."""

    samples: list[SampleOut]


class Days(Body):
    """How far back to read."""

    days: Annotated[int, Field(ge=1, le=365)] = 90


class Simulated(Body):
    """What shall happen in a simulated shop: so many orders a minute from now on, so many orders at once."""

    per_minute: Annotated[int, Field(ge=0, le=600)] | None = None
    orders: Annotated[int, Field(ge=1, le=100)] | None = None


class SimulatedNow(BaseModel):
    """How many orders a minute a simulated shop has now."""

    per_minute: float


class Act(Body):
    """What somebody does on a simulated platform, and whom or what with (`{"member": "linxiaotong", "msgid": "..."}`)."""

    what: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
    given: Annotated[dict[str, Annotated[str, Field(max_length=200)]], Field(max_length=10)] = Field(
        default_factory=dict[str, str]
    )


class Secrets(Body):
    """Secrets to replace; those left out stay."""

    secrets: dict[str, Text]


class TrafficOut(BaseModel):
    """A call as it went out and came back, secrets masked."""

    id: UUID
    at: datetime
    operation: str
    status: int | None
    failure: str | None
    took_ms: int
    text: str


class TrafficList(BaseModel):
    """The last calls, newest first."""

    calls: list[TrafficOut]
