"""A platform that was asked to do something and did not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

PAUSE_FIRST: Final = timedelta(seconds=5)
PAUSE_MAX: Final = timedelta(hours=1)


class PlatformFailure(Exception):
    """The platform did not do it. `told` is its own word, `code` its number; both are shown to people who look after the account."""

    def __init__(self, why: str, told: str, code: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(f"{why} {code}: {told}")
        self.why = why
        self.told = told
        self.code = code
        self.retry_after_seconds = retry_after_seconds

    def pause(self, failures: int) -> timedelta:
        """How long to leave it: as long as the platform said, else twice as long after each failure in a row; an hour at the most."""
        if self.retry_after_seconds is not None:
            return min(PAUSE_MAX, timedelta(seconds=max(1.0, self.retry_after_seconds)))
        return min(PAUSE_MAX, PAUSE_FIRST * 2 ** min(failures, 12))

    def problem(self) -> dict[str, Any]:
        """As it is kept and shown."""
        return {"why": self.why, "told": self.told[:300], "code": self.code}
