"""Orders whose exchange rate came later or was corrected: worth another amount, with everything that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tandem.kernel.turn import Turn
from tandem.stream.projection import AppliedEvent, Touch

# The rate is read anew in the turn: of two corrections in a row each event finds the newest.
_REVALUE: Final = """
update sales_order as o set rate = x.rate, rate_day = x.day
from unnest(%(t_buckets)s::smallint[], %(orders)s::uuid[]) as n(bucket, id)
join sales_order as f on f.bucket = n.bucket and f.tenant_id = %(tenant)s and f.id = n.id
left join lateral (
  select r.rate, r.day from exchange_rate as r
  where r.tenant_id = %(tenant)s and r.currency = f.currency
    and r.day <= (coalesce(f.paid_at, f.placed_at) at time zone %(zone)s)::date
  order by r.day desc limit 1) as x on true
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.bucket = n.bucket and o.id = n.id and o.currency <> %(home)s
"""
_LINES: Final = """
update order_line as l set home_amount = round(l.amount * o.rate, 2),
  category_amount = case when l.category_amount is not null then coalesce(round(o.rate * (
    select sum(s.amount) from order_line as s
    where s.bucket = l.bucket and s.tenant_id = %(tenant)s and s.order_id = l.order_id and s.category = l.category), 2), 0) end
from unnest(%(t_buckets)s::smallint[], %(orders)s::uuid[]) as n(bucket, id)
join sales_order as o on o.bucket = n.bucket and o.tenant_id = %(tenant)s and o.id = n.id
where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.bucket = n.bucket and l.order_id = n.id
"""
_REFUND_DAYS: Final = """
select distinct r.bucket, r.customer_id, (r.refunded_at at time zone %(zone)s)::date
from unnest(%(t_buckets)s::smallint[], %(orders)s::uuid[]) as n(bucket, id)
join refund as r on r.bucket = n.bucket and r.tenant_id = %(tenant)s and r.order_id = n.id
where r.bucket = any(%(buckets)s::smallint[]) and r.customer_id is not null
"""


def revalue(turn: Turn, events: Sequence[AppliedEvent]) -> list[Touch]:
    """Give the orders of these events the rate of their day; the days of their refunds are touched beside the events' own."""
    named = sorted({(event.bucket, event.subject_id) for event in events if event.subject_id is not None})
    params = turn.params(
        t_buckets=[bucket for bucket, _ in named],
        orders=[order for _, order in named],
        zone=turn.zone,
        home=turn.tx.currency,
    )
    turn.tx.execute(_REVALUE, params)
    turn.tx.execute(_LINES, params)
    return refund_days(turn, named)


def refund_days(turn: Turn, orders: Sequence[tuple[int, UUID]]) -> list[Touch]:
    """The customers and local days of what was refunded of some orders, given as (bucket, id)."""
    if not orders:
        return []
    params = turn.params(
        t_buckets=[bucket for bucket, _ in orders], orders=[order for _, order in orders], zone=turn.zone
    )
    return [Touch(bucket, customer, day) for bucket, customer, day in turn.tx.cursor(_REFUND_DAYS, params)]
