"""When a failed delivery is tried again, and when it is given up. Pure."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Final

WAITS: Final[tuple[timedelta, ...]] = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""The pauses after the first, second, ... failure: eleven attempts over about three days."""
ATTEMPTS_MAX: Final = len(WAITS) + 1
JITTER: Final = 0.2
"""Each pause is up to a fifth shorter or longer, so that what failed together does not come back together."""
ORDER_ATTEMPTS: Final = 3
"""So many failed attempts hold up the same customer's later events; after that they go by."""


def next_pause(
    failures: int, *, asked_seconds: int | None = None, chance: Callable[[], float] = random.random
) -> timedelta | None:
    """The pause after this many failures (from 1), or None when it is given up. A receiver that asks for longer gets it, up to a day."""
    if failures >= ATTEMPTS_MAX:
        return None
    pause = WAITS[failures - 1] * (1 - JITTER + 2 * JITTER * chance())
    if asked_seconds is not None:
        pause = max(pause, timedelta(seconds=min(asked_seconds, 86_400)))
    return pause
