"""Columns of a batch as PostgreSQL's own binary arrays, for the rows that come by the thousand and are wide.

An element is its length and its bytes, so an array of ids is one join. A document of the same rows costs the back end four times as much
to take apart, text arrays twice (docs/decisions/0066-wide-rows-go-as-columns.md).

    insert into inbox (bucket, event_id) select * from unnest(%(b)s, %(e)s)   -- {"b": smallints(...), "e": uuids(...)}
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from struct import Struct
from typing import Any, ClassVar, Final, Self
from uuid import UUID

import msgspec
from psycopg.abc import AdaptContext, Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD: Final = Struct(">iiIii")
_LENGTH: Final = Struct(">i")
_length: Final = _LENGTH.pack
_LONG: Final = Struct(">iq")
_INTEGER: Final = Struct(">ii")
_NULL: Final = b"\xff\xff\xff\xff"
_SHORT: Final = Struct(">ih")
_SHORTS: Final = {value: _SHORT.pack(2, value) for value in range(256)}
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = _EPOCH.toordinal()
_MICROSECOND: Final = timedelta(microseconds=1)
_UUID_LENGTH: Final = _LENGTH.pack(16)
_JSONB_VERSION: Final = b"\x01"
_encode: Final = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical").encode


class Column:
    """A column ready to be bound: its bytes on the wire."""

    __slots__ = ("data",)
    array: ClassVar[int] = 0
    """The array type's number in PostgreSQL's catalog."""
    item: ClassVar[int] = 0

    def __init__(self, items: list[bytes]) -> None:
        # One dimension from 1; whether a null is among the items is not said: the server looks for itself.
        self.data = _HEAD.pack(1, 1, self.item, len(items), 1) + b"".join(items)

    @classmethod
    def received(cls, data: bytes) -> Self:
        """The column whose bytes `array_send` gave: to be handed back unread."""
        column = cls([])
        column.data = data
        return column

    def items(self) -> list[bytes]:
        """The bytes of each item; none may be null."""
        found: list[bytes] = []
        at = _HEAD.size
        while at < len(self.data):
            (length,) = _LENGTH.unpack_from(self.data, at)
            found.append(self.data[at + 4 : at + 4 + length])
            at += 4 + length
        return found


class Uuids(Column):
    """A `uuid[]`."""

    array, item = 2951, 2950


class Smallints(Column):
    """A `smallint[]`."""

    array, item = 1005, 21


class Integers(Column):
    """An `int[]`."""

    array, item = 1007, 23


class Bigints(Column):
    """A `bigint[]`."""

    array, item = 1016, 20


class Dates(Column):
    """A `date[]`."""

    array, item = 1182, 1082


class Texts(Column):
    """A `text[]`."""

    array, item = 1009, 25


class Blobs(Column):
    """A `bytea[]`."""

    array, item = 1001, 17


class Times(Column):
    """A `timestamptz[]`."""

    array, item = 1185, 1184


class Documents(Column):
    """A `jsonb[]`."""

    array, item = 3807, 3802


class ColumnDumper(Dumper):
    """Hands a `Column` over as it is, under its own type."""

    format = Format.BINARY

    def __init__(self, cls: type[Column], context: AdaptContext | None = None) -> None:
        super().__init__(cls, context)
        self.oid = cls.array

    def dump(self, obj: Column) -> Buffer | None:
        """Return the bytes of the array."""
        return obj.data


def uuids(values: Iterable[UUID | None]) -> Uuids:
    """Ids, or nulls."""
    return Uuids([_NULL if one is None else _UUID_LENGTH + one.int.to_bytes(16, "big") for one in values])


def smallints(values: Iterable[int]) -> Smallints:
    """Buckets, lanes and the like."""
    found = list(values)
    try:
        return Smallints(list(map(_SHORTS.__getitem__, found)))
    except KeyError:
        return Smallints([_SHORT.pack(2, one) for one in found])


def integers(values: Iterable[int]) -> Integers:
    """Whole numbers of four bytes."""
    pack = _INTEGER.pack
    return Integers([pack(4, one) for one in values])


def bigints(values: Iterable[int]) -> Bigints:
    """Whole numbers of eight bytes."""
    pack = _LONG.pack
    return Bigints([pack(8, one) for one in values])


def dates(values: Iterable[date]) -> Dates:
    """Days."""
    pack = _INTEGER.pack
    return Dates([pack(4, one.toordinal() - _FIRST_DAY) for one in values])


def texts(values: Sequence[str | None]) -> Texts:
    """Texts, or nulls; few different ones (names of types, of sources) are encoded once each."""
    known = {one: _NULL if one is None else _with_length(one.encode()) for one in set(values)}
    return Texts([known[one] for one in values])


def blobs(values: Iterable[bytes | None]) -> Blobs:
    """Bytes, or nulls."""
    return Blobs([_NULL if one is None else _length(len(one)) + one for one in values])


def times(values: Iterable[datetime | None]) -> Times:
    """Moments, or nulls; each must know its zone."""
    made: list[bytes] = []
    last: datetime | None = None
    packed = _NULL
    for one in values:
        if one is None:
            made.append(_NULL)
            continue
        if one is not last:
            last, packed = one, _LONG.pack(8, (one - _EPOCH) // _MICROSECOND)
        made.append(packed)
    return Times(made)


def documents(values: Iterable[Any]) -> Documents:
    """JSON: Decimal becomes text, bytes base64, times ISO 8601."""
    encoded = [_encode(one) for one in values]
    return Documents([_length(1 + len(one)) + _JSONB_VERSION + one for one in encoded])


def _with_length(value: bytes) -> bytes:
    return _length(len(value)) + value
