"""Identifiers: UUIDv7 for everything, and the bucket that a customer's last byte names."""

from __future__ import annotations

import hashlib
from uuid import UUID, SafeUUID

import uuid_utils

BUCKETS = 256

_BLANK = object.__new__
_SET = object.__setattr__
_UNKNOWN = SafeUUID.unknown


def new_id() -> UUID:
    """A fresh UUIDv7: sortable by creation time, its last 62 bits random."""
    # Not through UUID's constructor, which spends most of a microsecond on telling its arguments apart: several ids go with every record.
    made = _BLANK(UUID)
    _SET(made, "int", uuid_utils.uuid7().int)
    _SET(made, "is_safe", _UNKNOWN)
    return made


def bucket_of(owner_id: UUID) -> int:
    """The home bucket (0..255) of a customer or subject that was never merged.

    It is the last, random byte of the id, so that Python, SQL (`tandem_bucket`) and any other reader agree without a hash
    function to keep in step. A merge re-homes rows, so a stored bucket always wins over this.
    """
    return owner_id.int & 0xFF


def derived_id(*parts: object) -> UUID:
    """An id that the same parts always give again (UUIDv8 layout), for events that must come out once.

    Parts are joined by their text with a separator that cannot occur in a UUID or a number.
    """
    digest = bytearray(hashlib.blake2b("\x1f".join(str(part) for part in parts).encode(), digest_size=16).digest())
    digest[6] = (digest[6] & 0x0F) | 0x80
    digest[8] = (digest[8] & 0x3F) | 0x80
    return UUID(bytes=bytes(digest))
