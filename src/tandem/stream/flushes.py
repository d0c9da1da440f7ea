"""Single items that arrive together share one write, so that a busy till pays for a commit once, not once per receipt.

Who finds no write under way starts one at once, and what arrives meanwhile goes with the next, which the first of those who wait does for
all. Threads (`submit`) write themselves, so nobody needs a thread of its own for it, and never wait for company. Coroutines (`join`) and
what is called back (`hand_in`) have a few threads write for them and are told in their own loop, all of a group at once; where writes
follow one another, each gathers for a few milliseconds, and for up to 20 where very many come.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar
from uuid import UUID

import structlog

log = structlog.get_logger(__name__)
T = TypeVar("T")

FLUSH_MAX: Final = 200
THREADS: Final = 4
"""Writes at once for coroutines. Few make large groups; more than one or two, so that a tenant whose write is slow holds up nobody."""
GATHER_SECONDS: Final = 0.004
"""From the beginning of one write for coroutines to the next of the same tenant, unless another tenant waits for the thread."""
GATHER_SECONDS_MAX: Final = 0.02
BRISK: Final = 1_000
RUSH: Final = 4_000
"""Items a second of all tenants: above the first each write gathers longer, and longest at the second. A write costs what thirty items
cost, so a process whose core is filling up answers sooner by writing less often."""
RATE_SECONDS: Final = 0.1

Outcome = Sequence[BaseException | None] | None
"""What a write says of its items in order: what is wrong with each, None for one that is durable; None alone: all are."""
Told = Callable[[BaseException | None], None]
"""Called in a loop with what became of an item: what is wrong with it, or None. Raises nothing."""


@dataclass(slots=True)
class _One(Generic[T]):
    """An item and what became of it: a thread waits at `ready`, a loop calls `told`.

    `leads`: whoever submitted it has been handed the next write.
    """

    item: T
    ready: threading.Event | None = None
    told: Told | None = None
    loop: asyncio.AbstractEventLoop | None = None
    leads: bool = False
    error: BaseException | None = None


@dataclass(slots=True)
class Pace:
    """How fast items come, and how long a write gathers by that. Not locked: whoever uses it holds the lock of its line."""

    items: int = 0
    since: float = 0.0
    rate: float = 0.0

    def gather_seconds(self, now: float) -> float:
        """From the beginning of one write to the next; `now` never goes back."""
        spent = now - self.since
        if spent >= RATE_SECONDS:
            self.rate, self.items, self.since = self.items / spent, 0, now
        rush = min(1.0, max(0.0, (self.rate - BRISK) / (RUSH - BRISK)))
        return GATHER_SECONDS + (GATHER_SECONDS_MAX - GATHER_SECONDS) * rush


class Flushes(Generic[T]):
    """One line per tenant. `write` makes a group of at most `most` items durable, says what is wrong with some, or raises for all of it."""

    def __init__(self, write: Callable[[UUID, Sequence[T]], Outcome], most: int = FLUSH_MAX) -> None:
        self._write = write
        self._most = most
        self._lock = threading.Lock()
        self._waiting: dict[UUID, list[_One[T]]] = {}
        self._threads: ThreadPoolExecutor | None = None
        self._begun: dict[UUID, float] = {}
        self._queued = 0
        self._pace = Pace()

    def submit(self, tenant: UUID, item: T) -> None:
        """Return when the item is durable. Raises what the write said of it, or raised."""
        ready = threading.Event()
        one = _One(item, ready)
        self._line_up(tenant, one)
        if not one.leads:
            ready.wait()
        if one.leads:
            self._lead(tenant, one)
        if one.error is not None:
            raise one.error

    async def join(self, tenant: UUID, item: T) -> None:
        """What `submit` does, for a coroutine. One that gives up waiting does not take its item back: it is written all the same."""
        done = asyncio.get_running_loop().create_future()
        self.hand_in(tenant, item, partial(_settle, done))
        await done

    def hand_in(self, tenant: UUID, item: T, told: Told) -> None:
        """What `join` does, for whoever does not wait: called in a loop, which calls `told`."""
        one = _One(item, told=told, loop=asyncio.get_running_loop())
        self._line_up(tenant, one)
        if one.leads:
            self._lead_aside(tenant, one)

    def waiting(self, tenant: UUID) -> int:
        """How many items wait for the write under way to end."""
        with self._lock:
            return len(self._waiting.get(tenant, ()))

    def close(self) -> None:
        """Write what coroutines have handed in, and end the threads."""
        if self._threads is not None:
            self._threads.shutdown()

    def _line_up(self, tenant: UUID, one: _One[T]) -> None:
        with self._lock:
            self._pace.items += 1
            line = self._waiting.get(tenant)
            if line is None:
                self._waiting[tenant] = []
                one.leads = True
            else:
                line.append(one)

    def _lead_aside(self, tenant: UUID, one: _One[T]) -> None:
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="flush")
            threads = self._threads
            self._queued += 1
        try:
            threads.submit(self._gather, tenant, one)
        except RuntimeError:
            # The threads are being ended: whoever comes that late is served where he stands.
            self._lead(tenant, one)

    def _gather(self, tenant: UUID, own: _One[T]) -> None:
        with self._lock:
            self._queued -= 1
            is_alone = self._queued == 0
            now = time.monotonic()
            wait = self._begun.get(tenant, 0.0) + self._pace.gather_seconds(now) - now
        if wait > 0 and is_alone:
            time.sleep(wait)
        self._begun[tenant] = time.monotonic()
        self._lead(tenant, own)

    def _lead(self, tenant: UUID, own: _One[T]) -> None:
        """Write our own item and those that wait, then hand the lead to the first of those that came meanwhile."""
        with self._lock:
            line = self._waiting[tenant]
            group = [own, *line[: self._most - 1]]
            del line[: self._most - 1]
        try:
            outcome = self._write(tenant, [one.item for one in group])
            if outcome is not None:
                for one, error in zip(group, outcome, strict=True):
                    one.error = error
        except BaseException as error:  # noqa: BLE001 - every caller of the group raises it at its own edge
            for one in group:
                one.error = error
        finally:
            _tell(group)
            self._hand_over(tenant)

    def _hand_over(self, tenant: UUID) -> None:
        with self._lock:
            line = self._waiting[tenant]
            if not line:
                del self._waiting[tenant]
                return
            following = line.pop(0)
        following.leads = True
        if following.ready is not None:
            following.ready.set()
        else:
            self._lead_aside(tenant, following)


def _tell(group: Sequence[_One[T]]) -> None:
    """Wake the threads of a group, and call each loop once for all of its own."""
    loops: dict[asyncio.AbstractEventLoop, list[_One[T]]] = {}
    for one in group:
        if one.ready is not None:
            one.ready.set()
        elif one.loop is not None:
            loops.setdefault(one.loop, []).append(one)
    for loop, those in loops.items():
        try:
            loop.call_soon_threadsafe(_call_back, those)
        except RuntimeError:
            continue  # the loop has ended, and with it everybody who waited there


def _call_back(those: Sequence[_One[T]]) -> None:
    for one in those:
        if one.told is None:
            continue
        try:
            one.told(one.error)
        except Exception:  # who stumbles over his own answer must not cost the others theirs
            log.exception("flush.untold")


def _settle(done: asyncio.Future[None], error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
