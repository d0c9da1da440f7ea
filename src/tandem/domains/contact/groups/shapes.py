"""Requests and answers about customer groups."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tandem.access.shapes import Body, Name
from tandem.domains.contact.shapes import Channel


class GroupChatOut(BaseModel):
    """A customer group. `catching_up`: the platform told of a change that it does not show yet."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    account_id: UUID
    chat_id: str
    name: str
    owner: str
    owner_name: str
    notice: str
    ended: bool
    people: int
    customers: int
    size_max: int
    joined_week: int
    left_week: int
    opened_at: datetime | None
    read_at: datetime | None
    catching_up: bool
    problem: str | None


class GroupPerson(BaseModel):
    """A customer in a group, or who was."""

    customer_id: UUID
    name: str | None
    joined_at: datetime
    scene: str
    live_code: str | None
    left_at: datetime | None
    groups: int


class GroupStaff(BaseModel):
    """One of our own people in a group."""

    member: str
    name: str


class GroupChatDetail(GroupChatOut):
    """A group with our own people in it."""

    staff: list[GroupStaff]


class CustomerGroup(BaseModel):
    """A group that a customer is in, or was."""

    model_config = ConfigDict(from_attributes=True)
    group_id: UUID
    group: str
    owner_name: str
    joined_at: datetime
    scene: str
    live_code: str | None
    left_at: datetime | None


class Double(BaseModel):
    """A customer who is in several groups at once."""

    customer_id: UUID
    name: str | None
    groups: list[str]


class GroupAccountOut(BaseModel):
    """What the platform allows an account's groups, and when all were read."""

    model_config = ConfigDict(from_attributes=True)
    account_id: UUID
    name: str
    simulated: bool
    size_max: int
    greetings_max: int
    read_at: datetime | None
    problem: str | None


class GroupAccountChange(Body):
    """The platform's limits as it says them itself."""

    size_max: Annotated[int, Field(ge=1, le=10_000)] | None = None
    greetings_max: Annotated[int, Field(ge=0, le=10_000)] | None = None


class GroupSeat(Body):
    """A group behind a code. `cap`: let in until it has so many people; none for as many as the platform lets in."""

    group_id: UUID
    cap: Annotated[int, Field(ge=1, le=10_000)] | None = None


GroupSeats = Annotated[list[GroupSeat], Field(min_length=1, max_length=100)]
BaseName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
BaseId = Annotated[int, Field(ge=1, le=1_000_000)]


class NewGroupCode(Body):
    """A code that leads into groups, one after the other as they fill up."""

    account_id: UUID
    name: Annotated[Name, StringConstraints(max_length=30)]
    channel: Channel = ""
    opens_groups: bool = True
    base_name: BaseName = ""
    base_id: BaseId = 1
    seats: GroupSeats


class GroupCodeChange(Body):
    """What to change; absent keys stay."""

    name: Annotated[Name, StringConstraints(max_length=30)] | None = None
    channel: Channel | None = None
    opens_groups: bool | None = None
    base_name: BaseName | None = None
    base_id: BaseId | None = None
    seats: GroupSeats | None = None


class GroupSeatOut(BaseModel):
    """A group behind a code. `now`: the code lets people into it at this moment; `opened`: the platform opened it by itself."""

    group_id: UUID
    group: str
    people: int
    cap: int | None
    ended: bool
    opened: bool
    now: bool
    joined: int


class GroupCodeOut(BaseModel):
    """A group code. `reason`: `regular`, `full` while no group has room, `nobody` while none is left."""

    id: UUID
    account_id: UUID
    name: str
    channel: str
    archived: bool
    state: str
    qr_url: str | None
    where: Literal["making", "placed", "stuck"]
    reason: Literal["regular", "full", "nobody"] | None
    problem: str | None
    opens_groups: bool
    base_name: str
    base_id: int
    seats: list[GroupSeatOut]
    joined: int
    here: int
    left: int
    simulated: bool
    config_id: str | None
    created_at: datetime


class ChannelJoins(BaseModel):
    """What group codes of one source brought."""

    model_config = ConfigDict(from_attributes=True)
    channel: str
    codes: int
    joined: int
    here: int
    left: int


class NewGroupWelcome(Body):
    """Words for newcomers; `%NICKNAME%` becomes the name. At most one attachment, as the platform takes it."""

    account_id: UUID
    name: Name
    body: Annotated[str, StringConstraints(max_length=3000)] = ""
    attachment: dict[str, Any] | None = None
    notify: bool = True


class GroupWelcomeChange(Body):
    """The words as they are to be."""

    name: Name
    body: Annotated[str, StringConstraints(max_length=3000)] = ""
    attachment: dict[str, Any] | None = None
    notify: bool = True


class GroupWelcomeOut(BaseModel):
    """Words for newcomers, and whether the platform has them as they are here."""

    id: UUID
    account_id: UUID
    name: str
    body: str
    attachment: dict[str, Any] | None
    notify: bool
    where: Literal["making", "placed", "stuck"]
    problem: str | None
