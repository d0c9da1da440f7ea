"""What a channel is to messaging: something that takes rendered messages and says what became of each, or that it cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol
from uuid import UUID

from tandem.catalog.label import Label
from tandem.kernel.db import Database

Result = Literal["sent", "failed", "unknown", "later"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it leaves. `key` never changes over repeats: the idempotency key where the platform knows such a thing."""

    key: UUID
    bucket: int
    customer_id: UUID
    template_id: UUID
    text: str
    values: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """What filled the placeholders, for providers that fill a text of their own."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message: taken by the channel, refused for good, unknown (time-out), or not now (throttled)."""

    key: UUID
    result: Result
    reason: str | None = None
    ref: str | None = None
    """What the provider's later reports will call it, where it reports."""


class ChannelDown(Exception):
    """The channel took none of the messages: it was not reached, or refused the whole call. `reason` is a short stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AnswerLost(ChannelDown):
    """The messages were handed over and no answer came: they may have arrived."""


class Channel(Protocol):
    """One way of reaching people. `idempotent`: a repeat with the same key does no harm, so a time-out may be tried again."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> Label: ...

    @property
    def idempotent(self) -> bool: ...

    def deliver(self, db: Database, tenant_id: UUID, messages: Sequence[Outgoing], until: float) -> list[Delivery]:
        """Hand over messages of different recipients; one answer for each. Runs outside any transaction of the caller.

        `until` in seconds of `time.monotonic`: what is not begun by then is answered with "later".

        Raises ChannelDown when nothing was taken, AnswerLost when that is not known; anything else it raises counts as the latter.
        """
        ...
