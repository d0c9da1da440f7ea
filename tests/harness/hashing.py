"""Passwords that cost nothing: a house has sixteen people, and with real hashes that and their sign-ins took a second of a core."""

from __future__ import annotations

from argon2 import PasswordHasher, Type

from tandem.access import passwords

#: What the product hashes with; its own test looks at it.
STRONG = passwords._HASHER
_WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=Type.ID)


def weaken() -> None:
    """From now on this process hashes cheaply. What strong hashes there are still fit, and are made anew at the next log-in."""
    passwords._HASHER = _WEAK  # type: ignore[misc]
