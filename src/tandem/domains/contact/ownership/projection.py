"""Credits follow from orders, refunds and cards, in the turn that applies them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from tandem.domains.commerce.service import MOVED, TOLD
from tandem.domains.contact.ownership.crediting import credit
from tandem.domains.contact.ownership.events import ORDER_CREDITED
from tandem.domains.contact.parcel.events import ORDER_CARD_CLAIMED
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import following
from tandem.stream.inbox import follow_up
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.rows import to_json

_CLAIMS: Final = """
insert into order_claim (bucket, order_id, tenant_id, customer_id, origin_id, user_id, batch, claimed_at)
select o.bucket, o.id, %(tenant)s, o.customer_id, o.origin_id, n.user_id, n.batch, n.at
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, order_id uuid, user_id uuid, batch text, at timestamptz)
join sales_order as o on o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.bucket = n.bucket and o.id = n.order_id
on conflict do nothing
"""
# Only what nobody earns by: what had been found goes on (`crediting.credit`).
_NOBODYS: Final = """
select o.id from sales_order as o join order_credit as c on c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s
  and c.bucket = o.bucket and c.order_id = o.id and c.rule = 'nobody' and not c.settled
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.customer_id = any(%(customers)s::uuid[])
"""
_NAMES: Final = "select id, name from staff_user where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])"


def project_credits(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Bring credits up to what happened to orders and tell which found their advisers."""
    claimed = [one for one in events if one.type == ORDER_CARD_CLAIMED and one.payload.get("user_id")]
    if claimed:
        rows = [
            {"bucket": one.bucket, "order_id": one.subject_id, "user_id": one.payload["user_id"], "batch": one.payload["batch"], "at": one.occurred_at}
            for one in claimed
        ]  # fmt: skip
        turn.tx.execute(_CLAIMS, turn.params(rows=to_json(rows)))
    # A better word came: a card was claimed, or the buyer turned out to be somebody else.
    again = {one.subject_id for one in events if one.type in {ORDER_CARD_CLAIMED, MOVED} and one.subject_id}
    news = credit(turn, [one.subject_id for one in events if one.subject_id is not None], again)
    told = {one.subject_id: one for one in events}
    credited = [(order, made) for order, made in news if made.shares and order.customer_id is not None]
    if not credited:
        return
    users = sorted({user for _, made in credited for user, _ in made.shares})
    names: dict[UUID, str] = dict(turn.tx.cursor(_NAMES, {"tenant": turn.tenant_id, "ids": users}).fetchall())
    follow_up(
        turn,
        [
            following(event, ORDER_CREDITED, _payload(event, made, names, order.total), event_id=derived_id(event.event_id, ORDER_CREDITED, order.id))
            for order, made in credited
            if (event := told[order.id]).customer_id is not None
        ],
    )  # fmt: skip


def project_merged(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """A nameless buyer turned out to be a friend: her orders may have an adviser after all. Flows hear nothing: they are history."""
    customers = sorted({one.customer_id for one in events if one.customer_id is not None})
    credit(turn, turn.tx.values(_NOBODYS, turn.params(customers=customers)) if customers else [])


def _payload(event: AppliedEvent, made: Any, names: dict[UUID, str], total: Any) -> dict[str, Any]:
    first = max(made.shares, key=lambda one: one[1])[0]
    return {
        "order_id": str(event.payload.get("order_id") or event.subject_id), "adviser": names.get(first, ""), "adviser_id": str(first),
        "rule": made.rule, "total": float(total), "advisers": len(made.shares),
    }  # fmt: skip


PROJECTIONS: Final = (
    Projection(
        (*TOLD, ORDER_CARD_CLAIMED),
        project_credits,
        "contact.credits",
    ),
    Projection(("customer.merged",), project_merged, "contact.credits_merged"),
)
