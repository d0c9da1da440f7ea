"""What the webhook routes take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from tandem.access.shapes import Body, Label, Name

Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=2000)]
EventTypes = Annotated[
    list[Annotated[str, StringConstraints(max_length=100)]],
    Field(min_length=1, max_length=200, description="Names of event types, or `*` alone for every one"),
]
Filter = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=8000),
    Field(description="An expression over `event` and `customer`; empty lets everything through"),
]
Status = Literal["active", "paused", "disabled"]
DeliveryStatus = Literal["pending", "sending", "delivered", "dead"]


class NewWebhook(Body):
    """A subscription to make."""

    name: Name
    url: Url
    event_types: EventTypes
    filter: Filter = ""
    include_personal: bool = False


class WebhookChange(Body):
    """Fields left out stay as they are. `active` also switches a disabled one on again."""

    name: Name | None = None
    url: Url | None = None
    event_types: EventTypes | None = None
    filter: Filter | None = None
    include_personal: bool | None = None
    status: Literal["active", "paused"] | None = None


class WebhookOut(BaseModel):
    """A subscription and how its receiver is doing. `disabled_reason`: failing or gone. Counts are of the last seven days."""

    id: UUID
    name: str
    url: str
    event_types: list[str]
    filter: str
    filter_problem: Label | None
    include_personal: bool
    status: Status
    disabled_reason: str | None
    failing_since: datetime | None
    last_success_at: datetime | None
    old_secret_until: datetime | None
    created_at: datetime
    delivered: int
    pending: int
    dead: int


class MadeWebhook(BaseModel):
    """The only answer that ever holds the secret."""

    webhook: WebhookOut
    secret: str


class Rotation(Body):
    """How long the old secret signs beside the new one."""

    overlap_hours: Annotated[int, Field(ge=0, le=168)] = 24


class Secret(BaseModel):
    """A fresh secret, shown once."""

    secret: str
    old_secret_until: datetime | None


class DeliveryLine(BaseModel):
    """An event on its way, and its latest answer."""

    id: UUID
    event_id: UUID
    type: str
    occurred_at: datetime
    filed_at: datetime
    status: DeliveryStatus
    attempts: int
    next_at: datetime | None
    code: int | None
    problem: str | None
    milliseconds: int | None


class AttemptOut(BaseModel):
    """One attempt; `answer` is the beginning of what the receiver said."""

    number: int
    at: datetime
    code: int | None
    milliseconds: int
    problem: str | None
    answer: str | None


class DeliveryOut(DeliveryLine):
    """A delivery whole; `body` is null where the reader may not see the personal data it may hold."""

    webhook_id: UUID
    body: dict[str, Any] | None
    log: list[AttemptOut]


class Replay(Body):
    """Which deliveries to send again: those of a state, filed within a span of time."""

    status: Literal["dead", "delivered"] = "dead"
    filed_from: AwareDatetime | None = None
    filed_to: AwareDatetime | None = None


class Replayed(BaseModel):
    """How many are on their way again; `more` says that others still match: call again."""

    replayed: int
    more: bool


class EventFieldOut(BaseModel):
    """One value in `data`."""

    name: str
    type: str
    label: Label
    privacy: Literal["plain", "personal", "sensitive"]


class EventTypeOut(BaseModel):
    """What an event of a type and version says, with an example of the whole body."""

    name: str
    version: int
    label: Label
    fields: list[EventFieldOut]
    example: dict[str, Any]
