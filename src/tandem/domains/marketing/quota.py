"""How a quota is lent to buckets in lots (ENGINE_RULES 6): the arithmetic. `lending.py` does it in short transactions of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from tandem.kernel.ids import BUCKETS

LOT_MAX = 1_000
"""No bucket ever holds more spare than this beyond what its runs asked for."""
SHARE = 2 * BUCKETS
"""A lot is the pool divided by this, so that all buckets together never hold more than half of what is left as spare."""


def spare_lot(pool: int) -> int:
    """What a bucket gets beyond its own want, so that it need not ask each turn; 0 near the end, where every piece counts."""
    return min(LOT_MAX, pool // SHARE)


@dataclass(frozen=True, slots=True)
class Lending:
    """The answer to the wants of one refill: lots by bucket, what stays in the pool, and how much was wanted but not there."""

    lots: dict[int, int]
    pool: int
    short: int


def lend(pool: int, wants: Mapping[int, int]) -> Lending:
    """Divide the pool among buckets that want pieces (bucket -> pieces, positive).

    Enough for all: each gets its want and a spare lot. Not enough: in rounds of equal shares, lots shrinking to single pieces, the
    last ones to the lowest buckets, so that the pool is always emptied before anybody is told "sold out".
    """
    wanted = sum(wants.values())
    if wanted <= pool:
        lots = dict(wants)
        pool -= wanted
        for bucket in sorted(wants):
            spare = spare_lot(pool)
            lots[bucket] += spare
            pool -= spare
        return Lending(lots, pool, 0)
    return Lending(_share_out(pool, wants), 0, wanted - pool)


def _share_out(pool: int, wants: Mapping[int, int]) -> dict[int, int]:
    lots: dict[int, int] = dict.fromkeys(wants, 0)
    open_buckets: list[int] = sorted(wants)
    while pool > 0 and open_buckets:
        share = max(1, pool // len(open_buckets))
        for bucket in open_buckets:
            part = min(share, wants[bucket] - lots[bucket], pool)
            lots[bucket] += part
            pool -= part
        open_buckets = [bucket for bucket in open_buckets if lots[bucket] < wants[bucket]]
    return {bucket: lot for bucket, lot in lots.items() if lot > 0}
