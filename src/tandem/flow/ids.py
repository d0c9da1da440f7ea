"""The runs of a group, as the array literals that PostgreSQL gave and takes back unread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tandem.kernel.ids import BUCKETS

#: A run's id does not name its bucket; its primary key is probed in all of them.
EVERY_BUCKET: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class Ids:
    """Runs that stand at one stretch. `buckets` and `runs` are array literals of `count` elements in the same order."""

    stretch: int
    count: int
    buckets: str
    runs: str

    def params(self) -> dict[str, object]:
        """As the statements want them."""
        return {"in_buckets": self.buckets, "in_ids": self.runs, "stretch": self.stretch}

    def halves(self) -> tuple[Ids, Ids]:
        """Two halves; only a failing group is ever taken apart."""
        buckets, runs = self.buckets[1:-1].split(","), self.runs[1:-1].split(",")
        middle = self.count // 2
        return (
            Ids(self.stretch, middle, literal(buckets[:middle]), literal(runs[:middle])),
            Ids(self.stretch, self.count - middle, literal(buckets[middle:]), literal(runs[middle:])),
        )


def literal(items: list[str]) -> str:
    """An array literal of numbers or ids, which need no quoting."""
    return "{" + ",".join(items) + "}"
