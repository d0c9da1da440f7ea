"""Referrals as people see and note them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.domains.sales.referrals.events import REFERRAL_REPORTED, REFERRAL_WITHDRAWN
from tandem.domains.sales.referrals.keeping import STAFF, Source, State
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, InvalidInput, NotFound
from tandem.kernel.ids import bucket_of
from tandem.stream.customer import store
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit


@dataclass(frozen=True, slots=True)
class CameBy:
    """By whom a customer came. `referrer_id`: who that is today."""

    referrer_id: UUID
    source: Source
    campaign: str
    state: State
    came_at: datetime
    paid_at: datetime | None
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Brought:
    """Somebody whom a customer brought. `friend_id`: who that is today."""

    id: UUID
    friend_id: UUID
    campaign: str
    state: State
    came_at: datetime
    paid_at: datetime | None
    amount: Decimal | None


# Ids only: names are for whoever may read them.
_CAME_BY: Final = """
select coalesce(k.merged_into, r.referrer_id) as referrer_id, r.source, r.campaign, r.state, r.came_at, r.paid_at, r.amount from referral as r
cross join lateral (select tandem_bucket(r.referrer_id) as bucket offset 0) as b
left join customer as k on k.tenant_id = %(tenant)s and k.bucket = b.bucket and k.id = r.referrer_id
where r.tenant_id = %(tenant)s and r.bucket = %(bucket)s and r.customer_id = %(id)s order by r.came_at, r.id limit 1
"""
_BROUGHT: Final = """
select m.id, coalesce(k.merged_into, m.friend_id) as friend_id, m.campaign, m.state, m.came_at, m.paid_at, m.amount from referral_made as m
cross join lateral (select tandem_bucket(m.friend_id) as bucket offset 0) as b
left join customer as k on k.tenant_id = %(tenant)s and k.bucket = b.bucket and k.id = m.friend_id
where m.tenant_id = %(tenant)s and m.bucket = %(bucket)s and m.customer_id = %(id)s
  and (%(at)s::timestamptz is null or (m.came_at, m.id) < (%(at)s::timestamptz, %(after)s::uuid))
order by m.came_at desc, m.id desc limit %(limit)s
"""


def came_by(tx: Tx, customer_id: UUID) -> CameBy | None:
    """By whom a customer came, if anybody knows. Raises NotFound for a customer beyond the caller's sight."""
    store.visible(tx, customer_id)
    return tx.maybe(CameBy, _CAME_BY, {"tenant": tx.tenant_id, "bucket": bucket_of(customer_id), "id": customer_id})


def brought(tx: Tx, customer_id: UUID, after: Sequence[str | None] | None, limit: int) -> list[Brought]:
    """Whom a customer brought, the latest first. Raises NotFound."""
    store.visible(tx, customer_id)
    params: dict[str, Any] = {"at": after and after[0], "after": after and after[1], "limit": limit}
    return tx.all(
        Brought, _BROUGHT, params | {"tenant": tx.tenant_id, "bucket": bucket_of(customer_id), "id": customer_id}
    )


def note(tx: Tx, customer_id: UUID, referrer_id: UUID) -> None:
    """A person says by whom a customer came; written down in her next turn. Raises NotFound, InvalidInput, Conflict."""
    store.visible(tx, referrer_id)
    if customer_id == referrer_id:
        raise InvalidInput("own_referrer", "推荐人不能是客户自己。", "Nobody refers herself.")
    if came_by(tx, customer_id) is not None:
        raise Conflict("referred_already", "这位客户已经有推荐人。", "This customer has a referrer already.")
    hers = came_by(tx, referrer_id)
    if hers is not None and hers.referrer_id == customer_id:
        raise InvalidInput(
            "referred_in_turn", "推荐人正是这位客户推荐来的。", "The referrer came by this very customer."
        )
    audit.record(tx, "referral.noted", "customer", customer_id, None, {"referrer_id": str(referrer_id)})
    _file(tx, customer_id, REFERRAL_REPORTED, {"referrer_id": str(referrer_id), "campaign": "", "source": STAFF})


def withdraw(tx: Tx, customer_id: UUID) -> None:
    """It was written down by mistake. Raises NotFound, Conflict where her first order already counted."""
    found = came_by(tx, customer_id)
    if found is None:
        raise NotFound("no_referrer", "这位客户没有推荐人。", "This customer has no referrer.")
    if found.state == "paid":
        raise Conflict("referral_counted", "首单已经计入推荐，不能再改。", "Her first order counts already.")
    audit.record(tx, "referral.withdrawn", "customer", customer_id, {"referrer_id": str(found.referrer_id)}, None)
    _file(tx, customer_id, REFERRAL_WITHDRAWN, {})


def _file(tx: Tx, customer_id: UUID, kind: str, payload: dict[str, Any]) -> None:
    bucket = bucket_of(customer_id)
    emit(tx, [NewEvent(type=kind, bucket=bucket, customer_id=customer_id, occurred_at=tx.now, payload=payload)])
