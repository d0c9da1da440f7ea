"""Single items that arrive together share one write. Nobody waits for company: who finds no write under way starts one at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar
from uuid import UUID

T = TypeVar("T")

FLUSH_MAX: Final = 200


@dataclass(slots=True)
class _One(Generic[T]):
    item: T
    ready: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    error: BaseException | None = None


class Flushes(Generic[T]):
    """One line per tenant. `write` makes a group durable or raises for all of it."""

    def __init__(self, write: Callable[[UUID, Sequence[T]], None]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._waiting: dict[UUID, list[_One[T]]] = {}

    def submit(self, tenant: UUID, item: T) -> None:
        """Return when the item is durable. Raises what the write raised."""
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

    def _lead(self, tenant: UUID, own: _One[T]) -> None:
        with self._lock:
            line = self._waiting[tenant]
            group = [own, *line[:FLUSH_MAX]]
            del line[:FLUSH_MAX]
        try:
            self._write(tenant, [one.item for one in group])
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
