"""Referrals as they follow from what is told: who came by whom, and what became of her first order.

The newcomer's row is written in her turn; whoever brought her is told by an event, and keeps a row of her own (ENGINE_RULES 7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from tandem.domains.sales.events import ORDER_CANCELLED, ORDER_MOVED, ORDER_PAID, REFUND_CREATED
from tandem.domains.sales.referrals.events import (
    REFERRAL_CAME,
    REFERRAL_JOINED,
    REFERRAL_REPORTED,
    REFERRAL_STANDING,
    REFERRAL_WITHDRAWN,
)
from tandem.kernel.ids import BUCKETS, bucket_of, derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent, following
from tandem.stream.inbox import emit, follow_up
from tandem.stream.projection import LIVE, AppliedEvent, Projection
from tandem.stream.rows import to_json

State = Literal["came", "paid", "known"]
Source = Literal["campaign", "staff"]
ALL_BUCKETS: Final = list(range(BUCKETS))
CAMPAIGN: Final[Source] = "campaign"
STAFF: Final[Source] = "staff"
GONE: Final = "gone"
"""Told to the other side only: the row is there no more."""
_MERGED: Final = "customer.merged"
_UNMERGED: Final = "customer.unmerged"
#: The verdict of a campaign by which somebody did not come by its inviter at all.
_NOT_HERS: Final = "refused"


@dataclass(frozen=True, slots=True)
class Referral:
    """A newcomer's row."""

    id: UUID
    customer_id: UUID
    origin_id: UUID
    referrer_id: UUID
    campaign: str
    state: State
    came_at: datetime
    paid_at: datetime | None
    amount: Decimal | None
    version: int


_COLUMNS: Final = (
    "r.id, r.customer_id, r.origin_id, r.referrer_id, r.campaign, r.state, r.came_at, r.paid_at, r.amount, r.version"
)


def hand_on(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """A campaign's inviter brought a friend: that is told to the friend."""
    emit(turn, [_reported(event, friend) for event in events if (friend := _friend_of(event)) is not None])


def _friend_of(event: AppliedEvent) -> UUID | None:
    said = event.payload.get("friend_id")
    return None if said is None or event.payload.get("verdict") == _NOT_HERS else UUID(said)


def _reported(event: AppliedEvent, friend: UUID) -> NewEvent:
    campaign = event.payload.get("campaign") or ""
    payload: dict[str, Any] = {"referrer_id": str(event.customer_id), "campaign": campaign, "source": CAMPAIGN}
    return _told(event, REFERRAL_REPORTED, friend, payload, derived_id(event.event_id, REFERRAL_REPORTED))


def _told(event: AppliedEvent, kind: str, whom: UUID, payload: dict[str, Any], event_id: UUID) -> NewEvent:
    """What one customer's event means for another."""
    return NewEvent(
        type=kind, bucket=bucket_of(whom), customer_id=whom, occurred_at=event.occurred_at, payload=payload, lane=event.lane,
        mode=event.mode, event_id=event_id, cause_id=event.event_id, root_id=event.root_id or event.event_id, hops=event.hops + 1,
    )  # fmt: skip


def _standing(event: AppliedEvent, row: Referral, state: str | None = None) -> NewEvent:
    payload: dict[str, Any] = {
        "referral_id": str(row.id), "friend_id": str(row.origin_id), "campaign": row.campaign, "state": state or row.state,
        "came_at": row.came_at.isoformat(), "paid_at": None if row.paid_at is None else row.paid_at.isoformat(),
        "amount": None if row.amount is None else str(row.amount), "version": row.version,
    }  # fmt: skip
    return _told(
        event, REFERRAL_STANDING, row.referrer_id, payload, derived_id(event.event_id, REFERRAL_STANDING, row.id)
    )


# --------------------------------------------------------------------------------------------------- somebody came by somebody

# The first word that may stand stands. Nobody comes by herself, nor by whom she herself brought.
_COME: Final = """
insert into referral (tenant_id, bucket, id, customer_id, origin_id, referrer_id, source, campaign, state, came_at)
select distinct on (n.customer_id) %(tenant)s, n.bucket, n.id, n.customer_id, n.origin_id, n.referrer_id, n.source, n.campaign, 'came', n.came_at
from jsonb_to_recordset(%(rows)s::jsonb) as n(place int, bucket smallint, id uuid, customer_id uuid, origin_id uuid, referrer_id uuid, source text,
  campaign text, came_at timestamptz)
cross join lateral (select tandem_bucket(n.referrer_id) as bucket offset 0) as b
join customer as k on k.tenant_id = %(tenant)s and k.bucket = b.bucket and k.id = n.referrer_id
cross join lateral (select coalesce(k.merged_into, k.id) as id, tandem_bucket(coalesce(k.merged_into, k.id)) as bucket offset 0) as p
where p.id <> n.customer_id
  and exists (select from customer as c where c.tenant_id = %(tenant)s and c.bucket = n.bucket and c.bucket = any(%(buckets)s::smallint[])
    and c.id = n.customer_id)
  and not exists (select from referral as h where h.tenant_id = %(tenant)s and h.bucket = n.bucket and h.bucket = any(%(buckets)s::smallint[])
    and h.customer_id = n.customer_id)
  and not exists (select from referral as x where x.tenant_id = %(tenant)s and x.bucket = p.bucket and x.customer_id = p.id
    and x.referrer_id in (n.customer_id, n.origin_id))
order by n.customer_id, n.place
on conflict (bucket, id) do nothing
returning id, customer_id
"""


def come(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Write down by whom customers came, and tell those who brought them."""
    told = [event for event in events if event.customer_id is not None and event.payload.get("referrer_id")]
    rows = [
        {
            "place": place, "bucket": one.bucket, "id": derived_id(one.event_id, "referral"), "customer_id": one.customer_id,
            "origin_id": one.origin_id or one.customer_id, "referrer_id": one.payload["referrer_id"], "source": one.payload["source"],
            "campaign": one.payload["campaign"], "came_at": one.occurred_at,
        }
        for place, one in enumerate(told)
    ]  # fmt: skip
    written = dict(turn.tx.cursor(_COME, turn.params(rows=to_json(rows))).fetchall()) if rows else {}
    if not written:
        return
    by_row = {row["id"]: one for row, one in zip(rows, told, strict=True)}
    first = {whose: by_row[key] for key, whose in written.items()}
    turn.tx.execute(_SETTLE, turn.params(ids=list(first), again=False))
    referrals = turn.tx.all(Referral, _HERS, turn.params(ids=list(first)))
    came = [row for row in referrals if row.state != "known"]
    follow_up(turn, [following(first[row.customer_id], REFERRAL_CAME, {"campaign": row.campaign}) for row in came])
    emit(turn, [_standing(first[row.customer_id], row) for row in referrals])


_HERS: Final = f"""
select {_COLUMNS} from referral as r
where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.customer_id = any(%(ids)s::uuid[])
"""
_DROP: Final = f"""
delete from referral as r where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.customer_id = any(%(ids)s::uuid[])
  and r.state <> 'paid'
returning {_COLUMNS}
"""


def withdraw(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """What was written down by mistake goes, in both places, unless it already brought something."""
    last = {event.customer_id: event for event in events if event.customer_id is not None}
    rows = turn.tx.all(Referral, _DROP, turn.params(ids=list(last)))
    emit(turn, [_standing(last[row.customer_id], row, GONE) for row in rows])


# ---------------------------------------------------------------------------------------------------------- her first order

# By the orders as they stand after the events: several refunds together make a full one, and an older order may arrive late. At a till
# people say who sent them while they pay, so what staff notes holds for the orders of a day before. Merges may leave her two rows, of which
# the earlier counts, and may make her the one who brought her. Who was a customer before stays one, unless a merge that said so is undone.
_SETTLE: Final = f"""
with asked as materialized (
  select r.bucket, r.id, r.customer_id, r.came_at - case r.source when 'staff' then interval '1 day' else interval '0' end as since,
    p.id = r.customer_id or exists (select from referral as e where e.tenant_id = %(tenant)s and e.bucket = r.bucket
      and e.bucket = any(%(buckets)s::smallint[]) and e.customer_id = r.customer_id and (e.came_at, e.id) < (r.came_at, r.id)) as void
  from referral as r
  cross join lateral (select tandem_bucket(r.referrer_id) as bucket offset 0) as b
  left join customer as k on k.tenant_id = %(tenant)s and k.bucket = b.bucket and k.id = r.referrer_id
  cross join lateral (select coalesce(k.merged_into, r.referrer_id) as id) as p
  where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.customer_id = any(%(ids)s::uuid[]) and (%(again)s or r.state <> 'known')
)
, looked as materialized (
  select a.bucket, a.id, f.id as order_id, f.paid_at, f.home_total as amount,
    case when a.void or exists (select from sales_order as o where o.tenant_id = %(tenant)s and o.bucket = a.bucket
      and o.bucket = any(%(buckets)s::smallint[]) and o.customer_id = a.customer_id and o.paid_at < a.since and o.cancelled_at is null) then 'known'
    when f.id is null then 'came' else 'paid' end as state
  from asked as a left join lateral (
    select o.id, o.paid_at, o.home_total from sales_order as o
    where o.tenant_id = %(tenant)s and o.bucket = a.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.customer_id = a.customer_id
      and o.paid_at >= a.since and o.cancelled_at is null and not (o.total > 0 and o.refunded_total >= o.total)
    order by o.paid_at, o.id limit 1) as f on true
)
, standing as (
  select l.bucket, l.id, l.state, p.order_id, p.paid_at, p.amount from looked as l
  left join lateral (select l.order_id, l.paid_at, l.amount where l.state = 'paid') as p on true
)
update referral as r set state = s.state, order_id = s.order_id, paid_at = s.paid_at, amount = s.amount, version = r.version + 1 from standing as s
where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.bucket = s.bucket and r.id = s.id
  and (r.state, r.order_id, r.amount) is distinct from (s.state, s.order_id, s.amount)
returning {_COLUMNS}
"""


def settle(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Look at the first orders of customers who came by others, and tell those whom it concerns."""
    _settle(turn, events, again=False)


def settle_merged(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Her orders and her rows are others' as well now, or hers alone again: what was said of them is looked at once more.

    What follows is told as news, also where a merge is undone, which is history else: a reward that it took away is due again.
    """
    again = [event for event in events if event.type == _UNMERGED]
    _settle(turn, [msgspec.structs.replace(event, mode=LIVE) for event in again], again=True)
    _settle(turn, [event for event in events if event.type != _UNMERGED], again=False)


def _settle(turn: Turn, events: Sequence[AppliedEvent], *, again: bool) -> None:
    last = {event.customer_id: event for event in events if event.customer_id is not None}
    if last:
        rows = turn.tx.all(Referral, _SETTLE, turn.params(ids=list(last), again=again))
        emit(turn, [_standing(last[row.customer_id], row) for row in rows])


def has_referrals(turn: Turn) -> bool:
    """Whether anybody ever came by anybody here: whoever has none is spared the look at every order."""
    asked = "select exists (select from referral where tenant_id = %(tenant)s and bucket = any(%(every)s::smallint[]) limit 1)"
    return bool(turn.tx.value(asked, turn.params(every=ALL_BUCKETS)))


PROJECTIONS: Final = (
    Projection((REFERRAL_JOINED,), hand_on, "sales.referrals_told"),
    Projection((REFERRAL_REPORTED,), come, "sales.referrals"),
    Projection((REFERRAL_WITHDRAWN,), withdraw, "sales.referrals_withdrawn"),
    Projection(
        (ORDER_PAID, ORDER_CANCELLED, ORDER_MOVED, REFUND_CREATED),
        settle,
        "sales.referrals_settled",
        wanted=has_referrals,
    ),
    Projection((_MERGED, _UNMERGED), settle_merged, "sales.referrals_merged", wanted=has_referrals),
)
