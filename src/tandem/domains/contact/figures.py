"""What live codes brought: counted from friendships and the customers' own profiles, so that merges and late orders count rightly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS

_ALL_BUCKETS: Final = list(range(BUCKETS))

# A person counts once for a code, whoever of its advisers she knows: kept while one of them is her friend.
_PEOPLE: Final = """
select f.live_code_id, f.customer_id, f.bucket, min(f.added_at) as added_at, bool_and(f.lost_at is not null) as lost
from friendship as f
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.live_code_id = any(%(ids)s::uuid[]) and f.added_at is not null
  and f.answered
group by f.live_code_id, f.customer_id, f.bucket
"""
_SUMS: Final = f"""
select p.live_code_id as id, count(*) as added, count(*) filter (where not p.lost) as kept, count(*) filter (where p.lost) as lost,
  count(*) filter (where c.first_order_at >= p.added_at) as first_orders, count(*) filter (where c.last_order_at >= p.added_at) as buyers
from ({_PEOPLE}) as p
left join customer_profile as c on c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.bucket = p.bucket
  and c.customer_id = p.customer_id
group by p.live_code_id
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """What one code, or one of its advisers, brought."""

    added: int
    kept: int
    lost: int
    first_orders: int
    buyers: int


@dataclass(frozen=True, slots=True)
class _CodeSums:
    id: UUID
    added: int
    kept: int
    lost: int
    first_orders: int
    buyers: int


def of_codes(tx: Tx, ids: list[UUID]) -> dict[UUID, Sums]:
    """Sums of some codes; one that brought nobody is missing. The transaction must see every customer: these are the company's figures."""
    params = {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "ids": ids}
    rows = tx.all(_CodeSums, _SUMS, params) if ids else []
    return {one.id: Sums(one.added, one.kept, one.lost, one.first_orders, one.buyers) for one in rows}


@dataclass(frozen=True, slots=True)
class MemberSums:
    """What came to one adviser by a code."""

    member: str
    name: str
    added: int
    kept: int
    lost: int
    first_orders: int
    buyers: int


def of_members(tx: Tx, code_id: UUID) -> list[MemberSums]:
    """A code's sums by adviser, most first. Who knows two of them counts with both."""
    return tx.all(
        MemberSums,
        """
        select f.member, coalesce(max(a.name), f.member) as name, count(*) as added, count(*) filter (where f.lost_at is null) as kept,
          count(*) filter (where f.lost_at is not null) as lost, count(*) filter (where c.first_order_at >= f.added_at) as first_orders,
          count(*) filter (where c.last_order_at >= f.added_at) as buyers
        from friendship as f
        join live_code as l on l.tenant_id = %(tenant)s and l.id = f.live_code_id
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = l.account_id and a.member = f.member
        left join customer_profile as c on c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.bucket = f.bucket
          and c.customer_id = f.customer_id
        where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.live_code_id = %(id)s and f.added_at is not null
          and f.answered
        group by f.member order by count(*) desc, f.member limit 200
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "id": code_id},
    )


@dataclass(frozen=True, slots=True)
class DaySums:
    """What came and went on one local day."""

    day: date
    added: int
    lost: int


def by_day(tx: Tx, code_id: UUID, days: int) -> list[DaySums]:
    """The last days of a code, oldest first, days without anybody too."""
    return tx.all(
        DaySums,
        """
        with d as (select generate_series(%(from)s::date, (%(now)s at time zone %(zone)s)::date, interval '1 day')::date as day),
        f as (
          select (added_at at time zone %(zone)s)::date as added_on, (lost_at at time zone %(zone)s)::date as lost_on from friendship
          where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and live_code_id = %(id)s and added_at is not null and answered)
        select d.day, (select count(*) from f where f.added_on = d.day) as added, (select count(*) from f where f.lost_on = d.day) as lost
        from d order by d.day
        """,
        {
            "tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "id": code_id, "now": tx.now, "zone": tx.zone,
            "from": (tx.now - timedelta(days=days - 1)).date(),
        },
    )  # fmt: skip
