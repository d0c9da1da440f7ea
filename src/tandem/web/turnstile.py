"""So many places in a process, shared fairly between those who call."""

from __future__ import annotations


class Turnstile:
    """Counts who is inside. A caller below its share gets in even when the house is full: shares shrink as callers come, and the sum
    never passes twice the places.
    """

    def __init__(self, places: int) -> None:
        self.places = places
        self.taken = 0
        self.open: dict[str, int] = {}
        """Places taken, by caller."""

    def enter(self, caller: str, weight: int = 1) -> bool:
        """Take so many places, or be told that there is no room."""
        own = self.open.get(caller, 0)
        if self.taken >= self.places:
            callers = len(self.open) + (own == 0)
            if own >= max(1, self.places // callers) or self.taken >= 2 * self.places:
                return False
        self.open[caller] = own + weight
        self.taken += weight
        return True

    def leave(self, caller: str, weight: int = 1) -> None:
        """Give them back."""
        self.taken -= weight
        left = self.open[caller] - weight
        if left:
            self.open[caller] = left
        else:
            del self.open[caller]
