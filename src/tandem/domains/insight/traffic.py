"""One funnel of traffic: a live room, a cart or a group, then a friend, a first order and a second.

Each step counts people of the step before it, so that what is lost between two steps is a number of people. Somebody belongs to the source
by which she was first seen in the period. What she bought is read from the day buckets from that day on. One statement over rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS

Step = Literal["reached", "friend", "first_order", "second_order"]
STEPS: Final[tuple[Step, ...]] = ("reached", "friend", "first_order", "second_order")
#: Names of what people do, as sources call it (lower case, parts of names).
LIVE: Final = ("%直播%", "live.%", "live_%", "%livestream%")
CART: Final = ("%加购%", "%购物车%", "cart.%", "%add_to_cart%", "%addtocart%", "%add to cart%")
#: In these a person's open id says that she bought there, not that she is a friend.
SHOPS: Final = ("taobao", "jd", "pinduoduo", "douyin", "kuaishou", "youzan", "ebay")
SOURCES_MAX: Final = 50
ALL: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class Asked:
    """The days, both included, and whose shop."""

    first_day: date
    last_day: date
    store_id: UUID | None = None
    within_days: int | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """A source's people; `source` None: all together. `beside`: ordered without being a friend."""

    source: str | None
    live: int
    cart: int
    grouped: int
    reached: int
    friend: int
    first_order: int
    second_order: int
    beside: int
    revenue: Decimal
    spend: Decimal


_FOUND: Final = """
with seen (bucket, customer_id, source, kind, at) as (
  select bucket, customer_id, coalesce(payload ->> 'source', ''), case when lower(payload ->> 'name') like any(%(live)s::text[]) then 'live' else 'cart' end,
    occurred_at
  from event
  where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and type = 'behaviour.recorded' and customer_id is not null
    and occurred_at >= %(since)s and occurred_at < %(until)s
    and lower(payload ->> 'name') like any(%(live)s::text[] || %(cart)s::text[])
  union all
  select g.bucket, g.customer_id, coalesce(a.source, ''), 'grouped', greatest(g.joined_at, %(since)s)
  from group_membership as g
  join group_chat as h on h.tenant_id = %(tenant)s and h.id = g.group_chat_id
  left join source_account as a on a.tenant_id = %(tenant)s and a.id = h.account_id
  where g.tenant_id = %(tenant)s and g.bucket = any(%(buckets)s::smallint[]) and g.joined_at < %(until)s
    and (g.left_at is null or g.left_at >= %(until)s)
    and (g.joined_at >= %(since)s or exists (
      select from event as e where e.bucket = g.bucket and e.tenant_id = %(tenant)s and e.owner_id = g.customer_id
        and e.type in ('behaviour.recorded', 'chat.received', 'order.paid') and e.occurred_at >= %(since)s and e.occurred_at < %(until)s))
), heard as (
  select bucket, customer_id, (array_agg(source order by at, source))[1] as source, min(at) as at, bool_or(kind = 'live') as live,
    bool_or(kind = 'cart') as cart, bool_or(kind = 'grouped') as grouped
  from seen group by bucket, customer_id
), cohort as (
  select h.*, (h.at at time zone %(zone)s)::date as day,
    exists (select from friendship as f where f.bucket = h.bucket and f.tenant_id = %(tenant)s and f.customer_id = h.customer_id
      and f.added_at is not null and f.lost_at is null)
    or exists (select from customer_identifier as k where k.bucket = h.bucket and k.tenant_id = %(tenant)s and k.customer_id = h.customer_id
      and k.kind in ('union_id', 'open_id') and k.scope <> all(%(shops)s::text[])) as friend
  from heard as h
  join customer as c on c.bucket = h.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = h.customer_id
    and c.merged_into is null and (%(store)s::uuid is null or c.store_id = %(store)s)
), followed as (
  select c.*, coalesce(f.orders, 0) as orders, coalesce(f.revenue, 0) as revenue
  from cohort as c left join lateral (
    select sum(n) filter (where fact = 'orders') as orders, sum(case fact when 'orders' then amount else -amount end) as revenue
    from customer_fact_day as d
    where d.bucket = c.bucket and d.tenant_id = %(tenant)s and d.customer_id = c.customer_id and d.fact in ('orders', 'refunds') and d.day >= c.day
      and (%(within)s::int is null or d.day <= c.day + %(within)s)) as f on true
), counted as (
  select source, grouping(source) = 1 as whole, (count(*) filter (where live))::int as live, (count(*) filter (where cart))::int as cart,
    (count(*) filter (where grouped))::int as grouped, count(*)::int as reached, (count(*) filter (where friend))::int as friend,
    (count(*) filter (where friend and orders >= 1))::int as first_order, (count(*) filter (where friend and orders >= 2))::int as second_order,
    (count(*) filter (where not friend and orders >= 1))::int as beside, sum(revenue) as revenue
  from followed group by grouping sets ((), (source))
), spent as (
  select key, sum(amount) as spend from source_spend
  where tenant_id = %(tenant)s and dimension = 'source' and day between %(first)s and %(last)s group by key
)
select case when c.whole then null else c.source end as source, c.live, c.cart, c.grouped, c.reached, c.friend, c.first_order, c.second_order,
  c.beside, coalesce(c.revenue, 0) as revenue,
  case when c.whole then coalesce((select sum(spend) from spent), 0) else coalesce(s.spend, 0) end as spend
from counted as c left join spent as s on not c.whole and s.key = c.source
order by c.whole desc, c.reached desc, c.source limit %(most)s
"""


def traffic(tx: Tx, asked: Asked) -> list[Traffic]:
    """All sources together first, then each, the busiest first. The transaction's scope decides who is counted."""
    zone = ZoneInfo(tx.zone)
    until = asked.last_day + timedelta(days=1)
    params: dict[str, Any] = {
        "tenant": tx.tenant_id,
        "buckets": ALL,
        "zone": tx.zone,
        "since": datetime(asked.first_day.year, asked.first_day.month, asked.first_day.day, tzinfo=zone),
        "until": datetime(until.year, until.month, until.day, tzinfo=zone),
        "first": asked.first_day,
        "last": asked.last_day,
        "store": asked.store_id,
        "within": asked.within_days,
        "live": list(LIVE),
        "cart": list(CART),
        "shops": list(SHOPS),
        "most": SOURCES_MAX + 1,
    }
    return tx.all(Traffic, _FOUND, params)
