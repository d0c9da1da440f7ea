"""What simulated platforms share: requests and answers, tokens that need no memory, trouble on demand, and pushes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol, TypeVar, cast, runtime_checkable
from urllib.parse import parse_qsl

from tandem.connectors.simulator.world import Order, World


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a simulator sees it. `path` is what stands after the platform's own prefix; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    host: str = "api"

    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            found: Any = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Said:
    """An answer."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def content(self) -> bytes:
        """Its bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Pushed:
    """A webhook as the platform sends it."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Trouble:
    """What goes wrong on demand, each so many times."""

    throttle: int = 0
    fail: int = 0
    drop: int = 0
    """Close the connection without an answer."""
    tokens_before: datetime | None = None
    """Tokens made before this moment are expired, whatever they say."""


@dataclass(slots=True)
class Shop:
    """A simulated account: its world, its keys, its trouble."""

    world: World
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    trouble: Trouble = field(default_factory=Trouble)
    token_seconds: int = 7200
    calls: list[str] = field(default_factory=list[str])
    """The operations asked for, oldest first; a token's renewal is `refresh`."""

    memory: dict[str, Any] = field(default_factory=dict[str, Any])
    """What a platform remembers of its callers: confirmed messages, sent replies."""

    def now(self) -> datetime:
        """The simulator's clock is the real one."""
        return datetime.now(UTC)


def is_time(memory: dict[str, Any], story: str, after: timedelta, now: datetime) -> bool:
    """Whether a story begins: once, when somebody has listened for so long, so that who was told of it has come up."""
    if not memory.get("hooks") or memory.setdefault(story, now + after) > now:
        return False
    memory[story] = datetime.max.replace(tzinfo=now.tzinfo)
    return True


class Simulator(Protocol):
    """A simulated platform. Trouble is made by the server before it is asked."""

    name: ClassVar[str]

    def answer(self, shop: Shop, asked: Asked) -> Said:
        """Answer one request, signatures verified as the real platform does."""
        ...

    def throttled(self) -> Said:
        """What the platform answers when it is called too often."""
        ...

    def pushes(self, shop: Shop, order: Order) -> Sequence[Pushed]:
        """The webhooks that tell of an order as it is now; none where the platform has no webhooks."""
        ...


@runtime_checkable
class Acting(Protocol):
    """A simulated platform on which people do things on demand, beside buying."""

    acts: ClassVar[frozenset[str]]

    def act(self, shop: Shop, what: str, query: Mapping[str, str]) -> Any:
        """Do one of `acts`. Raises KeyError for a thing that is not there."""
        ...


@runtime_checkable
class Telling(Protocol):
    """A simulated platform that tells of more than orders."""

    def callbacks(self, shop: Shop) -> Iterable[Pushed]:
        """The callbacks that wait, oldest first; each is taken once."""
        ...


@runtime_checkable
class Lasting(Protocol):
    """A simulated platform whose state outlives its process, where the simulation has a folder for it."""

    def keep(self, shop: Shop, folder: Path) -> None:
        """Write down what changed since the last time."""
        ...

    def recall(self, shop: Shop, folder: Path) -> None:
        """Take up what was written down."""
        ...


_TOKEN_KEY: Final = b"simulated tokens"
Item = TypeVar("Item")


def token(shop: Shop, kind: str, seconds: int) -> str:
    """A token that says itself when it was made and when it ends: a restart forgets none."""
    now = shop.now()
    text = f"{kind}|{now.timestamp():.6f}|{(now + timedelta(seconds=seconds)).timestamp():.0f}"
    proof = hmac.new(_TOKEN_KEY, f"{shop.world.seed}|{text}".encode(), hashlib.sha256).hexdigest()[:24]
    return base64.urlsafe_b64encode(f"{text}|{proof}".encode()).decode().rstrip("=")


def holds(shop: Shop, given: str, kind: str = "access") -> bool:
    """Whether a token is ours, of this kind, and not over."""
    try:
        text, _, proof = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode().rpartition("|")
        named, made, ends = text.split("|")
    except (ValueError, UnicodeDecodeError):
        return False
    wanted = hmac.new(_TOKEN_KEY, f"{shop.world.seed}|{text}".encode(), hashlib.sha256).hexdigest()[:24]
    if named != kind or not hmac.compare_digest(proof, wanted) or float(ends) < shop.now().timestamp():
        return False
    before = shop.trouble.tokens_before
    return kind != "access" or before is None or float(made) >= before.timestamp()


def sliced(items: Sequence[Item], page: int, size: int) -> tuple[list[Item], bool]:
    """A page of a list (from 0), and whether there is another."""
    return list(items[page * size : (page + 1) * size]), len(items) > (page + 1) * size
