"""What a connector tells the webhook door, in four steps: verify -> durable -> answer -> normalise.

The door calls `verify` first, makes the delivery durable as it came, only then sends what `answer` says, and lets a worker call `read`
later. `verify` and `answer` are quick and touch no database; `read` is pure. A connector is registered under the name that stands in its
address, `/hooks/{name}/{account}`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, Protocol, runtime_checkable
from uuid import UUID

from tandem.catalog.label import Label
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Unauthenticated
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped


@dataclass(frozen=True, slots=True)
class Account:
    """A source account as connectors see it. `secret` is open: never log it."""

    tenant_id: UUID
    id: UUID
    connector: str
    source: str
    status: str
    config: Mapping[str, Any]
    mapping: Mapping[str, Any] | None
    secret: str = field(repr=False)
    stamp: str = field(default="", repr=False)
    """Which state of the account this is: every change of it gives another."""
    opened: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)
    """What connectors make of the settings and the secret once, for as long as this object is remembered."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One call as it came. Header names are lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What the platform wants to read once the delivery is durable."""

    body: str = '{"status":"kept"}'
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Raw:
    """A kept delivery on its way to its meaning. `body` is decoded JSON, or text where it was none."""

    body: Any
    is_json: bool
    query: Mapping[str, str]
    received_at: datetime
    zone: str


class NotVerified(Unauthenticated):
    """A delivery that its sender did not sign as agreed."""


class NotProven(NotVerified):
    """The same, for a platform that is to be told so by 412."""

    status = 412


class Connector(Protocol):
    """One kind of outside system that calls us."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> Label: ...

    @property
    def kept_query(self) -> tuple[str, ...]:
        """Names of query parameters without which the body cannot be read later."""
        ...

    def check(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The settings in their stored form. Raises InvalidInput."""
        ...

    def verify(self, account: Account, delivery: Delivery) -> None:
        """Raise NotVerified unless the account's sender made this call."""
        ...

    def delivery_id(self, account: Account, delivery: Delivery) -> str:
        """The same text for a repeated delivery of the same thing."""
        ...

    def answer(self, account: Account, delivery: Delivery) -> Reply:
        """What to answer once it is durable."""
        ...

    def read(self, account: Account, raw: Raw) -> Iterable[Mapped | Refused]:
        """The records in a delivery, and what cannot be read. Pure; raises Refused when nothing can."""
        ...


@runtime_checkable
class Challenged(Protocol):
    """A connector whose platform checks our address by a GET before it pushes."""

    def challenge(self, account: Account, query: Mapping[str, str]) -> Reply:
        """What to answer. Raises NotVerified."""
        ...


@runtime_checkable
class Hasty(Protocol):
    """A connector some of whose deliveries cannot wait until the door understands them: a welcome is good for seconds."""

    def at_once(self, account: Account, delivery: Delivery) -> Sequence[object]:
        """What of a verified delivery is to be filed with it. Quick, touches no database, raises nothing."""
        ...

    def file_at_once(self, tx: Tx, things: Sequence[object]) -> None:
        """File such things of one moment in the transaction that makes their deliveries durable; filed again they change nothing."""
        ...


@runtime_checkable
class Keyed(Protocol):
    """A connector whose platform signs with keys that are fetched by their numbers."""

    def wants_key(self, account: Account, delivery: Delivery) -> tuple[Literal["soon", "now"], Hashable] | None:
        """The key that has to be fetched: "now" before this can be verified, "soon" meanwhile. Quick, touches no database."""
        ...

    def fetch_key(self, db: Database, account: Account, delivery: Delivery) -> None:
        """Ask the platform for the key, which takes its time. Raises Unavailable where it could not be asked and no key is known."""
        ...


_known: Final[dict[str, Connector]] = {}


def register_connector(connector: Connector) -> None:
    """Let accounts of this connector be made; the same name again replaces it."""
    _known[connector.name] = connector


def connector_of(name: str) -> Connector | None:
    """The connector of that name, or None."""
    return _known.get(name)


def not_verified() -> NotVerified:
    """The one answer to every delivery whose sender cannot be told: it says nothing of what was wrong."""
    return NotVerified("not_verified", "签名或令牌不正确。", "The signature or token is not right.")


def not_proven() -> NotProven:
    """The same answer, to a platform that is to be told so by 412."""
    return NotProven("not_verified", "签名或令牌不正确。", "The signature or token is not right.")


def body_digest(body: bytes) -> str:
    """A name for a delivery whose sender gives it none."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()
