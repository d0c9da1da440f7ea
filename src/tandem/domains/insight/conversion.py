"""Conversion compared by source: who came by where, and how far they went. One statement over rows, whatever the number of customers.

A *source* is a system that told of a person: it gave an identifier of hers, or an order. A *channel* is what an order says it was sold by
(`抖音直播`). She came by one when it first knew her. What she bought is summed from the day buckets from that day on, so that an order she
made elsewhere counts for the source that brought her.
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

Dimension = Literal["source", "channel"]
Credit = Literal["first", "any"]
Friends = Literal["all", "friend", "stranger"]
Step = Literal["came", "friend", "member", "first_order", "second_order"]
STEPS: Final[tuple[Step, ...]] = ("came", "friend", "member", "first_order", "second_order")
NAMED_MAX: Final = 100
"""Sources shown; a company with more has put order numbers into its source names."""
DONE_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is compared. Days are the tenant's own, both ends included.

    `credit` first: a customer belongs to the source that knew her before all others; any: to each that ever did. `within_days`: only what
    followed within so many days after she came, so that old and young customers compare; None: until now.
    `friends`: only those who are friends in the private domain, or only those who are not.
    """

    by: Dimension
    first_day: date
    last_day: date
    credit: Credit = "first"
    within_days: int | None = None
    friends: Friends = "all"
    store_id: UUID | None = None
    segment_id: UUID | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Funnel:
    """One source's figures. `revenue` is what was paid less what was given back; `spend` what was entered for the days asked about."""

    key: str
    came: int
    friend: int
    member: int
    first_order: int
    second_order: int
    revenue: Decimal
    spend: Decimal
    waiting: int
    """Orders that wait for a rate and are not in `revenue`."""


@dataclass(frozen=True, slots=True)
class Done:
    """Something people did in the period, by its name (watched live, added to cart): how many customers, how often, and how often
    browsers did it that nobody has said who they are. `source`: who told of it; None: all together.
    """

    name: str
    source: str | None
    people: int
    times: int
    anonymous: int


@dataclass(frozen=True, slots=True)
class Convert:
    """A person behind a figure."""

    customer_id: UUID
    at: datetime
    orders: int
    revenue: Decimal
    waiting: int


#: Over so many days at most, who is new is found by looking up everybody heard of in them; beyond, by reading all that was ever heard. At a
#: million customers the first costs a third over 30 days and twice as much over a year.
LOOKED_UP_DAYS_MAX: Final = 120
_IDENTIFIERS: Final = """
  select bucket, customer_id, source as key, first_seen_at as at from customer_identifier
  where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and first_seen_at < %(until)s{since}"""
_ORDERS: Final = """
  select bucket, customer_id, {key} as key, placed_at as at from sales_order
  where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and customer_id is not null and status <> 'cancelled'
    and placed_at < %(until)s{since}"""
_ORDER_KEY: Final[dict[Dimension, str]] = {"source": "source", "channel": "coalesce(sales_channel, '')"}
# The limit is no limit: it keeps the planner from reading every row there is for an anti join, where few have to be looked up.
_NO_IDENTIFIER: Final = """not exists (
    select from customer_identifier as k where k.bucket = t.bucket and k.tenant_id = %(tenant)s and k.customer_id = t.customer_id
      and k.first_seen_at < %(since)s{same} limit (select 1))"""
_NO_ORDER: Final = """not exists (
    select from sales_order as o where o.bucket = t.bucket and o.tenant_id = %(tenant)s and o.customer_id = t.customer_id
      and o.placed_at < %(since)s and o.status <> 'cancelled'{same} limit (select 1))"""

#: Whom the question is about, and what became of each. Facts hold the last word on money: they know rates, refunds and corrections.
_ABOUT: Final = """
with touch (bucket, customer_id, key, at) as ({touches}
), heard as (
  select bucket, customer_id, key, min(at) as at from touch group by bucket, customer_id, key{sorted}
), placed as (
  select bucket, customer_id, key, at, row_number() over (partition by bucket, customer_id order by at, key) as place from heard as t
  where {new}
), cohort as (
  select p.bucket, p.customer_id, p.key, p.at, (p.at at time zone %(zone)s)::date as day,
    coalesce(i.friend, false) as friend, coalesce(i.member, false) as member
  from placed as p
  join customer as c on c.bucket = p.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = p.customer_id
    and c.merged_into is null
  left join lateral (
    select bool_or(kind in ('union_id', 'open_id')) as friend, bool_or(kind = 'member_no') as member from customer_identifier as k
    where k.bucket = p.bucket and k.tenant_id = %(tenant)s and k.customer_id = p.customer_id) as i on true
  where (%(every)s or p.place = 1) and p.at >= %(since)s
    and (%(key)s::text is null or p.key = %(key)s)
    and (%(store)s::uuid is null or c.store_id = %(store)s)
    and (%(friends)s = 'all' or coalesce(i.friend, false) = (%(friends)s = 'friend'))
    and (%(segment)s::uuid is null or exists (
      select from segment_member as m where m.bucket = c.bucket and m.tenant_id = %(tenant)s and m.segment_id = %(segment)s
        and m.customer_id = c.id))
    and (%(tag)s::text is null or exists (
      select from customer_tag as g where g.bucket = c.bucket and g.tenant_id = %(tenant)s and g.customer_id = c.id and g.tag = %(tag)s))
), followed as (
  select c.*, coalesce(f.orders, 0) as orders, coalesce(f.revenue, 0) as revenue, coalesce(f.waiting, 0) as waiting
  from cohort as c
  left join lateral (
    select sum(n) filter (where fact = 'orders') as orders, sum(case fact when 'orders' then amount else -amount end) as revenue,
      sum(n) filter (where fact = 'waiting') as waiting
    from customer_fact_day as d
    where d.bucket = c.bucket and d.tenant_id = %(tenant)s and d.customer_id = c.customer_id and d.fact in ('orders', 'refunds', 'waiting')
      and d.day >= c.day and (%(within)s::int is null or d.day <= c.day + %(within)s)) as f on true
)"""
_STEP: Final[dict[Step, str]] = {
    "came": "true",
    "friend": "friend",
    "member": "member",
    "first_order": "orders >= 1",
    "second_order": "orders >= 2",
}
_COUNTS: Final = ", ".join(f"(count(*) filter (where {_STEP[step]}))::int as {step}" for step in STEPS)


def compare(tx: Tx, asked: Question) -> list[Funnel]:
    """Every source's figures, the busiest first. The transaction's scope decides who is counted."""
    return tx.all(
        Funnel,
        f"""
        {_about(asked)}, counted as (
          select key, {_COUNTS}, sum(revenue) as revenue, sum(waiting) as waiting from followed group by key
        ), spent as (
          select key, sum(amount) as spend from source_spend
          where tenant_id = %(tenant)s and dimension = %(by)s and day between %(first)s and %(last)s group by key
        )
        select coalesce(c.key, s.key) as key, {", ".join(f"coalesce(c.{step}, 0) as {step}" for step in STEPS)},
          coalesce(c.revenue, 0) as revenue, coalesce(s.spend, 0) as spend, coalesce(c.waiting, 0)::int as waiting
        from counted as c full join spent as s on s.key = c.key
        order by 2 desc, 1 limit {NAMED_MAX}
        """,
        _params(tx, asked),
    )


def done(tx: Tx, asked: Question) -> list[Done]:
    """What was done in the period before or beside buying, the commonest first: a line for all sources, followed by each source's.

    Visits of nobody count where the whole company is counted: they belong to no shop.
    """
    return tx.all(
        Done,
        f"""
        with happened as (
          select payload ->> 'name' as name, coalesce(payload ->> 'source', '') as source, customer_id from event
          where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and type = 'behaviour.recorded'
            and occurred_at >= %(since)s and occurred_at < %(until)s
          union all
          select behaviour ->> 'name', source, null from beacon_visit
          where tenant_id = %(tenant)s and %(whole)s and occurred_at >= %(since)s and occurred_at < %(until)s
        ), counted as (
          select name, source, grouping(source) = 1 as is_all, count(distinct customer_id)::int as people, count(customer_id)::int as times,
            (count(*) - count(customer_id))::int as anonymous
          from happened group by grouping sets ((name), (name, source))
        ), named as (
          select name, row_number() over (order by people desc, times + anonymous desc, name) as place from counted where is_all
        )
        select c.name, case when not c.is_all then c.source end as source, c.people, c.times, c.anonymous
        from counted as c join named as n on n.name = c.name
        where n.place <= {DONE_MAX} order by n.place, c.is_all desc, c.people desc, c.times + c.anonymous desc, c.source
        """,
        _params(tx, asked) | {"whole": tx.scope.kind == "all"},
    )


LOOKED_BACK: Final = (30, 90, 365)
ENOUGH: Final = 50


def recent_days(tx: Tx) -> int:
    """How many days back from today hold enough newcomers to compare: 30, 90, or a year where there is nothing more lively."""
    for days in LOOKED_BACK[:-1]:
        came = tx.value(
            """
            select count(*) from (
              select from customer_identifier where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])
                and first_seen_at >= %(begin)s limit %(enough)s) as newcomers
            """,
            {
                "tenant": tx.tenant_id,
                "buckets": list(range(BUCKETS)),
                "begin": tx.now - timedelta(days=days),
                "enough": ENOUGH,
            },
        )
        if came >= ENOUGH:
            return days
    return LOOKED_BACK[-1]


def converts(
    tx: Tx, asked: Question, key: str | None, step: Step, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Convert]:
    """The people behind a figure, the latest first; `key` None: of every source."""
    params = _params(tx, asked, key) | {"after_at": after and after[0], "after_id": after and after[1], "limit": limit}
    return tx.all(
        Convert,
        f"""
        {_about(asked)}
        select customer_id, at, orders::int as orders, revenue, waiting::int as waiting from followed
        where {_STEP[step]} and (%(after_at)s::timestamptz is null or (at, customer_id) < (%(after_at)s::timestamptz, %(after_id)s::uuid))
        order by at desc, customer_id desc limit %(limit)s
        """,
        params,
    )


def _about(asked: Question) -> str:
    few = (asked.last_day - asked.first_day).days <= LOOKED_UP_DAYS_MAX
    every = asked.credit == "any"
    key = _ORDER_KEY[asked.by]
    touches = [_ORDERS.format(key=key, since=" and placed_at >= %(since)s" if few else "")]
    unknown = [_NO_ORDER.format(same=f" and {key} = t.key" if every else "")]
    if asked.by == "source":
        # Nearly everybody has an identifier: asked first, it leaves few to be looked for among orders.
        touches.insert(0, _IDENTIFIERS.format(since=" and first_seen_at >= %(since)s" if few else ""))
        unknown.insert(0, _NO_IDENTIFIER.format(same=" and source = t.key" if every else ""))
    return _ABOUT.format(
        touches="\n  union all".join(touches),
        # Looked up in the order of the index, neighbours share its pages.
        sorted=" order by bucket, customer_id" if few else "",
        new="\n    and ".join(unknown) if few else "true",
    )


def _params(tx: Tx, asked: Question, key: str | None = None) -> dict[str, Any]:
    zone = ZoneInfo(tx.zone)
    return {
        "tenant": tx.tenant_id,
        "buckets": list(range(BUCKETS)),
        "zone": tx.zone,
        "by": asked.by,
        "first": asked.first_day,
        "last": asked.last_day,
        "since": datetime(asked.first_day.year, asked.first_day.month, asked.first_day.day, tzinfo=zone),
        "until": _end(asked.last_day, zone),
        "every": asked.credit == "any",
        "friends": asked.friends,
        "within": asked.within_days,
        "store": asked.store_id,
        "segment": asked.segment_id,
        "tag": asked.tag,
        "key": key,
    }


def _end(day: date, zone: ZoneInfo) -> datetime:
    following = date.fromordinal(day.toordinal() + 1)
    return datetime(following.year, following.month, following.day, tzinfo=zone)
