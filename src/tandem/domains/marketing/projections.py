"""What follows from redemptions, ours or reported, and the step that lets coupons expire."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from tandem.domains.marketing.events import COUPON_EXPIRED, COUPON_REDEEMED
from tandem.flow.module import TurnStep
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.projection import AppliedEvent, Projection

PER_BUCKET_MIN: Final = 20

# A code we issued marks its coupon, where the coupon is this customer's; the till has marked its own already.
_REDEEM: Final = """
with told as materialized (
  select n.*, coalesce(n.coupon_id, k.coupon_id) as found_id
  from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, coupon_id uuid, coupon_code text,
    template_code text, redeemed_at timestamptz, store_id uuid, store text, order_id text, source text)
  left join coupon_key as k on k.tenant_id = %(tenant)s and k.code = upper(n.coupon_code)
), marked as (
  update coupon as c set status = 'redeemed', redeemed_at = t.redeemed_at, redeemed_order_id = t.order_id
  from told as t
  where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.bucket = t.bucket and c.id = t.found_id
    and c.status in ('issued', 'expired')
)
insert into redemption (bucket, id, tenant_id, customer_id, origin_id, coupon_id, template_code, redeemed_at, store_id, external_order_id,
  source)
select t.bucket, t.id, %(tenant)s, t.customer_id, t.origin_id, t.found_id, t.template_code, t.redeemed_at, coalesce(t.store_id, s.id),
  t.order_id, t.source
from told as t left join store as s on s.tenant_id = %(tenant)s and s.code = t.store
on conflict (bucket, id) do nothing
"""


def project_redemptions(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Write the batch's redemptions and mark their coupons."""
    rows = [_row(event) for event in events if event.customer_id is not None]
    if rows:
        turn.tx.execute(_REDEEM, turn.params(rows=orjson.dumps(rows).decode()))


def _row(event: AppliedEvent) -> dict[str, Any]:
    payload = event.payload
    return {
        "bucket": event.bucket,
        "id": payload["redemption_id"],
        "customer_id": event.customer_id,
        "origin_id": event.origin_id or event.customer_id,
        "coupon_id": payload.get("coupon_id"),
        "coupon_code": payload.get("coupon_code"),
        "template_code": payload.get("template_code"),
        "redeemed_at": event.occurred_at,
        "store_id": payload.get("store_id"),
        "store": payload.get("store"),
        "order_id": payload.get("order_id"),
        "source": payload["source"],
    }


PROJECTIONS: Final = (Projection((COUPON_REDEEMED,), project_redemptions, "marketing.redemptions"),)

_EXPIRE: Final = """
with due as materialized (
  select d.* from unnest(%(buckets)s::smallint[]) as b(bucket)
  cross join lateral (
    select c.bucket, c.id from coupon as c
    where c.bucket = b.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.status = 'issued'
      and c.expires_at <= %(now)s
    order by c.expires_at limit %(per_bucket)s) as d
  limit %(limit)s
)
update coupon as c set status = 'expired'
from due as d, coupon_template as t
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.bucket = d.bucket and c.id = d.id
  and t.tenant_id = %(tenant)s and t.id = c.template_id
returning c.bucket, c.id, c.customer_id, c.template_id, t.name as template
"""


@dataclass(frozen=True, slots=True)
class _Expired:
    bucket: int
    id: UUID
    customer_id: UUID
    template_id: UUID
    template: str


def expire_coupons(turn: Turn, limit: int) -> int:
    """Let at most `limit` coupons expire whose time is over; returns how many."""
    per_bucket = max(PER_BUCKET_MIN, -(-2 * limit // len(turn.buckets)))
    rows = turn.tx.all(_Expired, _EXPIRE, turn.params(limit=limit, per_bucket=per_bucket))
    emit(
        turn,
        [
            NewEvent(
                type=COUPON_EXPIRED,
                bucket=row.bucket,
                customer_id=row.customer_id,
                occurred_at=turn.now,
                payload={
                    "coupon_id": str(row.id),
                    "template_id": str(row.template_id),
                    "template": row.template,
                },
                event_id=derived_id(row.id, COUPON_EXPIRED),
            )
            for row in rows
        ],
    )
    return len(rows)


EXPIRE_COUPONS: Final = TurnStep(
    name="marketing.expire_coupons",
    run=expire_coupons,
    due_sql="""
select min(expires_at) from coupon
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and status = 'issued'
""",
    live=False,
)
