"""RFM: recency, frequency and money as scores from 1 to 5, by versioned cut points.

The cut points are quintiles of everybody who has bought, taken now and then and kept under a version; a score is then a plain
comparison that SQL (`width_bucket`) and Python answer alike. Recency is scored by the moment of the last order rather than by days
gone by, so a score changes with an order or a new version and never by time alone.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

SHARES: Final = (0.2, 0.4, 0.6, 0.8)
BEST: Final = len(SHARES) + 1

# A cut is the smallest value above its quintile: many customers share one value (one order each), and they must share the lower score.
RECENCY_STEP: Final = timedelta(microseconds=1)
FREQUENCY_STEP: Final = Decimal(1)
MONEY_STEP: Final = Decimal("0.0001")


def quintiles(values: Sequence[Any], step: Any) -> list[Any]:
    """Return the four cut points of the values: for each share, the least value of ``step``'s grain above that quintile.

    The quintile is PostgreSQL's ``percentile_disc``: the first value whose rank reaches the share. Empty without values.
    """
    ordered = sorted(values)
    if not ordered:
        return []
    # Shares are tenths of whole numbers: integers keep the rank exact.
    ranks = [-(-len(ordered) * round(share * 10) // 10) for share in SHARES]
    return [ordered[max(rank, 1) - 1] + step for rank in ranks]


def score(value: Any, cuts: Sequence[Any]) -> int:
    """Return 1 (lowest) to 5 (best): one more than the number of cuts that the value reaches; ``width_bucket`` plus one."""
    return bisect_right(cuts, value) + 1


def scores(
    last_order_at: datetime,
    order_count: int,
    spend_total: Decimal,
    cuts: tuple[Sequence[datetime], Sequence[Decimal], Sequence[Decimal]],
) -> int:
    """Return the three digits as one number: 555 bought lately, often and for much."""
    recency, frequency, monetary = cuts
    return (
        score(last_order_at, recency) * 100 + score(Decimal(order_count), frequency) * 10 + score(spend_total, monetary)
    )
