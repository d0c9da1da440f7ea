"""How often strangers may knock at one account's public door, so that none of them uses up what its own people need. Memory only."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tandem.kernel.errors import Throttled
from tandem.stream.sources.limits import Limit


class Guests:
    """A browser that is known here has an allowance of its own; strangers have one a network.

    While all strangers together are too many, each network is slowed down to what one person needs to come in, and nobody is shut out:
    there is no allowance that others could use up.
    """

    def __init__(self, known: Limit, network: Limit, crowd: Limit, slowed: Limit) -> None:
        self._known: Final = known
        self._network: Final = network
        self._crowd: Final = crowd
        self._slowed: Final = slowed

    def spend(self, account: UUID, network: str, device: str | None) -> None:
        """Take one place. Raises Throttled."""
        if device is not None:
            self._known.spend((account, device))
            return
        self._network.spend((account, network))
        if self._crowd.take(account):
            try:
                self._slowed.spend((account, network))
            except Throttled as slow:
                raise Throttled(
                    "door_crowded", "现在尝试登录的人太多，请稍后再试。", "Too many are trying to sign in right now; wait a little.",
                    retry_after_seconds=slow.retry_after_seconds or 1,
                ) from slow  # fmt: skip


def guests() -> Guests:
    """As doors for signing in use it: a sign-in takes two or three calls, a whole office shares one network."""
    return Guests(Limit(60, 30), Limit(240, 120), Limit(600, 200), Limit(6, 4))
