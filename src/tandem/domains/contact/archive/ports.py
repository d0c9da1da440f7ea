"""What a platform with a chat archive is to this domain. Connectors register how theirs is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from tandem.kernel.db import Database
from tandem.stream.sources.connector import Account

By = Literal["customer", "staff"]
What = Literal["message", "recall", "agree", "refuse", "other"]
"""`other`: between colleagues, in groups, of robots: its number counts, its words are not kept."""


@dataclass(frozen=True, slots=True)
class Said:
    """One row of the archive. `number` is the platform's own id of it; `media` says what a file is and by which id it can be fetched.

    `recalls` names the message that a recall takes back. `external` is the platform's id of the customer.
    """

    seq: int
    number: str
    at: datetime
    what: What = "other"
    by: By = "customer"
    member: str = ""
    external: str = ""
    kind: str = "text"
    text: str = ""
    media: Mapping[str, Any] = field(default_factory=dict[str, Any])
    recalls: str = ""


@dataclass(frozen=True, slots=True)
class Broke:
    """A message over which the library's process broke."""

    seq: int
    number: str
    why: str


@dataclass(frozen=True, slots=True)
class Pulled:
    """What came after a number, and the number to go on from. `unread`: so many that no key of ours opened, or that were passed over.

    `broke`: the library broke over the message after `seq`, and nothing behind it was looked at.
    """

    said: Sequence[Said]
    seq: int
    unread: int = 0
    broke: Broke | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """Whether a customer lets her conversation with an adviser be kept, as the platform knows it."""

    member: str
    external: str
    agreed: bool
    since: datetime | None


class ArchiveLine(Protocol):
    """One account's archive. Every call may raise GatewayFailure."""

    def pull(self, seq: int, limit: int, skip: AbstractSet[int] = frozenset()) -> Pulled:
        """Messages after a number; those with a number in `skip` are passed over unopened."""
        ...

    def consents(self, pairs: Sequence[tuple[str, str]]) -> list[Consent]:
        """Of (member, external) pairs; at most a hundred at once."""
        ...

    def watched(self) -> list[str]:
        """The members whose conversations are archived."""
        ...

    def media(self, file_id: str) -> bytes:
        """A file, whole."""
        ...


class ArchiveGateway(Protocol):
    """How the archives of one connector's accounts are read."""

    def open(self, db: Database, account: Account) -> AbstractContextManager[ArchiveLine]:
        """A line. Raises GatewayFailure for an account that is not set up for it."""
        ...


_gateways: Final[dict[str, ArchiveGateway]] = {}


def register_archive(connector: str, gateway: ArchiveGateway) -> None:
    """Let accounts of a connector have an archive; the same name again replaces it."""
    _gateways[connector] = gateway


def archive_of(connector: str) -> ArchiveGateway | None:
    """How the archive of a connector's accounts is read, if it has one."""
    return _gateways.get(connector)


def archived_connectors() -> list[str]:
    """The connectors with archives."""
    return sorted(_gateways)
