"""Live updates: one LISTEN connection per process, any number of browsers, one short line when something they watch changed.

A line names a topic and, for the clock, its state; screens then read what they show through the ordinary routes, so nothing passes
here that those would refuse. A browser that comes back with a `Last-Event-ID` hears what it missed.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID, uuid4

import psycopg
import structlog
from anyio import get_cancelled_exc_class

from tandem.kernel.live import CHANNEL

log = structlog.get_logger("tandem.live")

DEBOUNCE_SECONDS: Final = 0.25
HEARTBEAT_SECONDS: Final = 15.0
RECONNECT_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
HISTORY: Final = 4096
TOPICS_MAX: Final = 50

#: Gives the data of a topic's line; None leaves it null.
Loader = Callable[[UUID, str], Awaitable[object | None]]
#: Whether the caller is still signed in; asked at every heartbeat.
StillThere = Callable[[], Awaitable[bool]]


@dataclass(eq=False, slots=True)
class Subscription:
    """One browser's wish: its tenant, its topics, and what changed since it was last told."""

    tenant_id: UUID
    topics: frozenset[str]
    pending: dict[str, int] = field(default_factory=dict[str, int])
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, topic: str, number: int) -> None:
        """Note that a topic changed; several changes before the next line become one."""
        self.pending[topic] = number
        self.wake.set()


class LiveHub:
    """Hears announcements and hands them to subscriptions of the same tenant. All methods run on the event loop."""

    def __init__(self) -> None:
        self.boot = uuid4().hex[:8]
        self.number = 0
        self._history: deque[tuple[int, UUID, str]] = deque(maxlen=HISTORY)
        self._subscriptions: set[Subscription] = set()
        self._closing = asyncio.Event()

    @property
    def subscribers(self) -> int:
        """How many browsers listen now."""
        return len(self._subscriptions)

    def hear(self, payload: str) -> None:
        """Take one announcement; one that is not ours to read is dropped."""
        try:
            told = json.loads(payload)
            tenant_id, topic = UUID(told["tenant"]), str(told["topic"])
        except (ValueError, TypeError, KeyError, AttributeError):
            log.warning("live.unreadable", length=len(payload))
            return
        self.number += 1
        self._history.append((self.number, tenant_id, topic))
        for one in self._subscriptions:
            if one.tenant_id == tenant_id and topic in one.topics:
                one.tell(topic, self.number)

    def everything(self) -> None:
        """After a gap in listening: whatever anybody watches may have changed."""
        self.number += 1
        self._history.clear()
        for one in self._subscriptions:
            for topic in one.topics:
                one.tell(topic, self.number)

    def subscribe(self, tenant_id: UUID, topics: frozenset[str], last_event_id: str | None) -> Subscription:
        """Start listening; a returning browser is told at once what it missed, or everything when that is forgotten."""
        made = Subscription(tenant_id, topics)
        self._subscriptions.add(made)
        if last_event_id:
            for topic in self._missed(made, last_event_id):
                made.tell(topic, self.number)
        return made

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop listening."""
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End every stream, so that the process can stop."""
        self._closing.set()
        for one in self._subscriptions:
            one.wake.set()

    @property
    def closing(self) -> bool:
        """Whether the process is stopping."""
        return self._closing.is_set()

    def _missed(self, made: Subscription, last_event_id: str) -> frozenset[str]:
        boot, _, number = last_event_id.partition("-")
        oldest = self._history[0][0] if self._history else self.number + 1
        if boot != self.boot or not number.isdigit() or int(number) < oldest - 1:
            return made.topics
        seen = int(number)
        return frozenset(
            topic
            for at, tenant_id, topic in self._history
            if at > seen and tenant_id == made.tenant_id and topic in made.topics
        )

    async def stream(self, subscription: Subscription, load: Loader, still_there: StillThere) -> AsyncIterator[bytes]:
        """The lines of one browser's event stream, until it leaves, its session ends or the process stops."""
        yield f"retry: 2000\nid: {self.boot}-{self.number}\n\n".encode()
        while not self.closing:
            try:
                await asyncio.wait_for(subscription.wake.wait(), HEARTBEAT_SECONDS)
            except TimeoutError:
                if not await still_there():
                    return
                yield b": still here\n\n"
                continue
            await asyncio.sleep(DEBOUNCE_SECONDS)
            subscription.wake.clear()
            told, subscription.pending = subscription.pending, {}
            for topic, number in told.items():
                data = json.dumps(
                    {"topic": topic, "data": await load(subscription.tenant_id, topic)}, ensure_ascii=False
                )
                yield f"id: {self.boot}-{number}\ndata: {data}\n\n".encode()

    async def listen(self, url: str) -> None:
        """Hear announcements until cancelled; a lost connection is made again and everybody is told to look anew."""
        failures = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    url, autocommit=True, connect_timeout=10
                ) as connection:
                    await connection.execute(f"listen {CHANNEL}")
                    # Whoever subscribed while nobody listened, at start-up or after a break, may have missed something.
                    self.everything()
                    failures = 0
                    async for notice in connection.notifies():
                        self.hear(notice.payload)
            except psycopg.OperationalError as error:
                log.warning("live.lost", error=type(error).__name__)
            failures += 1
            await asyncio.sleep(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS)) - 1])


async def stop(task: asyncio.Task[None]) -> None:
    """Cancel a listening task and wait for its end."""
    task.cancel()
    with suppress(get_cancelled_exc_class()):
        await task
