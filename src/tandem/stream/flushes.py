"""Single items that arrive together share one write, so that a busy till pays for a commit once, not once per receipt.

Nobody waits for company: who finds no write under way starts one at once, and what arrives meanwhile goes with the next, which the first
of those who wait does for all. Nobody needs a thread of its own for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar
from uuid import UUID

T = TypeVar("T")

FLUSH_MAX: Final = 200

Outcome = Sequence[BaseException | None] | None
"""What a write says of its items in order: what is wrong with each, None for one that is durable; None alone: all are."""


@dataclass(slots=True)
class _One(Generic[T]):
    """An item and what became of it. `leads`: whoever submitted it has been handed the next write."""

    item: T
    ready: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    error: BaseException | None = None


class Flushes(Generic[T]):
    """One line per tenant. `write` makes a group of at most `most` items durable, says what is wrong with some, or raises for all of it."""

    def __init__(self, write: Callable[[UUID, Sequence[T]], Outcome], most: int = FLUSH_MAX) -> None:
        self._write = write
        self._most = most
        self._lock = threading.Lock()
        self._waiting: dict[UUID, list[_One[T]]] = {}

    def submit(self, tenant: UUID, item: T) -> None:
        """Return when the item is durable. Raises what the write said of it, or raised."""
        one = _One(item)
        with self._lock:
            line = self._waiting.get(tenant)
            if line is None:
                self._waiting[tenant] = []
                one.leads = True
            else:
                line.append(one)
        if not one.leads:
            one.ready.wait()
        if one.leads:
            self._lead(tenant, one)
        if one.error is not None:
            raise one.error

    def waiting(self, tenant: UUID) -> int:
        """How many items wait for the write under way to end."""
        with self._lock:
            return len(self._waiting.get(tenant, ()))

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
            for one in group[1:]:
                one.ready.set()
            self._hand_over(tenant)

    def _hand_over(self, tenant: UUID) -> None:
        with self._lock:
            line = self._waiting[tenant]
            if not line:
                del self._waiting[tenant]
                return
            following = line.pop(0)
        following.leads = True
        following.ready.set()
