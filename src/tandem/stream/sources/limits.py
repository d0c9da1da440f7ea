"""How many calls an account may make: a bucket of tokens per account in each process. Memory only: a restart forgives."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Hashable
from typing import Final

from tandem.kernel.errors import Throttled

KEYS_MAX: Final = 10_000


class Limit:
    """Gives `per_minute` tokens a minute to each key, `burst` at once. `clock` gives seconds and never goes back."""

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[Hashable, tuple[float, float]] = {}

    def take(self, key: Hashable) -> int:
        """Take one token: 0, or the seconds until there is one."""
        now = self._clock()
        with self._lock:
            while len(self._tokens) > KEYS_MAX:
                # The oldest goes; clearing all would give everybody who is being held back a full bucket.
                self._tokens.pop(next(iter(self._tokens)))
            tokens, at = self._tokens.get(key, (float(self._burst), now))
            tokens = min(float(self._burst), tokens + (now - at) * self._rate)
            if tokens >= 1:
                self._tokens[key] = (tokens - 1, now)
                return 0
            self._tokens[key] = (tokens, now)
            return max(1, math.ceil((1 - tokens) / self._rate))

    def spend(self, key: Hashable) -> None:
        """Take one token. Raises Throttled."""
        wait = self.take(key)
        if wait:
            raise Throttled(
                "rate_limited",
                "请求过于频繁，请稍后再试。",
                "Too many requests; wait and try again.",
                retry_after_seconds=wait,
            )
