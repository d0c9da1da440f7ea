"""What the sidebar's routes take and give."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from tandem.access.shapes import Body, Label
from tandem.stream.customer.shapes import CustomerOut

Host = Annotated[str, StringConstraints(max_length=253, pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")]


class Binding(BaseModel):
    """An adviser and the colleague she is."""

    account_id: UUID
    member: str
    adviser: str
    user_id: UUID
    user_name: str


class NewBinding(Body):
    """Whom an adviser signs in as."""

    user_id: UUID


class SidebarSetting(Body):
    """Hosts at which the sidebar's page may stand, such as `crm.example.com`."""

    trusted_hosts: list[Host] = Field(max_length=20)


class SidebarSettingOut(BaseModel):
    """An account's sidebar. `page`: the address to enter in WeCom's console; null until this installation knows its own."""

    account_id: UUID
    trusted_hosts: list[str]
    page: str | None


class SignInCode(Body):
    """What the platform's sign-in page sent back."""

    account_id: UUID
    code: Annotated[str, StringConstraints(min_length=1, max_length=512)]
    state: Annotated[str, StringConstraints(min_length=1, max_length=128)]


class SignedInAs(BaseModel):
    """Who is signed in now, and the token for her further requests."""

    name: str
    csrf: str


class PageAddress(Body):
    """The page that wants to call the platform's app."""

    account_id: UUID
    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class OneSignature(BaseModel):
    """A signature as the platform's script takes it."""

    timestamp: int
    nonce: str
    signature: str


class Signatures(BaseModel):
    """For `wx.config` and `wx.agentConfig`."""

    corp_id: str
    agent_id: str
    config: OneSignature
    agent_config: OneSignature


class Friend(BaseModel):
    """A customer to choose from."""

    id: UUID
    name: str | None


class Standing(BaseModel):
    """A flow that she is in, and where."""

    flow: str
    block: Label | None
    state: str
    since: datetime | None
    entered_at: datetime


class SidebarOrder(BaseModel):
    """One of her last orders."""

    id: UUID
    number: str
    status: str
    total: Decimal
    currency: str
    placed_at: datetime


class Looked(BaseModel):
    """Something that she looked at and did not buy since."""

    name: str
    times: int
    last_at: datetime


class InHand(BaseModel):
    """A coupon that she can use."""

    name: str
    code: str
    expires_at: datetime


class OpenTask(BaseModel):
    """A question about her that waits for a colleague."""

    id: UUID
    title: str
    flow: str
    due_at: datetime | None


class Known(BaseModel):
    """Who knows her."""

    adviser: str
    added_at: datetime


class Hint(BaseModel):
    """A script that a flow suggests now."""

    id: UUID
    script_id: UUID
    title: str
    text: str
    missing: list[str]


class SidebarCustomer(BaseModel):
    """One customer as her adviser sees her beside the chat."""

    customer: CustomerOut
    known_by: list[Known]
    hints: list[Hint]
    orders: list[SidebarOrder]
    looked: list[Looked]
    coupons: list[InHand]
    points: int
    tasks: list[OpenTask]
    runs: list[Standing]


class Script(BaseModel):
    """A script filled in for her. `missing`: what nobody knows of her."""

    id: UUID
    title: str
    folder: str
    text: str
    missing: list[str]
    material_id: UUID | None
    uses: int


class MaterialLink(BaseModel):
    """A material, with a link that tells who read it."""

    id: UUID
    name: str
    kind: str
    folder: str
    product: str
    link: str


class Question(BaseModel):
    """Something asked before a flow starts."""

    name: str
    type: Literal["text", "number", "bool", "date", "timestamp"]
    label: str
    required: bool
    options: list[str]


class StartableFlow(BaseModel):
    """A flow that colleagues may start."""

    flow_id: UUID
    block: str
    title: str
    about: str
    questions: list[Question]


class FlowStart(Body):
    """Which flow, and what was asked before."""

    flow_id: UUID
    block: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    answers: dict[str, Any] = Field(default_factory=dict[str, Any], max_length=20)


class OneTag(Body):
    """A tag."""

    tag: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Note(Body):
    """What an adviser learnt."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Utterance(Body):
    """What a customer says on the simulated phone."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
