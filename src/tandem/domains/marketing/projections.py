"""What follows from redemptions, ours or reported, and the step that lets coupons expire."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from tandem.domains.marketing.events import COUPON_EXPIRED, COUPON_REDEEMED
from tandem.flow.module import TurnStep
from tandem.kernel.ids import bucket_of, derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.projection import AppliedEvent, Projection

PER_BUCKET_MIN: Final = 20

_OWNERS: Final = """
select k.code, k.coupon_id, k.customer_id as origin_id, coalesce(c.merged_into, c.id) as owner_id
from coupon_key as k
cross join lateral (select tandem_bucket(k.customer_id) as bucket offset 0) as b
join customer as c on c.bucket = b.bucket and c.tenant_id = %(tenant)s and c.id = k.customer_id
where k.tenant_id = %(tenant)s and k.code = any(%(codes)s::text[])
"""

# Only a report that marks its coupon is counted. The rest is kept with its reason; the till has marked its own already. Where no coupon
# is marked its row is read as it stood before, so one that an earlier report of the batch marks is told apart by its place.
_REDEEM: Final = """
with told as materialized (
  select n.*, row_number() over (partition by n.todo, n.found_id order by n.redeemed_at, n.n) as place, coalesce(n.store_id, s.id) as shop_id
  from jsonb_to_recordset(%(rows)s::jsonb) as n(n int, todo text, bucket smallint, id uuid, customer_id uuid, origin_id uuid, found_id uuid,
    coupon_code text, template_code text, redeemed_at timestamptz, store_id uuid, store text, order_id text, source text)
  left join store as s on s.tenant_id = %(tenant)s and s.code = n.store
), marked as (
  update coupon as c set status = 'redeemed', redeemed_at = t.redeemed_at, redeemed_store_id = t.shop_id, redeemed_order_id = t.order_id
  from told as t
  where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.bucket = t.bucket and c.id = t.found_id
    and c.customer_id = t.customer_id and t.todo = 'mark' and t.place = 1 and c.status in ('issued', 'expired')
  returning t.n
), counted as (
  insert into redemption (bucket, id, tenant_id, customer_id, origin_id, coupon_id, template_code, redeemed_at, store_id, external_order_id,
    source)
  select t.bucket, t.id, %(tenant)s, t.customer_id, t.origin_id, t.found_id, t.template_code, t.redeemed_at, t.shop_id, t.order_id, t.source
  from told as t where t.todo = 'count' or t.n in (select m.n from marked as m)
  on conflict (bucket, id) do nothing
)
insert into redemption_report (bucket, id, tenant_id, customer_id, origin_id, code, coupon_id, status, reported_at, store_id,
  external_order_id, source)
select t.bucket, t.id, %(tenant)s, t.customer_id, t.origin_id, t.coupon_code, t.found_id,
  case when t.todo <> 'mark' then t.todo when c.id is null then 'not_here' when c.status = 'revoked' then 'revoked' else 'already_redeemed' end,
  t.redeemed_at, t.shop_id, t.order_id, t.source
from told as t
left join coupon as c on c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.bucket = t.bucket and c.id = t.found_id
  and c.customer_id = t.customer_id
where t.todo <> 'count' and t.n not in (select m.n from marked as m)
on conflict (bucket, id) do update set status = excluded.status, coupon_id = excluded.coupon_id, reported_at = excluded.reported_at
"""


@dataclass(frozen=True, slots=True)
class _Owned:
    code: str
    coupon_id: UUID
    origin_id: UUID
    owner_id: UUID


def project_redemptions(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Write the batch's redemptions and mark their coupons; hand on those of other customers' coupons (ENGINE_RULES 7)."""
    mine = [event for event in events if event.customer_id is not None]
    codes = {code for event in mine if (code := _code(event))}
    found = turn.tx.all(_Owned, _OWNERS, turn.params(codes=sorted(codes))) if codes else []
    owned = {one.code: one for one in found}
    rows: list[dict[str, Any]] = []
    onward: list[NewEvent] = []
    for number, event in enumerate(mine):
        coupon = owned.get(_code(event) or "")
        row = _row(number, event, coupon)
        rows.append(row)
        if coupon is not None and row["todo"] == "forwarded":
            onward.append(_handed_on(event, coupon))
    if rows:
        turn.tx.execute(_REDEEM, turn.params(rows=orjson.dumps(rows).decode()))
    emit(turn, onward)


def _code(event: AppliedEvent) -> str | None:
    said = event.payload.get("coupon_code")
    return said.strip().upper() if said else None


def _todo(event: AppliedEvent, coupon: _Owned | None) -> str:
    """What to do with a report: count it as it is, mark its coupon, or keep it with the reason why not."""
    if coupon is not None:
        return "mark" if coupon.owner_id == event.customer_id else "forwarded"
    # A till names its own coupon by id; an outside coupon is known by its template, whatever code it bears there.
    outside = event.payload.get("template_code") is not None
    return "count" if outside or _code(event) is None else "unknown_code"


def _row(number: int, event: AppliedEvent, coupon: _Owned | None) -> dict[str, Any]:
    payload = event.payload
    return {
        "n": number,
        "todo": _todo(event, coupon),
        "bucket": event.bucket,
        "id": payload["redemption_id"],
        "customer_id": event.customer_id,
        "origin_id": event.origin_id or event.customer_id,
        "found_id": coupon.coupon_id if coupon else payload.get("coupon_id"),
        "coupon_code": _code(event),
        "template_code": payload.get("template_code"),
        "redeemed_at": event.occurred_at,
        "store_id": payload.get("store_id"),
        "store": payload.get("store"),
        "order_id": payload.get("order_id"),
        "source": payload["source"],
    }


def _handed_on(event: AppliedEvent, coupon: _Owned) -> NewEvent:
    """The same redemption as an event of the coupon's owner. Her row has an id of its own: both may live in one bucket."""
    owner = coupon.owner_id
    return NewEvent(
        type=COUPON_REDEEMED,
        bucket=bucket_of(owner),
        customer_id=owner,
        origin_id=coupon.origin_id,
        occurred_at=event.occurred_at,
        payload=event.payload | {"redemption_id": str(derived_id(event.payload["redemption_id"], "owner", owner))},
        lane=event.lane,
        mode=event.mode,
        event_id=derived_id(event.event_id, "owner", owner),
        cause_id=event.event_id,
        root_id=event.root_id,
        hops=event.hops + 1,
    )


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
