"""What rules would have made of the last days: nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.ownership import evidence, shapes
from tandem.domains.contact.ownership.booking import split
from tandem.domains.contact.ownership.crediting import judge
from tandem.domains.contact.ownership.evidence import SOLD, Sold
from tandem.domains.contact.ownership.policy import ALL_BUCKETS
from tandem.domains.contact.ownership.rules import NOBODY, Decision, Policy, by_key, parse_rules
from tandem.kernel.db import Tx
from tandem.kernel.money import minor_unit, round_amount
from tandem.kernel.turn import Turn

ORDERS_MAX: Final = 20_000
_ALWAYS: Final = datetime(2000, 1, 1, tzinfo=UTC)

_LAST: Final = f"""
select * from (
  select {SOLD} from sales_order as o
  where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.paid_at >= %(since)s and o.paid_at <= %(now)s
    and o.status <> 'cancelled'
  order by o.paid_at desc, o.id desc limit %(limit)s) as l
order by l.paid_at, l.id
"""
_NOW: Final = """
select order_id, shares from order_credit
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and paid_at >= %(since)s
"""
Shares = tuple[tuple[UUID, int], ...]


def attempt(tx: Tx, rules: Sequence[dict[str, Any]], days: int) -> shapes.OwnershipTried:
    """The last days under other rules, beside what they were under those that held. The transaction must see every customer."""
    since = tx.now - timedelta(days=days)
    params = {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "since": since, "now": tx.now, "limit": ORDERS_MAX + 1}
    orders = tx.all(Sold, _LAST, params)
    whole = len(orders) <= ORDERS_MAX
    orders = orders[-ORDERS_MAX:]
    policy = Policy(0, _ALWAYS, parse_rules(rules))
    then = judge(Turn(tx, ALL_BUCKETS), orders, [policy], evidence.staff(tx), since)
    now: dict[UUID, Shares] = {order: by_key(shares) for order, shares in tx.cursor(_NOW, params)}
    return shapes.OwnershipTried(
        days=days, orders=len(orders), changed=sum(dict(then[one.id].shares) != dict(now.get(one.id, ())) for one in orders), whole=whole,
        currency=tx.currency, advisers=_advisers(tx, orders, then, now), rules=_rules(tx, orders, then, policy),
    )  # fmt: skip


def _worth(tx: Tx, order: Sold) -> int:
    unit = minor_unit(tx.currency)
    return 0 if order.rate is None else int(round_amount(order.total * order.rate, tx.currency) / unit)


def _advisers(tx: Tx, orders: Sequence[Sold], then: dict[UUID, Decision], now: dict[UUID, Shares]) -> list[shapes.TriedAdviser]:  # fmt: skip
    sums: dict[UUID | None, list[int]] = {}
    for one in orders:
        cents = _worth(tx, one)
        for column, shares in ((0, now.get(one.id, ())), (1, then[one.id].shares)):
            parts: dict[UUID | None, int] = {**split(cents, shares)} if shares else {None: cents}
            for user, part in parts.items():
                row = sums.setdefault(user, [0, 0, 0, 0])
                row[column] += 1
                row[column + 2] += part
    names = names_of(tx, [user for user in sums if user is not None])
    rows = [
        shapes.TriedAdviser(
            user_id=user, name=names.get(user) if user else None, orders_now=row[0], orders_then=row[1], cents_now=row[2], cents_then=row[3]
        )
        for user, row in sums.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda one: (one.user_id is None, -one.cents_then, one.name or ""))


def _rules(tx: Tx, orders: Sequence[Sold], then: dict[UUID, Decision], policy: Policy) -> list[shapes.TriedRule]:
    found = [
        shapes.TriedRule(kind=rule.kind, place=place, orders=0, cents=0) for place, rule in enumerate(policy.rules, 1)
    ]
    found.append(shapes.TriedRule(kind=NOBODY, place=len(found) + 1, orders=0, cents=0))
    for one in orders:
        row = found[then[one.id].place - 1]
        row.orders += 1
        row.cents += _worth(tx, one)
    return found


def names_of(tx: Tx, users: Sequence[UUID]) -> dict[UUID, str]:
    """What colleagues are called."""
    rows = tx.cursor(
        "select id, name from staff_user where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])",
        {"tenant": tx.tenant_id, "ids": list(users)},
    )
    return dict(rows.fetchall())
