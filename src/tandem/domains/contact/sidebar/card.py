"""One customer for the sidebar. Every statement names her; the caller has made sure that she may be seen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.commerce import service as commerce
from tandem.domains.contact.sidebar import shapes as s
from tandem.domains.marketing import service as marketing
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of

RECENT: Final = timedelta(days=30)
SHOWN: Final = 5
#: Keys under which pages name what was looked at.
_NAMES: Final = ("product_id", "product", "sku", "商品编号", "商品")

# What she looked at lately, by what pages and materials call it, unless she bought it since.
_LOOKED: Final = """
with seen as (
  select e.occurred_at,
    case when e.type = 'behaviour.recorded' then (select e.payload -> 'properties' ->> n.name from unnest(%(names)s::text[]) with ordinality as n(name, place)
      where e.payload -> 'properties' ->> n.name <> '' order by n.place limit 1) else nullif(e.payload ->> 'product', '') end as thing
  from event as e
  where e.bucket = %(bucket)s and e.tenant_id = %(tenant)s and e.owner_id = %(id)s and e.occurred_at >= %(since)s
    and e.type = any(array['behaviour.recorded', 'radar.opened', 'radar.finished'])
), things as (
  select thing, count(*)::int as times, max(occurred_at) as last_at from seen where thing is not null group by thing
), named as (
  select t.thing, t.times, t.last_at, p.product_id, coalesce(p.name, t.thing) as name
  from things as t left join lateral (
    select q.product_id, q.name from product as q where q.tenant_id = %(tenant)s and (q.product_id = t.thing or q.name = t.thing) limit 1) as p on true
)
select name, times, last_at from named as n
where not exists (
  select from order_line as l join sales_order as o on o.bucket = l.bucket and o.bucket = %(bucket)s and o.tenant_id = %(tenant)s and o.id = l.order_id
  where l.bucket = %(bucket)s and l.tenant_id = %(tenant)s and o.customer_id = %(id)s and o.placed_at >= %(since)s
    and o.status <> 'cancelled' and l.product_id = coalesce(n.product_id, n.thing))
order by last_at desc limit %(limit)s
"""


def looked_at(tx: Tx, customer: UUID) -> list[s.Looked]:
    """What she looked at within 30 days and did not buy."""
    params = _of(tx, customer, since=tx.now - RECENT, names=list(_NAMES), limit=SHOWN)
    return [s.Looked(**row) for row in tx.dicts(_LOOKED, params)]


def known_by(tx: Tx, customer: UUID) -> list[s.Known]:
    """Her advisers, the latest first."""
    rows = tx.dicts(
        """
        select coalesce(a.name, f.member) as adviser, f.added_at from friendship as f
        left join source_account as c on c.tenant_id = %(tenant)s and c.source = f.source
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = c.id and a.member = f.member
        where f.bucket = %(bucket)s and f.tenant_id = %(tenant)s and f.customer_id = %(id)s and f.added_at is not null and f.lost_at is null
        order by f.added_at desc limit 5
        """,
        _of(tx, customer),
    )
    return [s.Known(**row) for row in rows]


def orders(tx: Tx, customer: UUID) -> list[s.SidebarOrder]:
    """Her last orders."""
    rows, _ = commerce.list_orders(tx, customer_id=customer, limit=SHOWN)
    return [
        s.SidebarOrder(
            id=one.id, number=one.external_id, status=one.status, total=one.total, currency=one.currency, placed_at=one.placed_at
        )
        for one in rows
    ]  # fmt: skip


def coupons(tx: Tx, customer: UUID) -> list[s.InHand]:
    """Coupons that she can use now."""
    rows, _ = marketing.list_coupons(tx, template_id=None, customer_id=customer, state="issued", cursor=None, limit=20)
    return [
        s.InHand(name=one.template, code=one.code, expires_at=one.expires_at) for one in rows if one.expires_at > tx.now
    ]


def points(tx: Tx, customer: UUID) -> int:
    """Her points."""
    return marketing.points_of(tx, customer)[0]


def tasks(tx: Tx, customer: UUID) -> list[s.OpenTask]:
    """Open questions about her, the most urgent first."""
    rows = tx.dicts(
        """
        select h.id, h.title, f.name as flow, h.due_at from human_task as h join flow as f on f.tenant_id = %(tenant)s and f.id = h.flow_id
        where h.bucket = %(bucket)s and h.tenant_id = %(tenant)s and h.customer_id = %(id)s and h.state = 'open'
        order by h.due_at nulls last, h.id limit 10
        """,
        _of(tx, customer),
    )
    return [s.OpenTask(**row) for row in rows]


def _of(tx: Tx, customer: UUID, **more: object) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "id": customer, "bucket": bucket_of(customer), **more}
