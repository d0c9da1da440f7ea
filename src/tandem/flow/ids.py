"""The runs of a group, as the arrays that PostgreSQL gave and takes back unread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.kernel.columns import Column, Smallints, Uuids
from tandem.kernel.ids import BUCKETS

#: A run's id does not name its bucket; its primary key is probed in all of them.
EVERY_BUCKET: Final = list(range(BUCKETS))

Array = str | Column
"""An array literal, or the array as it stands on the wire: claims give thousands, and texts cost both sides a microsecond a run."""


@dataclass(frozen=True, slots=True)
class Ids:
    """Runs that stand at one stretch. `buckets` and `runs` are arrays of `count` elements in the same order."""

    stretch: int
    count: int
    buckets: Array
    runs: Array

    @staticmethod
    def received(stretch: int, count: int, buckets: bytes, runs: bytes) -> Ids:
        """Of two arrays as `array_send` gives them."""
        return Ids(stretch, count, Smallints.received(buckets), Uuids.received(runs))

    def params(self) -> dict[str, object]:
        """As the statements want them."""
        return {"in_buckets": self.buckets, "in_ids": self.runs, "stretch": self.stretch}

    def halves(self) -> tuple[Ids, Ids]:
        """Two halves; only a failing group is ever taken apart."""
        buckets, runs = items_of(self.buckets), items_of(self.runs)
        middle = self.count // 2
        return (
            Ids(self.stretch, middle, literal(buckets[:middle]), literal(runs[:middle])),
            Ids(self.stretch, self.count - middle, literal(buckets[middle:]), literal(runs[middle:])),
        )


def items_of(array: Array) -> list[str]:
    """The numbers or ids of an array, as text."""
    if isinstance(array, str):
        return array[1:-1].split(",")
    if isinstance(array, Uuids):
        return [str(UUID(bytes=one)) for one in array.items()]
    return [str(int.from_bytes(one, "big")) for one in array.items()]


def literal(items: list[str]) -> str:
    """An array literal of numbers or ids, which need no quoting."""
    return "{" + ",".join(items) + "}"
