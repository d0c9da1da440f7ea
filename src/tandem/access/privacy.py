"""Which classes of data somebody may see: plain for everybody, personal and sensitive by a permission of their role.

Each field of the catalog says its class. Whoever lacks a class finds such a field neither in answers, lists and exports nor in
expressions: they can neither read it nor ask about it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from tandem.access.audit import origin
from tandem.access.identity import Identity

Privacy = Literal["plain", "personal", "sensitive"]

PERSONAL: Final = "privacy.personal"
SENSITIVE: Final = "privacy.sensitive"


PRIVACY_NAMES: Final = frozenset({PERSONAL, SENSITIVE})


def privacy_of(identity: Identity) -> frozenset[Privacy]:
    """The classes that this person or program may see."""
    return seen_with(lambda permission: identity.reach(permission) is not None)


def seen_with(holds: Callable[[str], bool]) -> frozenset[Privacy]:
    """The classes that go with the permissions held. Sensitive data is personal data too, so it needs both."""
    if not holds(PERSONAL):
        return frozenset({"plain"})
    return frozenset({"plain", "personal", "sensitive"} if holds(SENSITIVE) else {"plain", "personal"})


def may_see(privacy: str) -> bool:
    """Whether whoever sent the request being served may see a class of data; workers, who show nobody anything, may."""
    seen = origin().privacy
    return seen is None or privacy in seen
