"""Which classes of data somebody may see: plain for everybody, personal and sensitive by a permission of their role.

Each field of the catalog says its class. Whoever lacks a class finds such a field neither in answers, lists and exports nor in
expressions: they can neither read it nor ask about it.
"""

from __future__ import annotations

from typing import Final, Literal

from tandem.access.identity import Identity

Privacy = Literal["plain", "personal", "sensitive"]

PERSONAL: Final = "privacy.personal"
SENSITIVE: Final = "privacy.sensitive"


def privacy_of(identity: Identity) -> frozenset[Privacy]:
    """The classes that this person or program may see. Sensitive data is personal data too, so it needs both."""
    if identity.reach(PERSONAL) is None:
        return frozenset({"plain"})
    return frozenset({"plain", "personal"} if identity.reach(SENSITIVE) is None else {"plain", "personal", "sensitive"})
