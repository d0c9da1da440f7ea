"""What the routes of directories take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from tandem.access.shapes import Body, Label

Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=600)]


class SignInWay(BaseModel):
    """A button of the log-in page."""

    account_id: UUID
    connector: str
    label: Label
    company: str
    simulated: bool


class SignInsOut(BaseModel):
    """The buttons of the log-in page."""

    ways: list[SignInWay]


class SignInAnswer(Body):
    """What the platform's page sent the browser back with."""

    account_id: UUID
    code: Secret
    state: Secret


class SignedInOut(BaseModel):
    """Who is signed in, the token of her unsafe requests, and where she was going."""

    name: str
    csrf: str
    next: str


class SimulatedMember(BaseModel):
    """A member of a demo's simulated company."""

    member: str
    name: str


class SimulatedMembers(BaseModel):
    """The members of a demo's simulated company."""

    members: list[SimulatedMember]


class SimulatedCode(BaseModel):
    """A code as the platform would have given it."""

    code: str


class DirectoryOut(BaseModel):
    """A connected account that is the company's directory, or (`mode` null) could be."""

    account_id: UUID
    connector: str
    label: Label
    name: str
    simulated: bool
    mode: Literal["review", "auto"] | None
    sign_in: bool
    stop_percent: int
    stop_least: int
    stopped_at: datetime | None
    read_at: datetime | None
    problem: Label | None
    members: int
    users: int
    waiting: int
    held: int
    sign_in_address: str | None
    """What has to be allowed as a way back in the platform's console."""


class DirectoryIn(Body):
    """How a directory is handled."""

    mode: Literal["review", "auto"] = "review"
    sign_in: bool = True
    stop_percent: int = Field(default=10, ge=1, le=100)
    stop_least: int = Field(default=5, ge=1, le=1000)


class DepartmentOut(BaseModel):
    """A department and the region or store that it is; `proposed`: the one that is called alike, for a person to take up."""

    department: str
    parent: str
    name: str
    unit_id: UUID | None
    unit_name: str | None
    proposed_id: UUID | None
    members: int


class PlacedDepartment(Body):
    """A department and the region or store that it is; null: none."""

    department: Key
    unit_id: UUID | None


class PlacedDepartments(Body):
    """Departments and what they are."""

    departments: Annotated[list[PlacedDepartment], Field(min_length=1, max_length=2000)]


class RuleIn(Body):
    """Who holds a role: in a department and below it, with a position, or leading one. `unit`: the store or region her department is."""

    department: Key | None = None
    position: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = None
    leaders_only: bool = False
    role_id: UUID
    scope: Literal["all", "unit", "own"]


class RuleOut(BaseModel):
    """A rule. `gives`: its role is given now; else `why` says why not."""

    id: UUID
    department: str | None
    department_name: str | None
    position: str | None
    leaders_only: bool
    role_id: UUID
    role_name: Label
    strong: bool
    scope: Literal["all", "unit", "own"]
    gives: bool
    why: Literal["waiting", "refused", "maker_gone", "maker_short", "unseconded"] | None
    made_by: UUID
    made_by_name: str
    decided_by_name: str | None


class RuleWord(Body):
    """A second person's word on a rule."""

    agree: bool


class MemberOut(BaseModel):
    """A member of staff, and who she is here. `likely`: whom she may be, for a person to say."""

    member: str
    name: str
    departments: list[str]
    position: str
    state: Literal["active", "disabled", "left"]
    user_id: UUID | None
    user_name: str | None
    user_active: bool | None
    likely_id: UUID | None
    likely_name: str | None
    likely_by: Literal["login", "name"] | None


class MemberBinding(Body):
    """Which colleague a member is; null: nobody."""

    user_id: UUID | None


class HoldingOut(BaseModel):
    """A role within a scope."""

    role_id: UUID
    role_name: Label
    scope: Literal["all", "region", "store", "own"]
    org_unit_name: str | None


class ChangeOut(BaseModel):
    """What is to be done, or was done, about somebody."""

    id: UUID
    member: str
    name: str
    what: Literal["join", "move", "leave", "return"]
    user_id: UUID | None
    before: list[HoldingOut]
    after: list[HoldingOut]
    state: Literal["open", "held", "done", "dropped", "refused"]
    why: str
    found_at: datetime
    done_at: datetime | None
    decided_by_name: str | None


class ChangesIn(Body):
    """Changes to be done."""

    changes: Annotated[list[UUID], Field(min_length=1, max_length=500)]


class ChangeProblem(BaseModel):
    """Why a change was not done."""

    id: UUID
    message: Label


class ChangesDone(BaseModel):
    """How many were done, and why others were not."""

    done: int
    problems: list[ChangeProblem]
