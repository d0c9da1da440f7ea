"""What the routes of people's rights take and answer."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from tandem.access.shapes import Body

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Channel = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z][a-z0-9_]{0,39})$")]
Purpose = Literal["marketing", "service", "profiling", "sensitive"]


class FromRow(BaseModel):
    """An answer read from a row's attributes."""

    model_config = ConfigDict(from_attributes=True)


class NewRightsRequest(Body):
    """What a person asked for. `asked_at` is when she did (default: now); the due date counts from there."""

    kind: Literal["export", "erase"]
    customer_id: UUID
    reason: Reason
    asked_at: AwareDatetime | None = None


class Refusal(Body):
    """Why a request is turned down."""

    note: Reason


class RightsRequestOut(FromRow):
    """A request and how far it is. `receipt` holds counts by table; `genuine` says that its hash and signature are ours."""

    id: UUID
    kind: Literal["export", "erase"]
    customer_id: UUID
    reason: str
    status: Literal["open", "approved", "done", "refused", "failed"]
    asked_at: datetime
    due_at: datetime
    created_by: UUID | None
    created_by_name: str | None
    first_approved_by: UUID | None
    first_approved_by_name: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    note: str | None
    done_at: datetime | None
    receipt: dict[str, Any] | None
    receipt_hash: str | None
    signature: str | None
    has_file: bool
    genuine: bool | None = None


class NewConsent(Body):
    """A consent given or taken back. `channel` is a channel's name or `*`; `proof` says who signed what, and is sealed."""

    channel: Channel = "*"
    purpose: Purpose
    state: Literal["granted", "withdrawn"]
    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    text_id: UUID | None = None
    guardian: bool = False
    proof: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None = None
    at: AwareDatetime | None = None


class ConsentOut(FromRow):
    """One entry: what, when, from where, on which wording."""

    id: UUID
    channel: str
    purpose: str
    state: Literal["granted", "withdrawn"]
    text_id: UUID | None
    text_version: int | None
    wording: str | None
    source: str
    guardian: bool
    has_proof: bool
    at: datetime
    recorded_by_name: str | None


class RecordedConsent(BaseModel):
    """The new entry, and how many planned messages a withdrawal stopped."""

    id: UUID
    stopped_messages: int


class ConsentProof(BaseModel):
    """The proof in the clear; the look is on the audit trail."""

    proof: str | None


class NewConsentText(Body):
    """The next version of a wording for a purpose and channel (`*`: every one)."""

    purpose: Purpose
    channel: Annotated[str, StringConstraints(pattern=r"^(\*|[a-z][a-z0-9_]{0,39})$")] = "*"
    wording: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000)]


class ConsentTextOut(FromRow):
    """A wording, word by word. `used`: how many consents were given on this very version."""

    id: UUID
    purpose: str
    channel: str
    version: int
    wording: str
    created_at: datetime
    used: int


class ConsentRuleBody(Body):
    """`opt_in`: marketing on the channel needs a consent first; `opt_out`: it goes until one is withdrawn."""

    mode: Literal["opt_in", "opt_out"]


class ConsentRules(BaseModel):
    """The channels that have a rule, with it; all others are `opt_out`."""

    rules: Annotated[dict[str, Literal["opt_in", "opt_out"]], Field(description="By channel")]
