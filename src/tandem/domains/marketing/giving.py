"""Gifts that no flow gives: points and coupons for many customers of a turn at once, each gift exactly once by its id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.domains.marketing.events import POINTS_EARNED
from tandem.domains.marketing.ledger import VALID_DAYS
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.rows import to_json


@dataclass(frozen=True, slots=True)
class Gift:
    """What a customer gets: points, a coupon, or both. `id` follows from what it is given for."""

    id: UUID
    bucket: int
    customer_id: UUID
    origin_id: UUID
    reason: str
    points: int | None = None
    coupon_template_id: UUID | None = None
    cause_id: UUID | None = None


_ROWS: Final = """jsonb_to_recordset(%(rows)s::jsonb) as g(bucket smallint, id uuid, customer_id uuid, origin_id uuid, reason text, points bigint,
  coupon_template_id uuid, cause_id uuid)"""
_POINTS: Final = f"""
with lots as (
  insert into points_lot (bucket, id, tenant_id, customer_id, origin_id, earned, remaining, earned_at, expires_at)
  select g.bucket, g.id, %(tenant)s, g.customer_id, g.origin_id, g.points, g.points, %(now)s, %(now)s::timestamptz + make_interval(days => %(days)s)
  from {_ROWS} where g.points > 0
  on conflict do nothing returning bucket, id)
insert into points_entry (bucket, id, tenant_id, customer_id, origin_id, from_account, to_account, amount, posted_at, reason, lot_id)
select g.bucket, tandem_new_id(), %(tenant)s, g.customer_id, g.origin_id, 'earned', 'balance', g.points, %(now)s, g.reason, g.id
from {_ROWS} join lots as l on l.bucket = g.bucket and l.id = g.id
returning lot_id
"""
_COUPONS: Final = f"""
insert into coupon_request (bucket, id, tenant_id, customer_id, origin_id, template_id, cause_id)
select g.bucket, g.id, %(tenant)s, g.customer_id, g.origin_id, g.coupon_template_id, g.cause_id
from {_ROWS} where g.coupon_template_id is not null
on conflict do nothing
"""


def give(turn: Turn, gifts: Sequence[Gift]) -> None:
    """Give these; coupons are issued within the stock in the bucket's next turn. The turn holds every gift's bucket."""
    if not gifts:
        return
    rows = [
        {
            "bucket": one.bucket, "id": one.id, "customer_id": one.customer_id, "origin_id": one.origin_id, "reason": one.reason,
            "points": one.points, "coupon_template_id": one.coupon_template_id, "cause_id": one.cause_id,
        }
        for one in gifts
    ]  # fmt: skip
    params = turn.params(rows=to_json(rows), days=VALID_DAYS)
    turn.tx.execute(_COUPONS, params)
    given = set(turn.tx.values(_POINTS, params))
    emit(
        turn,
        [
            NewEvent(
                type=POINTS_EARNED,
                bucket=one.bucket,
                customer_id=one.customer_id,
                origin_id=one.origin_id,
                occurred_at=turn.now,
                payload={"amount": one.points, "reason": one.reason},
                event_id=derived_id(one.id, POINTS_EARNED),
                cause_id=one.cause_id,
            )
            for one in gifts
            if one.id in given
        ],
    )
