"""What advisers and stores earned: ranking, entries that explain themselves, one order's credit, an adviser's own month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.contact.ownership import shapes
from tandem.domains.contact.ownership.policy import ALL_BUCKETS, closed
from tandem.domains.contact.ownership.rules import by_key
from tandem.domains.contact.ownership.trying import names_of
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.money import minor_unit


def period_of(tx: Tx, said: str | None) -> date:
    """The first of the month that was asked for; none: this month."""
    if said is None:
        return tx.now.astimezone(ZoneInfo(tx.zone)).date().replace(day=1)
    return date.fromisoformat(f"{said}-01")


# What the reader's scope shows of credits (row-level security), and who has a target within it.
_EARNED: Final = """
select e.{key} as id, coalesce(sum(e.home_cents), 0)::bigint as cents,
  coalesce(-sum(e.home_cents) filter (where e.cause in ('refund', 'cancel')), 0)::bigint as refunded_cents,
  count(distinct e.order_id) filter (where e.cause = 'sale')::int as orders
from performance_credit as e
where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.period = %(period)s and e.{key} is not null
group by e.{key}
"""
_ADVISERS: Final = f"""
select u.id, u.name, o.name as store, rank() over (order by coalesce(e.cents, 0) desc)::int as rank, coalesce(e.cents, 0)::bigint as cents,
  coalesce(e.refunded_cents, 0)::bigint as refunded_cents, coalesce(e.orders, 0) as orders, t.amount_cents as target_cents
from staff_user as u
left join ({_EARNED.format(key="owner_user_id")}) as e on e.id = u.id
left join adviser_post as p on p.tenant_id = %(tenant)s and p.user_id = u.id
left join org_unit as o on o.tenant_id = %(tenant)s and o.id = p.store_id
left join credit_target as t on t.tenant_id = %(tenant)s and t.period = %(period)s and t.kind = 'adviser' and t.target_id = u.id
where u.tenant_id = %(tenant)s and (%(store)s::uuid is null or p.store_id = %(store)s)
  and (e.id is not null or ((p.user_id is not null and p.left_at is null or t.target_id is not null)
    and (%(whole)s or p.store_id = any(%(stores)s::uuid[]) or u.id = %(user)s)))
order by rank, u.name, u.id limit 5000
"""
_STORES: Final = f"""
select o.id, o.name, r.name as store, rank() over (order by coalesce(e.cents, 0) desc)::int as rank, coalesce(e.cents, 0)::bigint as cents,
  coalesce(e.refunded_cents, 0)::bigint as refunded_cents, coalesce(e.orders, 0) as orders, t.amount_cents as target_cents
from org_unit as o
left join org_unit as r on r.tenant_id = %(tenant)s and r.id = o.parent_id
left join ({_EARNED.format(key="store_id")}) as e on e.id = o.id
left join credit_target as t on t.tenant_id = %(tenant)s and t.period = %(period)s and t.kind = 'store' and t.target_id = o.id
where o.tenant_id = %(tenant)s and o.kind = 'store' and (%(store)s::uuid is null or o.id = %(store)s)
  and (%(whole)s or o.id = any(%(stores)s::uuid[]))
order by rank, o.name, o.id limit 5000
"""


def ranking(tx: Tx, period: date, by: Literal["adviser", "store"], store: UUID | None = None) -> list[shapes.Ranked]:
    """Who earned what in a month, as far as the transaction's scope shows it; the most first."""
    params = {
        "tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "period": period, "store": store, "whole": tx.scope.kind == "all",
        "stores": list(tx.scope.store_ids), "user": tx.user_id,
    }  # fmt: skip
    rows = tx.dicts(_ADVISERS if by == "adviser" else _STORES, params)
    return [shapes.Ranked(**row) for row in rows]


def mine(tx: Tx, user: UUID, period: date) -> tuple[shapes.Mine, list[shapes.Ranked]]:
    """An adviser's month, and her store's ranking (herself alone where she has no store). The transaction must see every credit."""
    post = tx.cursor(
        """
        select u.name, p.store_id, o.name from staff_user as u left join adviser_post as p on p.tenant_id = %(tenant)s and p.user_id = u.id
        left join org_unit as o on o.tenant_id = %(tenant)s and o.id = p.store_id where u.tenant_id = %(tenant)s and u.id = %(user)s
        """,
        {"tenant": tx.tenant_id, "user": user},
    ).fetchone()
    name, store_id, store = post or ("", None, None)
    rows = ranking(tx, period, "adviser", store_id)
    beside = rows if store_id is not None else [one for one in rows if one.id == user]
    own = next((one for one in rows if one.id == user), None)
    return (
        shapes.Mine(
            user_id=user, name=name, period=f"{period:%Y-%m}", currency=tx.currency, cents=own.cents if own else 0,
            refunded_cents=own.refunded_cents if own else 0, orders=own.orders if own else 0, target_cents=own.target_cents if own else None,
            rank=own.rank if own and store_id is not None else None, of=len(beside), store=store, closed=period in closed(tx),
        ),
        beside,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry with the decision behind it."""

    id: UUID
    order_id: UUID
    number: str
    user_id: UUID
    name: str
    cause: shapes.Cause
    amount_cents: int
    home_cents: int | None
    currency: str
    occurred_at: datetime
    posted_at: datetime
    period: date
    rule: str | None
    shares: list[Any] | None
    evidence: dict[str, Any] | None
    disputed: bool


_ENTRY: Final = """
select e.id, e.order_id, coalesce(s.external_id, '') as number, e.owner_user_id as user_id, u.name, e.cause, e.amount_cents, e.home_cents,
  e.currency, e.occurred_at, e.posted_at, e.period, c.rule, c.shares, c.evidence,
  exists (select from credit_dispute as d where d.bucket = e.bucket and d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s
    and d.order_id = e.order_id and d.status in ('open', 'seconding')) as disputed
from performance_credit as e
join staff_user as u on u.tenant_id = %(tenant)s and u.id = e.owner_user_id
left join sales_order as s on s.bucket = e.bucket and s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.id = e.order_id
left join order_credit as c on c.bucket = e.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.order_id = e.order_id
where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
"""


def entries(tx: Tx, user: UUID, period: date, after: Sequence[str | None] | None, limit: int) -> list[shapes.EntryOut]:
    """What somebody earned in a month, the latest first, as far as the transaction's scope shows it."""
    rows = tx.all(
        EntryRow,
        f"""{_ENTRY} and e.owner_user_id = %(user)s and e.period = %(period)s
        and (%(at)s::timestamptz is null or (e.posted_at, e.id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by e.posted_at desc, e.id desc limit %(limit)s""",
        {
            "tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "user": user, "period": period, "at": after[0] if after else None,
            "last": after[1] if after else None, "limit": limit,
        },
    )  # fmt: skip
    return [_out(tx, one) for one in rows]


def _out(tx: Tx, one: EntryRow) -> shapes.EntryOut:
    own = one.occurred_at.astimezone(ZoneInfo(tx.zone)).date().replace(day=1)
    bp = next((part for user, part in by_key(one.shares or []) if user == one.user_id), None)
    return shapes.EntryOut(
        id=one.id, order_id=one.order_id, number=one.number, user_id=one.user_id, name=one.name, cause=one.cause, amount_cents=one.amount_cents,
        home_cents=one.home_cents, currency=one.currency, occurred_at=one.occurred_at, posted_at=one.posted_at, period=one.period,
        late=one.period != own, rule=one.rule, bp=bp, evidence=one.evidence or {}, disputed=one.disputed,
    )  # fmt: skip


def shared(names: dict[UUID, str], shares: Sequence[Any]) -> list[shapes.SharedBy]:
    """Shares with the names of whose they are."""
    return [shapes.SharedBy(user_id=user, name=names.get(user, ""), bp=bp) for user, bp in by_key(shares)]


_ORDER: Final = """
select s.id, s.external_id, s.currency, s.total, c.rule, c.place, c.policy_version, c.evidence, c.settled, c.shares
from sales_order as s
left join order_credit as c on c.bucket = s.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.order_id = s.id
where s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.id = %(id)s
"""


def of_order(tx: Tx, order_id: UUID, disputes: list[shapes.DisputeOut]) -> shapes.OrderCreditOut:
    """Whose an order is, and why. Raises NotFound for one that the transaction's scope does not show."""
    params = {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": order_id}
    row = tx.cursor(_ORDER, params).fetchone()
    if row is None:
        raise NotFound("order_not_found", "没有这个订单。", "There is no such order.")
    shares: list[Any] = row[9] or []
    names = names_of(tx, [user for user, _ in by_key(shares)])
    booked = tx.all(EntryRow, f"{_ENTRY} and e.order_id = %(id)s order by e.posted_at, e.id limit 500", params)
    return shapes.OrderCreditOut(
        order_id=row[0], number=row[1], currency=row[2], total_cents=int(row[3] / minor_unit(row[2])), rule=row[4], place=row[5], version=row[6],
        evidence=row[7] or {}, settled=bool(row[8]), shares=shared(names, shares), entries=[_out(tx, one) for one in booked], disputes=disputes,
    )  # fmt: skip
