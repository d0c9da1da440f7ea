"""How orders and refunds follow from events, set-based, inside the bucket turn.

Every order event carries the whole record, so that whichever is applied first makes the row. The platform's `modified_at` decides: an
older record is history and changes nothing (ENGINE_RULES 2).
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from tandem.domains.commerce.events import ORDER_EVENTS, ORDER_MOVED, ORDER_REVALUED, REFUND_CREATED
from tandem.domains.commerce.revalue import refund_days, revalue
from tandem.kernel.columns import Texts, Times, integers, smallints, texts, times, uuids
from tandem.kernel.turn import Turn
from tandem.stream.projection import AppliedEvent, DayFacts, FeatureColumn, Features, Projection, Touch

_STATUS_RANK: Final = {"placed": 0, "paid": 1, "completed": 2, "cancelled": 3}

_UPSERT_ORDERS: Final = """
insert into sales_order as o (bucket, id, tenant_id, customer_id, origin_id, store_id, source, external_id, sales_channel, adviser, status, placed_at,
  paid_at, completed_at, cancelled_at, modified_at, currency, total, discount, line_count, rate, rate_day, refunded_total)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.origin_id, s.id, n.source, n.external_id, n.sales_channel, n.adviser, n.status, n.placed_at,
  n.paid_at, n.completed_at, n.cancelled_at, n.modified_at, n.currency, n.total, n.discount, n.line_count,
  case when n.currency = %(home)s then 1 else x.rate end, x.day,
  coalesce((select sum(r.amount) from refund as r
            where r.bucket = n.bucket and r.tenant_id = %(tenant)s and r.order_id = n.id), 0)
from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(customer_id)s::uuid[], %(origin_id)s::uuid[], %(store)s::text[], %(source)s::text[],
  %(order_id)s::text[], %(channel)s::text[], %(adviser)s::text[], %(status)s::text[], %(placed_at)s::timestamptz[], %(paid_at)s::timestamptz[],
  %(completed_at)s::timestamptz[], %(cancelled_at)s::timestamptz[], %(modified_at)s::timestamptz[], %(currency)s::text[],
  %(total)s::text[]::numeric[], %(discount)s::text[]::numeric[], %(line_count)s::int[])
  as n(bucket, id, customer_id, origin_id, store, source, external_id, sales_channel, adviser, status, placed_at, paid_at, completed_at,
       cancelled_at, modified_at, currency, total, discount, line_count)
left join store as s on s.tenant_id = %(tenant)s and s.code = n.store
left join lateral (
  select r.rate, r.day from exchange_rate as r
  where n.currency <> %(home)s and r.tenant_id = %(tenant)s and r.currency = n.currency
    and r.day <= (coalesce(n.paid_at, n.placed_at) at time zone %(zone)s)::date
  order by r.day desc limit 1) as x on true
on conflict (bucket, id) do update set
  customer_id = excluded.customer_id, origin_id = excluded.origin_id, store_id = coalesce(excluded.store_id, o.store_id),
  sales_channel = coalesce(excluded.sales_channel, o.sales_channel), adviser = coalesce(excluded.adviser, o.adviser), status = excluded.status, placed_at = excluded.placed_at,
  paid_at = coalesce(excluded.paid_at, o.paid_at), completed_at = coalesce(excluded.completed_at, o.completed_at),
  cancelled_at = coalesce(excluded.cancelled_at, o.cancelled_at), modified_at = excluded.modified_at, currency = excluded.currency,
  total = excluded.total, discount = excluded.discount, line_count = excluded.line_count, rate = excluded.rate, rate_day = excluded.rate_day,
  version = o.version + 1
where o.bucket = any(%(buckets)s::smallint[]) and excluded.modified_at >= o.modified_at
returning o.id, o.version, o.rate, o.refunded_total <> 0
"""

_DROP_LINES: Final = """
delete from order_line as l using unnest(%(order_buckets)s::smallint[], %(orders)s::uuid[]) as n(bucket, order_id)
where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.bucket = n.bucket and l.order_id = n.order_id
"""

# The first line of each category carries the order's sums for it: what "bought twice" counts (tables.OrderLine).
_INSERT_LINES: Final = """
insert into order_line (bucket, order_id, line_no, tenant_id, customer_id, origin_id, product_id, category, department, quantity, amount,
  home_amount, discount, paid_at, category_amount, category_quantity)
select n.bucket, n.order_id, n.line_no, %(tenant)s, n.customer_id, n.origin_id, n.product_id, p.category, p.department, n.quantity, n.amount,
  round(n.amount * n.rate, 2), n.discount, n.paid_at,
  case when p.category is not null and row_number() over first_of = 1 then coalesce(round(sum(n.amount) over all_of * n.rate, 2), 0) end,
  case when p.category is not null and row_number() over first_of = 1 then sum(n.quantity) over all_of end
from unnest(%(bucket)s::smallint[], %(order_id)s::uuid[], %(line_no)s::int[], %(customer_id)s::uuid[], %(origin_id)s::uuid[],
  %(product_id)s::text[], %(quantity)s::text[]::numeric[], %(amount)s::text[]::numeric[], %(discount)s::text[]::numeric[], %(paid_at)s::timestamptz[],
  %(rate)s::text[]::numeric[])
  as n(bucket, order_id, line_no, customer_id, origin_id, product_id, quantity, amount, discount, paid_at, rate)
left join product as p on p.tenant_id = %(tenant)s and p.product_id = n.product_id
window all_of as (partition by n.order_id, p.category), first_of as (partition by n.order_id, p.category order by n.line_no)
"""

_INSERT_REFUNDS: Final = """
with added as (
  insert into refund as r (bucket, id, tenant_id, customer_id, origin_id, order_id, source, external_id, amount, refunded_at)
  select n.bucket, n.id, %(tenant)s, n.customer_id, n.origin_id, n.order_id, n.source, n.external_id, n.amount, n.refunded_at
  from jsonb_to_recordset(%(refunds)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, order_id uuid, source text,
    external_id text, amount numeric, refunded_at timestamptz)
  on conflict (bucket, id) do nothing
  returning r.bucket, r.order_id, r.amount
), sums as (select bucket, order_id, sum(amount) as amount from added group by bucket, order_id)
update sales_order as o set refunded_total = o.refunded_total + s.amount
from sums as s
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.bucket = s.bucket and o.id = s.order_id
"""


def _orders(events: Sequence[AppliedEvent]) -> dict[str, Any]:
    """The orders as columns (docs/decisions/0066): there is one row for every fifth record of a shop, and a wide one."""
    told = [event.payload for event in events]
    return {
        "bucket": smallints([event.bucket for event in events]),
        "id": uuids([event.subject_id for event in events]),
        "customer_id": uuids([event.customer_id for event in events]),
        "origin_id": uuids([event.origin_id or event.customer_id for event in events]),
        **{name: texts([one.get(name) for one in told]) for name in _TEXTS},
        **{name: _moments([one.get(name) for one in told]) for name in _MOMENTS},
        "total": _numbers([one["total"] for one in told]),
        "discount": _numbers([one.get("discount", 0) for one in told]),
        "line_count": integers([one["line_count"] for one in told]),
    }


_TEXTS: Final = ("store", "source", "order_id", "channel", "adviser", "status", "currency")
_MOMENTS: Final = ("placed_at", "paid_at", "completed_at", "cancelled_at", "modified_at")


def _moments(said: Iterable[str | None]) -> Times:
    return times([None if one is None else datetime.fromisoformat(one) for one in said])


def _numbers(said: Iterable[Decimal | float | None]) -> Texts:
    """Numbers as their digits, which PostgreSQL reads exactly."""
    return texts([None if one is None else str(one) for one in said])


def _lines(events: Sequence[AppliedEvent], rates: Mapping[object, Decimal | None]) -> dict[str, Any]:
    """The lines of these orders as columns; none of them: nothing."""
    whose = [(event, line) for event in events for line in event.payload["lines"]]
    if not whose:
        return {}
    return {
        "bucket": smallints([event.bucket for event, _ in whose]),
        "order_id": uuids([event.subject_id for event, _ in whose]),
        "line_no": integers([line["line_no"] for _, line in whose]),
        "customer_id": uuids([event.customer_id for event, _ in whose]),
        "origin_id": uuids([event.origin_id or event.customer_id for event, _ in whose]),
        "product_id": texts([line["product_id"] for _, line in whose]),
        "quantity": _numbers([line["quantity"] for _, line in whose]),
        "amount": _numbers([line["amount"] for _, line in whose]),
        "discount": _numbers([line["discount"] for _, line in whose]),
        "paid_at": _moments([event.payload.get("paid_at") for event, _ in whose]),
        "rate": _numbers([rates[event.subject_id] for event, _ in whose]),
    }


def newest_by_order(events: Sequence[AppliedEvent]) -> list[AppliedEvent]:
    """One event per order: the record with the latest `modified_at`, among equals the furthest status."""
    newest: dict[tuple[int, object], AppliedEvent] = {}
    for event in events:
        key = (event.bucket, event.subject_id)
        if key not in newest or _recency(event) >= _recency(newest[key]):
            newest[key] = event
    return list(newest.values())


def _recency(event: AppliedEvent) -> tuple[datetime, int]:
    return datetime.fromisoformat(event.payload["modified_at"]), _STATUS_RANK[event.payload["status"]]


def project_orders(turn: Turn, events: Sequence[AppliedEvent]) -> list[Touch]:
    """Write the batch's orders and their lines. What their refunds count for follows from them: those days are touched."""
    newest = newest_by_order(events)
    params = turn.params(home=turn.tx.currency, zone=turn.zone) | _orders(newest)
    written: dict[object, tuple[int, Decimal | None, bool]] = {
        order: (version, rate, refunded)
        for order, version, rate, refunded in turn.tx.cursor(_UPSERT_ORDERS, params, prepare=True)
    }
    changed = [event for event in newest if event.subject_id in written]
    again = [event for event in changed if written[event.subject_id][0] > 1]
    if again:
        ids = [event.subject_id for event in again]
        turn.tx.execute(_DROP_LINES, turn.params(order_buckets=[event.bucket for event in again], orders=ids))
    lines = _lines(changed, {order: rate for order, (_, rate, _) in written.items()})
    if lines:
        turn.tx.execute(_INSERT_LINES, {"tenant": turn.tenant_id} | lines, prepare=True)
    return refund_days(
        turn,
        [
            (event.bucket, event.subject_id)
            for event in changed
            if event.subject_id is not None and written[event.subject_id][2]
        ],
    )


def project_refunds(turn: Turn, events: Sequence[AppliedEvent]) -> list[Touch]:
    """Write the batch's refunds and what they leave of their orders; the day of the refund is touched where it is not the event's."""
    rows = [
        {
            "bucket": event.bucket,
            "id": event.payload["refund_uuid"],
            "customer_id": event.customer_id,
            "origin_id": event.origin_id or event.customer_id,
            "order_id": event.subject_id,
            "source": event.payload["source"],
            "external_id": event.payload["refund_id"],
            "amount": event.payload["amount"],
            "refunded_at": event.payload["at"],
        }
        for event in events
    ]
    turn.tx.execute(_INSERT_REFUNDS, turn.params(refunds=_json(rows)))
    zone = ZoneInfo(turn.zone)
    return [
        Touch(event.bucket, event.customer_id, _local_day(event.payload["at"], zone))
        for event in events
        if event.customer_id is not None
    ]


def _local_day(moment: str, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(moment).astimezone(zone).date()


def _json(rows: Sequence[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()


PROJECTIONS: Final = (
    Projection(ORDER_EVENTS, project_orders, "commerce.orders"),
    Projection((REFUND_CREATED,), project_refunds, "commerce.refunds"),
    Projection((ORDER_REVALUED,), revalue, "commerce.rates"),
)

_FACT_TYPES: Final = (*ORDER_EVENTS, ORDER_MOVED, ORDER_REVALUED, REFUND_CREATED)

# `waiting` counts the orders whose amount is in no sum for want of a rate: whoever shows the sum must be able to say so.
# A cancelled order counts for nothing, and so do its refunds: what was never counted must not be subtracted.
DAY_FACTS: Final = DayFacts(
    facts=("orders", "refunds", "waiting"),
    types=_FACT_TYPES,
    moments=("paid_at", "at"),
    sql="""
select b.bucket, b.customer_id, b.day, x.fact, x.n, x.amount
from (
  select t.bucket, t.customer_id, t.day, count(*) as n, sum(o.home_total) as amount, count(*) - count(o.home_total) as waiting
  from touched as t
  join sales_order as o on o.bucket = t.bucket and o.tenant_id = %(tenant)s
    and o.customer_id = t.customer_id and o.paid_at >= t.starts_at and o.paid_at < t.ends_at and o.status <> 'cancelled'
  group by t.bucket, t.customer_id, t.day) as b
cross join lateral (values ('orders', b.n, b.amount), ('waiting', b.waiting, null)) as x(fact, n, amount)
where x.n > 0
union all
select t.bucket, t.customer_id, t.day, 'refunds', count(*), sum(case when b.id is null then r.amount else round(r.amount * b.rate, 2) end)
from touched as t
join refund as r on r.bucket = t.bucket and r.tenant_id = %(tenant)s
  and r.customer_id = t.customer_id and r.refunded_at >= t.starts_at and r.refunded_at < t.ends_at
left join sales_order as b on b.bucket = r.bucket and b.tenant_id = %(tenant)s and b.id = r.order_id
where b.status is distinct from 'cancelled'
group by t.bucket, t.customer_id, t.day
""",
)

_SUMS: Final = """
left join lateral (
  select count(*) as order_count, sum(s.home_total) as spend_total, min(s.paid_at) as first_order_at, max(s.paid_at) as last_order_at
  from sales_order as s
  where s.bucket = t.bucket and s.tenant_id = %(tenant)s and s.customer_id = t.customer_id
    and s.paid_at is not null and s.status <> 'cancelled') as o on true"""
_REFUNDED: Final = """
left join lateral (
  select sum(case when b.id is null then x.amount else round(x.amount * b.rate, 2) end) as refund_total from refund as x
  left join sales_order as b on b.bucket = x.bucket and b.tenant_id = %(tenant)s and b.id = x.order_id
  where x.bucket = t.bucket and x.tenant_id = %(tenant)s and x.customer_id = t.customer_id and b.status is distinct from 'cancelled'
  ) as r on true"""
_FAVOURITE: Final = """
left join lateral (
  select l.category from order_line as l
  where l.bucket = t.bucket and l.tenant_id = %(tenant)s and l.customer_id = t.customer_id
    and l.category_amount is not null and l.paid_at > o.last_order_at - interval '90 days'
  group by l.category order by count(*) desc, l.category limit 1) as f on true"""
_COLUMNS: Final[dict[FeatureColumn, tuple[str, tuple[str, ...]]]] = {
    "order_count": ("coalesce(o.order_count, 0)", (_SUMS,)),
    "spend_total": ("coalesce(o.spend_total, 0)", (_SUMS,)),
    "refund_total": ("coalesce(r.refund_total, 0)", (_REFUNDED,)),
    "first_order_at": ("o.first_order_at", (_SUMS,)),
    "last_order_at": ("o.last_order_at", (_SUMS,)),
    "favourite_category": ("f.category", (_SUMS, _FAVOURITE)),
}


def _features(columns: AbstractSet[str]) -> str:
    """Features of the touched customers; for some columns only, without the joins that the others need."""
    wanted = {name: one for name, one in _COLUMNS.items() if name in columns}
    needed = {join for _, joins in wanted.values() for join in joins}
    looks = "".join(join for join in (_SUMS, _REFUNDED, _FAVOURITE) if join in needed)
    values = ", ".join(f"{text} as {name}" for name, (text, _) in wanted.items())
    return f"\nselect t.bucket, t.customer_id, {values}\nfrom touched as t{looks}\n"


FEATURES: Final = Features(
    columns=tuple(_COLUMNS), types=_FACT_TYPES, sql=_features(_COLUMNS.keys()), narrowed=_features
)

FACTS: Final = (DAY_FACTS, FEATURES)
