"""Which source a tenant believes first about a customer's field: an ordered list of sources per field, pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

ANY_FIELD: Final = "*"
ANY_SOURCE: Final = "*"
UNDONE: Final = "import.undone"
"""Who says a field's earlier value again when an import is taken back: heard at once, and standing for nothing afterwards."""

DEFAULT: Final[Mapping[str, tuple[str, ...]]] = {
    ANY_FIELD: ("manual", "crm", "member*", ANY_SOURCE, "import*", "file*"),
    # What changes by itself follows the latest word, whoever says it; a wish to be left alone above all is never outranked.
    "stage": (ANY_SOURCE,),
    "level": (ANY_SOURCE,),
    "store_id": (ANY_SOURCE,),
    "owner_user_id": (ANY_SOURCE,),
    "do_not_contact": (ANY_SOURCE,),
}
"""A person's entry, member registration, platforms and tills, files."""


@lru_cache(maxsize=4096)
def rank(order: tuple[str, ...], source: str) -> int:
    """The place of a source in an order, 0 the strongest: its own name before `shop*`, that before `*`; the unnamed come last."""
    best = (0, len(order))
    for place, pattern in enumerate(order):
        if pattern == source:
            return place
        if pattern.endswith("*") and source.startswith(pattern[:-1]):
            best = max(best, (len(pattern), place), key=lambda one: one[0])
    return best[1]


@dataclass(frozen=True, slots=True)
class Priority:
    """What a tenant decided, over the defaults: field -> sources, the strongest first."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def order(self, name: str) -> tuple[str, ...]:
        """The order that holds for a field: the tenant's for it, the default for it, the tenant's for all, the default for all."""
        for known, key in ((self.chosen, name), (DEFAULT, name), (self.chosen, ANY_FIELD)):
            if key in known:
                return known[key]
        return DEFAULT[ANY_FIELD]

    def rank(self, name: str, source: str) -> int:
        """How strong a source is about a field, 0 the strongest."""
        return rank(self.order(name), source)

    def weakest(self, name: str) -> int:
        """A rank that every source reaches."""
        return len(self.order(name))
