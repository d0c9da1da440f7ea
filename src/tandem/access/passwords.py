"""Passwords: Argon2id, bounded in memory, and equally slow for people who do not exist."""

from __future__ import annotations

from functools import lru_cache
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from tandem.kernel.errors import Detail, InvalidInput

LENGTH_MIN: Final = 8
LENGTH_MAX: Final = 256
NO_PASSWORD: Final = "!"  # noqa: S105  the opposite of one
"""Stands for the hash of somebody who signs in by the company's directory alone: no password fits it."""

# OWASP's first choice for Argon2id: 46 MiB, one pass, one lane; about 30 ms.
_HASHER: Final = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1, type=Type.ID)
# 46 MiB each: a flood of log-ins must not take the machine's memory.
_ROOM: Final = BoundedSemaphore(4)


def hash_password(password: str, *, where: str = "password") -> str:
    """The Argon2id hash to store. Raises InvalidInput for a password outside 8 to 256 characters."""
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        raise InvalidInput(
            "password_length",
            f"密码长度须为 {LENGTH_MIN} 到 {LENGTH_MAX} 个字符。",
            f"A password has {LENGTH_MIN} to {LENGTH_MAX} characters.",
            details=(Detail(where, f"现在是 {len(password)} 个字符", f"this one has {len(password)}"),),
        )
    with _ROOM:
        return _HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. None (no such person) and `NO_PASSWORD` take as long and are never true."""
    has_one = password_hash is not None and password_hash.startswith("$")
    stored = password_hash if password_hash is not None and has_one else _nobody()
    if len(password) > LENGTH_MAX:
        password = ""
    with _ROOM:
        try:
            return _HASHER.verify(stored, password) and has_one
        except (VerifyMismatchError, InvalidHashError):
            return False


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker settings than today's and should be made anew at the next log-in."""
    return _HASHER.check_needs_rehash(password_hash)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")
