"""`{{parcel.link}}` in messages: the link by which the buyer of the order that a run is about comes to her adviser."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.domains.contact.parcel.batches import address
from tandem.domains.messaging.service import Recipient, Values, offer_placeholders
from tandem.flow.node import CheckContext, Finding
from tandem.kernel.db import Tx

LINK: Final = "parcel.link"
ORDER: Final = "order"
_OF_EVENT: Final = "event.order_id"


@dataclass(frozen=True, slots=True)
class _Sold:
    """A run's order and the batch that its link is made in."""

    run_id: UUID
    batch: UUID
    source: str
    number: str


# The order that the run is about, or the one that the event which began it tells of; and of the batches of links that are in use one for
# the order's source before one for any, the latest made.
_ORDERS: Final = """
select r.id as run_id, b.id as batch, s.source, s.external_id as number from flow_run as r
cross join lateral (
  select o.source, o.external_id from sales_order as o
  where o.bucket = r.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s
    and case when r.subject_type = %(order)s then o.id = r.subject_id
      else o.customer_id = r.customer_id and o.external_id = r.vars -> 'event' ->> 'order_id'
        and o.source = coalesce(r.vars -> 'event' ->> 'source', o.source) end
  order by o.placed_at desc limit 1) as s
cross join lateral (
  select p.id from parcel_batch as p
  where p.tenant_id = %(tenant)s and p.kind = 'order' and p.status = 'active' and (p.expires_at is null or p.expires_at > %(now)s)
    and (p.source is null or p.source = s.source)
  order by (p.source is null), p.created_at desc, p.id limit 1) as b
where r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.id = any(%(runs)s::uuid[])
"""
_MAKE: Final = """
with made as (
  insert into parcel_card (tenant_id, id, batch_id, order_source, order_number, made_at)
  select distinct on (n.batch, n.source, n.number) %(tenant)s, gen_random_uuid(), n.batch, n.source, n.number, %(now)s
  from unnest(%(batches)s::uuid[], %(sources)s::text[], %(numbers)s::text[]) as n(batch, source, number)
  on conflict do nothing returning batch_id)
update parcel_batch as b set printed = b.printed + m.n from (select batch_id, count(*)::int as n from made group by batch_id) as m
where b.tenant_id = %(tenant)s and b.id = m.batch_id
"""
_READ: Final = """
select n.run_id, c.id from unnest(%(runs)s::uuid[], %(batches)s::uuid[], %(sources)s::text[], %(numbers)s::text[]) as n(run_id, batch, source, number)
join parcel_card as c on c.tenant_id = %(tenant)s and c.batch_id = n.batch and c.order_source = n.source and c.order_number = n.number
"""


def fill(tx: Tx, names: Sequence[str], recipients: Sequence[Recipient], values: Values) -> None:
    """Put the link of her run's order into each message; an order always has the same one. Without an order or a batch none is put."""
    runs = sorted({one.run_id for one in recipients if one.run_id is not None})
    if LINK not in names or not runs:
        return
    params: dict[str, Any] = {
        "tenant": tx.tenant_id, "now": tx.now, "buckets": sorted({one.bucket for one in recipients}), "runs": runs, "order": ORDER,
    }  # fmt: skip
    sold = tx.all(_Sold, _ORDERS, params)
    if not sold:
        return
    params |= {
        "runs": [one.run_id for one in sold], "batches": [one.batch for one in sold], "sources": [one.source for one in sold],
        "numbers": [one.number for one in sold],
    }  # fmt: skip
    tx.execute(_MAKE, params)
    links = {run: address(tx, card) for run, card in tx.cursor(_READ, params).fetchall()}
    for one in recipients:
        if one.run_id in links:
            values[one.message_id][LINK] = links[one.run_id]


def check(names: Sequence[str], ctx: CheckContext) -> Iterable[Finding]:
    """Every run must have an order, and there must be a batch of links in use."""
    if LINK not in names:
        return
    if ctx.subject != ORDER and any(True for _ in ctx.expression(_OF_EVENT, "template", returns="any")):
        yield Finding(
            "placeholder_needs_order",
            Label(
                f"模板用了包裹链接 {{{{{LINK}}}}}，但这个流程没有订单",
                f"The template uses the parcel link {{{{{LINK}}}}}, but this flow has no order",
            ),
            Label(
                "请让流程由订单事件（如“订单付款”）开始，或以订单为主体，或换一个不含包裹链接的模板",
                "Start the flow by an order's event (such as 'order paid'), make it about orders, or choose a template without the link",
            ),
            where="template",
        )
    elif not ctx.tx.value(
        "select 1 from parcel_batch where tenant_id = %(tenant)s and kind = 'order' and status = 'active' limit 1",
        {"tenant": ctx.tx.tenant_id},
    ):
        yield Finding(
            "parcel_batch_needed",
            Label(
                "没有使用中的“订单链接”批次，包裹链接写不出来，消息不会发出",
                "No batch of order links is in use: the parcel link has no value and the message is not sent",
            ),
            Label("请到“包裹卡”新建一个订单链接批次", "Set a batch of order links up under 'Parcel cards'"),
            where="template",
        )


offer_placeholders(
    "parcel",
    fill,
    {LINK: Label("包裹链接（订单的专属顾问）", "Parcel link (the order's adviser)")},
    check=check,
    writes=True,
)
