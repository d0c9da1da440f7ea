"""What rules go by, read for a batch of orders at once: friendships, openings, earlier credits, owners, cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.ownership.rules import About, Friend, Order, Policy, Post, Seen, Staff, parse_rules
from tandem.kernel.db import Tx

REACH: Final = timedelta(days=400)
"""How far back evidence is read: further than any rule looks."""


@dataclass(frozen=True, slots=True)
class Sold:
    """An order as its row says."""

    bucket: int
    id: UUID
    customer_id: UUID | None
    origin_id: UUID | None
    store_id: UUID | None
    channel: str | None
    adviser: str | None
    status: str
    paid_at: datetime
    cancelled_at: datetime | None
    currency: str
    total: Decimal
    rate: Decimal | None

    @property
    def facts(self) -> Order:
        """What decides whose it is."""
        return Order(self.id, self.customer_id, self.store_id, self.channel, self.adviser, self.paid_at)


SOLD: Final = """
o.bucket, o.id, o.customer_id, o.origin_id, o.store_id, o.sales_channel as channel, o.adviser, o.status, o.paid_at, o.cancelled_at, o.currency,
  o.total, o.rate
"""
_POLICIES: Final = (
    "select version, starts_at, rules from ownership_policy where tenant_id = %(tenant)s order by version"
)
_POSTS: Final = (
    "select user_id, code, store_id, since, left_at, successor_id from adviser_post where tenant_id = %(tenant)s"
)
_MINE: Final = (
    "x.bucket = any(%(buckets)s::smallint[]) and x.tenant_id = %(tenant)s and x.customer_id = any(%(ids)s::uuid[])"
)
_FRIENDS: Final = f"""
select x.customer_id, b.user_id, x.added_at, x.lost_at, x.lost_by, x.state <> '' as scanned, x.way, x.source
from friendship as x
join source_account as a on a.tenant_id = %(tenant)s and a.source = x.source
join adviser_binding as b on b.tenant_id = %(tenant)s and b.account_id = a.id and b.member = x.member
where {_MINE} and x.added_at is not null
"""
_OPENED: Final = f"""
select x.customer_id, b.user_id, x.opened_at from radar_visit as x
join (select member, (array_agg(user_id))[1] as user_id from adviser_binding where tenant_id = %(tenant)s group by member having count(*) = 1) as b
  on b.member = x.member
where {_MINE} and not x.foreign_hand and x.opened_at >= %(since)s
"""
_EARNED: Final = f"""
select x.customer_id, x.owner_user_id, x.occurred_at from performance_credit as x
where {_MINE} and x.cause = 'sale' and x.amount_cents > 0 and x.occurred_at >= %(since)s
  and (%(until)s::timestamptz is null or x.occurred_at < %(until)s)
"""
_OWNERS: Final = """
select x.id, x.owner_user_id from customer as x
where x.bucket = any(%(buckets)s::smallint[]) and x.tenant_id = %(tenant)s and x.id = any(%(ids)s::uuid[]) and x.owner_user_id is not null
"""
_CLAIMS: Final = """
select x.order_id, x.user_id, x.claimed_at from order_claim as x
where x.bucket = any(%(buckets)s::smallint[]) and x.tenant_id = %(tenant)s and x.order_id = any(%(orders)s::uuid[])
"""


def policies(tx: Tx) -> list[Policy]:
    """Every version of the tenant's rules."""
    rows = tx.cursor(_POLICIES, {"tenant": tx.tenant_id}).fetchall()
    return [Policy(version, starts_at, parse_rules(rules)) for version, starts_at, rules in rows]


def staff(tx: Tx) -> Staff:
    """Who earns."""
    inactive = tx.values(
        "select id from staff_user where tenant_id = %(tenant)s and not active", {"tenant": tx.tenant_id}
    )
    return Staff(tx.all(Post, _POSTS, {"tenant": tx.tenant_id}), frozenset(inactive))


def about(
    tx: Tx, buckets: Sequence[int], orders: Sequence[Sold], kinds: frozenset[str], until: datetime | None = None
) -> dict[UUID, About]:
    """What is known for each order; orders of one customer share theirs, but for their cards.

    Only what these kinds of rules ask for is read. `until`: credits from then on are left out.
    """
    customers = {one.customer_id for one in orders if one.customer_id is not None}
    known = {one: About() for one in customers}
    if customers:
        since = min(one.paid_at for one in orders) - REACH
        params = {
            "tenant": tx.tenant_id,
            "buckets": list(buckets),
            "ids": sorted(customers),
            "since": since,
            "until": until,
        }
        _customers(tx, params, kinds, known)
    # A card is its order's, everything else its customer's: the lists are shared, so that one order renews for the next.
    found = {one.id: About() if one.customer_id is None else replace(known[one.customer_id]) for one in orders}
    if "parcel" in kinds:
        params = {"tenant": tx.tenant_id, "buckets": list(buckets), "orders": [one.id for one in orders]}
        for order, user, at in tx.cursor(_CLAIMS, params):
            found[order].claim = Seen(user, at)
    return found


def _customers(tx: Tx, params: dict[str, Any], kinds: frozenset[str], known: dict[UUID, About]) -> None:
    if kinds & {"scan", "friend", "inviter"}:
        rows = tx.cursor(_FRIENDS, params).fetchall()
        ended = {(row[0], row[7], row[3]) for row in rows if row[4] == "handed_over"}
        for customer, user, added, lost, _, scanned, way, source in rows:
            goes_on = way == "assigned" and (customer, source, added) in ended
            known[customer].friends.append(Friend(user, added, lost, scanned, goes_on))
    if kinds & {"radar", "renewed:radar"}:
        for customer, user, at in tx.cursor(_OPENED, params):
            known[customer].opened.append(Seen(user, at))
    if "renewed:order" in kinds:
        for customer, user, at in tx.cursor(_EARNED, params):
            known[customer].orders.append(Seen(user, at))
    if "owner" in kinds:
        for customer, user in tx.cursor(_OWNERS, params):
            known[customer].owner = user


def asked(versions: Sequence[Policy]) -> frozenset[str]:
    """Which evidence these rules ask for."""
    rules = [rule for one in versions for rule in one.rules]
    kinds = {str(rule.kind) for rule in rules}
    kinds |= {str(share.to) for rule in rules for share in rule.shares}
    return frozenset(kinds | {f"renewed:{name}" for rule in rules if rule.kind == "friend" for name in rule.renewed_by})
