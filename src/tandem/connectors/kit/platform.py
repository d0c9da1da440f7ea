"""A connector in one value: its manifest and the functions that know the platform. Everything else is the kit's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from tandem.connectors.kit.manifest import Manifest
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send
from tandem.kernel.db import Tx
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.connector import Delivery
from tandem.stream.sources.mapping import Mapped

WANT = "connector.want"
"""The kind of a record that only says what to fetch."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time that is asked for: from `since` up to `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it is kept: JSON, how many records it holds, and where the next one begins (None: there is none)."""

    body: Any
    count: int
    next: str | None = None


def following(page: int, size: int, total: Any, items: Sequence[object]) -> str | None:
    """The page after one of a numbered list, counted from 1; None after the last, and after an empty one, whatever the total says."""
    return str(page + 1) if items and int(total or 0) > page * size else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some of a feed as it is kept: JSON, how many records it holds, the place after it ("": none was told), and whether more follows."""

    body: Any
    count: int
    place: str
    more: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """Things that are read on from a place: `read_on(asking, thing, place)`, "" is the beginning. `of(thing)` names the feed."""

    of: Callable[[str], str]
    read_on: Callable[[Asking, str, str], Stretch]


@dataclass(frozen=True, slots=True)
class Grant:
    """What authorising gave. Times are UTC; None: does not expire."""

    access: str = field(repr=False)
    expires_at: datetime | None = None
    refresh: str = field(default="", repr=False)
    refresh_expires_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Asking(Protocol):
    """An authorised way to a platform's account, as mappings of pages use it."""

    @property
    def credentials(self) -> Credentials: ...

    def call(self, call: Call) -> Any:
        """The answer's JSON. Raises ConnectorFailure."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What a mapping may know beside the body: whose it is and the tenant's zone."""

    source: str
    settings: Mapping[str, Any]
    zone: str = "Asia/Shanghai"


ReadBody = Callable[[Any, Seen], Iterable[Mapped | Refused]]


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of thing that is asked for. `page(asking, window, at)` fetches; `read(body, seen)` is pure; `detail` fetches one by its id."""

    name: str
    page: Callable[[Asking, Window, str | None], Page]
    read: ReadBody
    detail: Callable[[Asking, str], Any] | None = None
    window_max: timedelta = timedelta(days=1)
    overlap: timedelta = timedelta(minutes=5)
    settle: timedelta = timedelta(seconds=5)
    """How far behind now a window ends: platforms write late."""
    every_seconds: int = 60
    history: timedelta = timedelta(days=90)
    past: Callable[[Asking, Window, str | None], Page] | None = None
    """Another way to the past, where a platform's increments come in windows too short to walk years by; with its own window."""
    past_window: timedelta = timedelta(days=1)
    windowed: bool = True
    """False: the platform gives no way to ask for what changed; the whole is read each time."""
    feed: Feed | None = None
    """Instead of `detail`: what a push names is read on from where it was read up to."""


@dataclass(frozen=True, slots=True)
class Push:
    """A verified push as connectors read it: decoded where it was JSON, opened where it was sealed."""

    body: Any
    query: Mapping[str, str]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Public keys that are fetched by the number a push names: `number(delivery)` ("": it names none that could be one), and
    `fetch(plain, credentials, number)`, None where the platform has no such key. `plain(operation, *secrets)` gives a way to send without
    the account's token. Raises ConnectorFailure. Kept in `keyring.KEYS` under the platform's `api` address and the number.
    """

    number: Callable[[Delivery], str]
    fetch: Callable[[Callable[..., Send], Credentials, str], str | None]


@dataclass(frozen=True, slots=True)
class Pushes:
    """How a platform calls us. `verify` raises NotVerified; `read` is pure and may want things fetched (`want`)."""

    verify: Callable[[Credentials, Delivery], None]
    read: Callable[[Push, Credentials, Seen], Iterable[Mapped | Refused]]
    delivery_id: Callable[[Delivery], str | None] = lambda _delivery: None
    reply: Callable[[Credentials, Delivery], tuple[str, str]] = lambda _credentials, _delivery: (
        '{"code":0}',
        "application/json",
    )
    kept_query: tuple[str, ...] = ()
    challenge: Callable[[Credentials, Mapping[str, str]], tuple[str, str]] | None = None
    """Answers the address check of a platform that makes one: body and media type. Raises NotVerified."""
    at_once: Callable[[Push, Credentials, Seen], Sequence[object]] | None = None
    """What of a push cannot wait until the door reads it; `file_at_once` files it with the push itself."""
    file_at_once: Callable[[Tx, Sequence[object]], None] | None = None
    keys: SigningKeys | None = None
    refused: Literal[401, 412] = 401
    """With which status a push is refused whose signature is wrong."""


@dataclass(frozen=True, slots=True)
class Poll:
    """A message queue that is asked instead of calling us (TMC): `take` gives messages, `confirm` lets them go after they are durable."""

    take: Callable[[Asking], Page]
    confirm: Callable[[Asking, Any], None]
    read: ReadBody
    every_seconds: int = 15


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom a parcel goes to, in plain. `virtual`: the phone is the platform's own number, which leads to her for some days."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    virtual: bool = False


@dataclass(frozen=True, slots=True)
class Platform:
    """Everything the kit asks of a platform.

    `sign` makes a request of a call; `judge` raises ConnectorFailure for what a platform calls an error, else gives the payload.
    `authorise_url(credentials, redirect, state)`, `exchange(send, credentials, code)`, `refresh(send, credentials, grant)` get tokens.
    """

    manifest: Manifest
    sign: Callable[[Call, Credentials], Request]
    judge: Callable[[Call, Answer], Any]
    refresh: Callable[[Send, Credentials, Grant | None], Grant]
    check: Callable[[Asking], Mapping[str, Any]]
    """A cheap call that proves the authorisation; returns what to show (the shop's name)."""
    resources: tuple[Resource, ...]
    authorise_url: Callable[[Credentials, str, str], str] | None = None
    exchange: Callable[[Send, Credentials, str], Grant] | None = None
    pushes: Pushes | None = None
    queue: Poll | None = None
    receiver: Callable[[Asking, str, Literal["ship", "after_sale"]], Receiver | None] | None = None
    """Opens the receiver of an order by its number; None: the platform lets nobody, and then nobody tries."""
    set_stock: Callable[[Asking, Mapping[str, Any], int], None] | None = None

    def resource(self, name: str) -> Resource:
        """A resource by its name. Raises LookupError."""
        for one in self.resources:
            if one.name == name:
                return one
        raise LookupError(name)


def want(resource: str, thing: str, *, stamp: str, at: datetime | None = None) -> Mapped:
    """A push that only names a thing: fetch it. `stamp` tells this news of the thing from the next."""
    payload = {"resource": resource, "id": thing, "at": None if at is None else at.isoformat()}
    return Mapped(0, WANT, f"want:{resource}:{thing}:{stamp}"[:200], None, payload)


def dumped(body: Any) -> bytes:
    """A page as it is kept."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
