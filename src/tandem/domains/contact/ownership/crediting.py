"""Credits of orders: whose each is, and the entries that are missing. Set-based, in the turn that holds the orders' buckets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.contact.ownership import evidence
from tandem.domains.contact.ownership.booking import (
    Cause,
    Cents,
    Entry,
    Key,
    Refund,
    Standing,
    missing_entries,
    open_period,
    together,
)
from tandem.domains.contact.ownership.evidence import SOLD, Sold
from tandem.domains.contact.ownership.rules import NOBODY, Decision, Policy, Seen, Staff, by_key, decide, policy_at
from tandem.kernel.ids import new_id
from tandem.kernel.money import minor_unit, round_amount
from tandem.kernel.turn import Turn
from tandem.stream.rows import to_json

Shares = tuple[tuple[UUID, int], ...]

_SOLD: Final = f"""
select {SOLD} from sales_order as o
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.id = any(%(orders)s::uuid[]) and o.paid_at is not null
order by o.paid_at, o.id
"""
_DECIDED: Final = """
select order_id, rule, shares, settled, customer_id from order_credit
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and order_id = any(%(orders)s::uuid[])
"""
_REFUNDS: Final = """
select order_id, id, refunded_at, amount from refund
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and order_id = any(%(orders)s::uuid[])
"""
_BOOKED: Final = """
select order_id, owner_user_id, cause, cause_id, sum(amount_cents)::bigint, coalesce(sum(home_cents), 0)::bigint from performance_credit
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and order_id = any(%(orders)s::uuid[])
group by order_id, owner_user_id, cause, cause_id
"""
_WRITE_DECISIONS: Final = """
insert into order_credit as c (bucket, order_id, tenant_id, customer_id, origin_id, store_id, owner_user_id, rule, place, policy_version, evidence,
  shares, settled, paid_at, decided_at)
select n.bucket, n.order_id, %(tenant)s, n.customer_id, n.origin_id, n.store_id, n.owner_user_id, n.rule, n.place, n.policy_version, n.evidence,
  n.shares, n.settled, n.paid_at, %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, order_id uuid, customer_id uuid, origin_id uuid, store_id uuid, owner_user_id uuid,
  rule text, place smallint, policy_version int, evidence jsonb, shares jsonb, settled boolean, paid_at timestamptz)
on conflict (bucket, order_id) do update set owner_user_id = excluded.owner_user_id, rule = excluded.rule, place = excluded.place,
  policy_version = excluded.policy_version, evidence = excluded.evidence, shares = excluded.shares, settled = excluded.settled,
  store_id = excluded.store_id, paid_at = excluded.paid_at, decided_at = excluded.decided_at
"""
_WRITE_ENTRIES: Final = """
insert into performance_credit (bucket, id, tenant_id, customer_id, origin_id, order_id, store_id, owner_user_id, cause, cause_id, amount_cents,
  home_cents, currency, occurred_at, period, posted_at)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.origin_id, n.order_id, n.store_id, n.owner_user_id, n.cause, n.cause_id, n.amount_cents,
  n.home_cents, n.currency, n.occurred_at, n.period, %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, order_id uuid, store_id uuid,
  owner_user_id uuid, cause text, cause_id uuid, amount_cents bigint, home_cents bigint, currency text, occurred_at timestamptz, period date)
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """Whose an order was found to be before."""

    order_id: UUID
    rule: str
    shares: list[Any]
    settled: bool
    customer_id: UUID | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """What has happened to a batch's orders, and what is booked for them, by order."""

    refunds: dict[UUID, list[tuple[UUID, datetime, Decimal]]]
    booked: dict[UUID, dict[Key, Cents]]
    home: dict[UUID, dict[Key, Cents]]
    closed: frozenset[date]


def credit(turn: Turn, order_ids: Iterable[UUID], again: AbstractSet[UUID] = frozenset()) -> list[tuple[Sold, Decision]]:  # fmt: skip
    """Find out whose these orders are and add what is missing; returns the orders that were decided on now.

    An order that was decided on stays as it is, but for those of `again` and those that only a better word of the till, a card or a known
    buyer could have given to somebody; what a person settled is never looked at again.
    """
    versions = evidence.policies(turn.tx)
    wanted = sorted(set(order_ids))
    if not versions or not wanted:
        return []
    orders = turn.tx.all(Sold, _SOLD, turn.params(orders=wanted))
    if not orders:
        return []
    before = {one.order_id: one for one in turn.tx.all(Decided, _DECIDED, turn.params(orders=wanted))}
    open_ones = [one for one in orders if _is_open(one, before.get(one.id), again)]
    decided = judge(turn, open_ones, versions, evidence.staff(turn.tx)) if open_ones else {}
    news = [(one, decided[one.id]) for one in open_ones if one.id in decided and _is_news(decided[one.id], before.get(one.id))]  # fmt: skip
    write_decisions(turn, [decision_row(one, made, _version(versions, one)) for one, made in news])
    shares: dict[UUID, Shares] = {key: by_key(one.shares) for key, one in before.items()}
    shares |= {one.id: made.shares for one, made in news}
    book(turn, [one for one in orders if one.id in shares], shares)
    return news


def _is_open(order: Sold, before: Decided | None, again: AbstractSet[UUID]) -> bool:
    if before is None:
        return True
    if before.settled:
        return False
    return order.id in again or before.rule == NOBODY or (order.adviser is not None and before.rule != "till")


def _is_news(made: Decision, before: Decided | None) -> bool:
    if before is None:
        return True
    # What had been found goes on unless something better is: a friendship that ended since takes nothing back.
    return made.rule != NOBODY and (made.rule, made.shares) != (before.rule, by_key(before.shares))


def _version(versions: Sequence[Policy], order: Sold) -> int:
    found = policy_at(versions, order.paid_at)
    return 0 if found is None else found.version


def judge(
    turn: Turn, orders: Sequence[Sold], versions: Sequence[Policy], staff: Staff, until: datetime | None = None
) -> dict[UUID, Decision]:
    """Whose each of these orders is, in the order in which they were paid; those from before the first rules are left out.

    `until`: credits given from then on renew no protection, since these decisions stand in their place.
    """
    known = evidence.about(turn.tx, turn.buckets, orders, evidence.asked(versions), until)
    found: dict[UUID, Decision] = {}
    for one in orders:
        policy = policy_at(versions, one.paid_at)
        if policy is None:
            continue
        found[one.id] = made = decide(one.facts, known[one.id], policy, staff)
        known[one.id].orders.extend(Seen(user, one.paid_at) for user, _ in made.shares)
    return found


def decision_row(order: Sold, made: Decision, version: int, *, settled: bool = False) -> dict[str, Any]:
    """A decision as its row."""
    most = max(made.shares, key=lambda one: one[1], default=None)
    return {
        "bucket": order.bucket, "order_id": order.id, "customer_id": order.customer_id, "origin_id": order.origin_id, "store_id": order.store_id,
        "owner_user_id": None if most is None else most[0], "rule": made.rule, "place": made.place, "policy_version": version,
        "evidence": made.evidence, "shares": [{"user_id": str(user), "bp": bp} for user, bp in made.shares], "settled": settled,
        "paid_at": order.paid_at,
    }  # fmt: skip


def write_decisions(turn: Turn, rows: Sequence[dict[str, Any]]) -> None:
    """Write whose orders are."""
    if rows:
        turn.tx.execute(_WRITE_DECISIONS, turn.params(rows=to_json(rows)))


def book(turn: Turn, orders: Sequence[Sold], shares: dict[UUID, Shares], cause: Cause = "correction", cause_id: UUID | None = None) -> None:  # fmt: skip
    """Add the entries that are missing for these orders."""
    if not orders:
        return
    ledger = _ledger(turn, [one.id for one in orders])
    zone = ZoneInfo(turn.zone)
    rows = [
        _entry_row(one, entry, home, zone, ledger.closed)
        for one in orders
        for entry, home in _missing(one, shares[one.id], ledger, turn.tx.currency, cause, cause_id)
    ]
    if rows:
        turn.tx.execute(_WRITE_ENTRIES, turn.params(rows=to_json(rows)))


def _ledger(turn: Turn, ids: Sequence[UUID]) -> Ledger:
    ledger = Ledger({}, {}, {}, closed_periods(turn))
    for order, refund, at, amount in turn.tx.cursor(_REFUNDS, turn.params(orders=ids)):
        ledger.refunds.setdefault(order, []).append((refund, at, amount))
    for order, user, cause, cause_id, cents, home in turn.tx.cursor(_BOOKED, turn.params(orders=ids)):
        ledger.booked.setdefault(order, {}).setdefault((cause, cause_id), {})[user] = cents
        ledger.home.setdefault(order, {}).setdefault((cause, cause_id), {})[user] = home
    return ledger


def closed_periods(turn: Turn) -> frozenset[date]:
    """The months to which nothing is added any more. Closing takes every bucket, so none closes during this turn."""
    return frozenset(
        turn.tx.values("select period from credit_period where tenant_id = %(tenant)s", {"tenant": turn.tenant_id})
    )


def _missing(order: Sold, shares: Shares, ledger: Ledger, home: str, cause: Cause, cause_id: UUID | None) -> list[tuple[Entry, int | None]]:  # fmt: skip
    refunds, booked = ledger.refunds.get(order.id, []), ledger.booked.get(order.id, {})
    own = _standing(order, refunds, order.currency, Decimal(1))
    entries = missing_entries(own, shares, booked, correction=cause, correction_id=cause_id)
    if order.rate is None:
        return [(one, None) for one in entries]
    worth = _standing(order, refunds, home, order.rate)
    return together(entries, missing_entries(worth, shares, ledger.home.get(order.id, {}), correction=cause, correction_id=cause_id))  # fmt: skip


def _standing(order: Sold, refunds: Sequence[tuple[UUID, datetime, Decimal]], currency: str, rate: Decimal) -> Standing:
    """An order in minor units of a currency. Refunds are rounded by their running sum, so that all of them together are the order."""
    unit = minor_unit(currency)

    def cents(amount: Decimal) -> int:
        return int(round_amount(amount * rate, currency) / unit)

    found: list[Refund] = []
    so_far = Decimal(0)
    for key, at, amount in sorted(refunds, key=lambda one: (one[1], one[0])):
        found.append(Refund(key, at, cents(so_far + amount) - cents(so_far)))
        so_far += amount
    cancelled = order.cancelled_at if order.status == "cancelled" else None
    return Standing(order.paid_at, cents(order.total), found, cancelled)


def _entry_row(order: Sold, entry: Entry, home: int | None, zone: ZoneInfo, closed: frozenset[date]) -> dict[str, Any]:
    return {
        "bucket": order.bucket, "id": new_id(), "customer_id": order.customer_id, "origin_id": order.origin_id, "order_id": order.id,
        "store_id": order.store_id, "owner_user_id": entry.user_id, "cause": entry.cause, "cause_id": entry.cause_id,
        "amount_cents": entry.cents, "home_cents": home, "currency": order.currency, "occurred_at": entry.at,
        "period": open_period(entry.at.astimezone(zone).date(), closed),
    }  # fmt: skip


def sold(turn: Turn, order_id: UUID) -> Sold | None:
    """One paid order of the turn's buckets."""
    return turn.tx.maybe(Sold, _SOLD, turn.params(orders=[order_id]))


def settle(turn: Turn, order: Sold, shares: Shares, dispute_id: UUID, why: dict[str, Any]) -> None:
    """Give an order to whom a person said, for good; the entries in between are the dispute's."""
    versions = evidence.policies(turn.tx)
    made = Decision("dispute", 0, shares, why)
    write_decisions(turn, [decision_row(order, made, _version(versions, order), settled=True)])
    book(turn, [order], {order.id: shares}, "dispute", dispute_id)
