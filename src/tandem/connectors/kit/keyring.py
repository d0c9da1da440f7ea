"""Public keys by which platforms sign their pushes, fetched by their numbers and remembered by each process.

A key is asked for again after an hour, while pushes go on by the old one, and is forgotten after a day in which nobody could be asked.
What the platform does not know is remembered for a minute, apart from the keys: numbers that somebody makes up push out no key.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, Literal

FRESH_SECONDS: Final = 3600.0
KEPT_SECONDS: Final = 86_400.0
MISSING_SECONDS: Final = 60.0
KEYS_MAX: Final = 256
Need = Literal["soon", "now"] | None
Place = tuple[str, str]
"""Where a platform is, and the number of a key of its."""


@dataclass(slots=True)
class _Known:
    key: str
    ask_at: float
    ends_at: float


@dataclass
class Keyring:
    """One process's keys. `clock` gives seconds that only grow."""

    clock: Callable[[], float] = time.monotonic
    _known: OrderedDict[Place, _Known] = field(default_factory=OrderedDict[Place, _Known])
    _missing: OrderedDict[Place, float] = field(default_factory=OrderedDict[Place, float])
    _lock: Lock = field(default_factory=Lock)

    def key(self, place: Place) -> str | None:
        """The key to verify by; None where there is none that still holds."""
        known = self._known.get(place)
        return known.key if known is not None and self.clock() < known.ends_at else None

    def need(self, place: Place) -> Need:
        """Whether the platform has to be asked: before the push can be verified ("now"), or meanwhile. Of many only one asks meanwhile."""
        with self._lock:
            now, known = self.clock(), self._known.get(place)
            if known is None or now >= known.ends_at:
                return None if now < self._missing.get(place, 0.0) else "now"
            if now < known.ask_at:
                return None
            known.ask_at = now + MISSING_SECONDS
            return "soon"

    def keep(self, place: Place, key: str | None) -> None:
        """What the platform said: the key, or that it has none of this number (any more)."""
        with self._lock:
            now = self.clock()
            self._known.pop(place, None)
            self._missing.pop(place, None)
            if key is None:
                self._missing[place] = now + MISSING_SECONDS
            else:
                self._known[place] = _Known(key, now + FRESH_SECONDS, now + KEPT_SECONDS)
            for held in (self._known, self._missing):
                while len(held) > KEYS_MAX:
                    held.popitem(last=False)


KEYS: Final = Keyring()
"""Of this process. A platform's keys are the same for all its accounts, so they are known by where it is."""
