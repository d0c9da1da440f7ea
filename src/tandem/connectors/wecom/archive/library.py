"""What the platform's archive library does (D 91774): sealed messages after a number, opening one with its key, media in pieces.

The real one is native code that has been seen to take its process down. Nobody calls an implementation directly:
`process.py` does, across a pipe, and whatever happens on the other side is a failure here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

LIMIT_MAX: Final = 1000
CHUNK_BYTES_MAX: Final = 512 * 1024
#: What the library answers when asking again may help (WxJava: 10001 to 10003).
AGAIN: Final = frozenset({10001, 10002, 10003})


class LibraryFailure(Exception):
    """The library refused or did not answer. `ret` is its own number; 0 where its process broke instead."""

    def __init__(self, told: str, ret: int = 0) -> None:
        super().__init__(f"{ret}: {told}")
        self.told = told
        self.ret = ret

    @property
    def passing(self) -> bool:
        """Whether to ask again."""
        return self.ret == 0 or self.ret in AGAIN


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message as it is pulled. `random_key` is base64 of what RSA sealed for key `key_version`; `message` opens with it."""

    seq: int
    number: str
    key_version: int
    random_key: str
    message: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a file. `place` goes with the next call; empty with the last piece."""

    data: bytes
    place: str


class ArchiveLibrary(Protocol):
    """One corporation's archive. Every call may raise LibraryFailure."""

    def pull(self, seq: int, limit: int) -> Sequence[Sealed]:
        """Messages after `seq`, oldest first, at most `limit`."""
        ...

    def open(self, random_key: str, message: str) -> str:
        """A message's JSON, by its random key as our own RSA key opened it."""
        ...

    def media(self, file_id: str, place: str) -> Chunk:
        """The piece of a file after `place`, at most 512 KB."""
        ...

    def close(self) -> None:
        """Give back what is held."""
        ...


def as_sealed(found: Mapping[str, Any]) -> Sealed:
    """A row of the library's own JSON. Raises LibraryFailure."""
    try:
        return Sealed(
            int(found["seq"]),
            str(found["msgid"]),
            int(found["publickey_ver"]),
            str(found["encrypt_random_key"]),
            str(found["encrypt_chat_msg"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise LibraryFailure(f"a row without {error}") from error


Fetch = Callable[[str, Mapping[str, str]], bytes]
"""`(path, query)`: what the simulated corporation answers. Raises LibraryFailure."""
