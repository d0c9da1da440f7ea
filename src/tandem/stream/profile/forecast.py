"""When a customer is likely to buy next, and how likely she is gone: two short formulas, the same in SQL and in Python.

**Usual interval.** The mean of her own gaps between orders, drawn towards everybody's mean gap ``g`` as if she had been seen ``PRIOR``
gaps of that length more: ``(last - first + PRIOR * g) / (orders - 1 + PRIOR)`` days. Her next order is expected one usual interval after
her last.

**Churn risk.** The chance that she buys nothing in the next ``HORIZON`` days: a Poisson buyer whose rate has a gamma prior worth one day
of buying in ``g`` days, seen over the last ``WINDOW`` days: ``((g + t) / (g + t + HORIZON)) ** (1 + n)``, with ``n`` days of buying in
``t`` days.

Both are tested on a retailer's real year with its last 90 days held out (``script/bench forecast`` prints the errors and those of the
plain rules beside them; docs/decisions/0024). The rate model follows Ehrenberg's NBD, without the "alive" part: with weekly shoppers the
window does its work.
"""

from datetime import datetime
from typing import Final

PRIOR: Final = 3
WINDOW: Final = 120
HORIZON: Final = 90
_DAY: Final = 86_400


def usual_interval(first: datetime, last: datetime, orders: int, mean_gap: float) -> float:
    """Days between two of her orders; ``mean_gap`` is everybody's, in days."""
    own = (last - first).total_seconds() / _DAY
    return (own + PRIOR * mean_gap) / (max(orders, 1) - 1 + PRIOR)


def churn_risk(first: datetime, now: datetime, days_bought: int, mean_gap: float) -> float:
    """The chance of no order within ``HORIZON`` days of ``now``; ``days_bought`` counts days with an order among the last ``WINDOW``."""
    seen = min(float(WINDOW), max(0.0, (now - first).total_seconds() / _DAY))
    return ((mean_gap + seen) / (mean_gap + seen + HORIZON)) ** (1 + days_bought)


# Over a row `m` with bucket, customer_id, first_order_at, last_order_at and order_count; missing before the first order or the first
# cut points, which carry everybody's mean gap. Rounded, so that a nightly look rewrites only whom the night has moved.
COLUMNS_SQL: Final = f"""
         case when m.last_order_at is not null then round(
           (extract(epoch from m.last_order_at - m.first_order_at) / {_DAY} + {PRIOR} * %(rfm_mean_gap)s::numeric)
           / (greatest(m.order_count, 1) - 1 + {PRIOR}), 1) end as usual_interval_days,
         case when m.last_order_at is not null then round(power(
           (%(rfm_mean_gap)s::float8 + h.seen) / (%(rfm_mean_gap)s::float8 + h.seen + {HORIZON}),
           1 + (select count(*) from customer_fact_day as d
                where d.bucket = m.bucket and d.customer_id = m.customer_id and d.tenant_id = %(tenant)s and d.fact = 'orders'
                  and d.day > %(rfm_window_from)s::date))::numeric, 2) end as churn_risk"""

SEEN_SQL: Final = f"""
  cross join lateral (
    select least({WINDOW}, greatest(0, extract(epoch from %(now)s - m.first_order_at) / {_DAY}))::float8 as seen) as h"""
"""Stands after the row ``m`` in the FROM of a statement that uses ``COLUMNS_SQL``."""
