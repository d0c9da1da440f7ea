"""What content did: who opened it, how long, how far; by material and by adviser. The company's sums, no customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS

_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class ReadingSums:
    """Of one material, or one adviser's links to it. `readers`: customers; `strangers`: openings by people nobody named or passed on to."""

    key: str
    name: str
    opened: int
    readers: int
    strangers: int
    seconds: int
    finished: int
    liked: int
    forwarded: int


def _sums(key: str) -> str:
    return f"""
select coalesce(k.key, c.key) as key, coalesce(k.opened, 0) + coalesce(c.opened, 0) as opened, coalesce(k.readers, 0) as readers,
  coalesce(k.passed, 0) + coalesce(c.opened, 0) as strangers,
  case when coalesce(k.opened, 0) + coalesce(c.opened, 0) = 0 then 0
       else (coalesce(k.seconds, 0) + coalesce(c.seconds, 0)) / (coalesce(k.opened, 0) + coalesce(c.opened, 0)) end as seconds,
  coalesce(k.finished, 0) + coalesce(c.finished, 0) as finished, coalesce(k.liked, 0) + coalesce(c.liked, 0) as liked,
  coalesce(k.forwarded, 0) + coalesce(c.forwarded, 0) as forwarded
from (
  select v.{key} as key, count(*) as opened, count(distinct v.customer_id) filter (where not v.foreign_hand) as readers,
    count(*) filter (where v.foreign_hand) as passed, sum(v.seconds) as seconds, count(*) filter (where v.depth >= 90) as finished,
    count(*) filter (where v.liked) as liked, count(*) filter (where v.forwarded) as forwarded
  from radar_visit as v
  where v.bucket = any(%(buckets)s::smallint[]) and v.tenant_id = %(tenant)s and v.material_id = any(%(ids)s::uuid[]) and v.opened_at >= %(since)s
  group by 1) as k
full join (
  select n.{key} as key, sum(n.opened) as opened, sum(n.seconds) as seconds, sum(n.finished) as finished, sum(n.liked) as liked,
    sum(n.forwarded) as forwarded
  from radar_count as n
  where n.tenant_id = %(tenant)s and n.material_id = any(%(ids)s::uuid[]) and n.day >= (%(since)s at time zone %(zone)s)::date
  group by 1) as c on c.key = k.key
"""


def of_materials(tx: Tx, ids: list[UUID], days: int) -> list[ReadingSums]:
    """By material, most opened first. The transaction must see every customer."""
    return tx.all(
        ReadingSums,
        f"""
        select s.key::text, m.name, s.opened::int, s.readers::int, s.strangers::int, s.seconds::int, s.finished::int, s.liked::int, s.forwarded::int
        from ({_sums("material_id")}) as s join material as m on m.tenant_id = %(tenant)s and m.id = s.key
        order by s.opened desc, m.name
        """,
        _params(tx, ids, days),
    )


def of_advisers(tx: Tx, ids: list[UUID], days: int) -> list[ReadingSums]:
    """By adviser whose links they were, most opened first; links of nobody's have an empty key."""
    return tx.all(
        ReadingSums,
        f"""
        select s.key, coalesce((select max(a.name) from adviser as a where a.tenant_id = %(tenant)s and a.member = s.key), s.key) as name,
          s.opened::int, s.readers::int, s.strangers::int, s.seconds::int, s.finished::int, s.liked::int, s.forwarded::int
        from ({_sums("member")}) as s order by s.opened desc, 2 limit 500
        """,
        _params(tx, ids, days),
    )


@dataclass(frozen=True, slots=True)
class ReaderRow:
    """A customer who read."""

    customer_id: UUID
    opened_at: datetime
    times: int
    seconds: int
    depth: int
    liked: bool
    forwarded: bool


def readers(tx: Tx, material_id: UUID, limit: int) -> list[ReaderRow]:
    """Who read a material, the latest first, as far as the caller sees customers."""
    return tx.all(
        ReaderRow,
        """
        select v.customer_id, max(v.opened_at) as opened_at, count(*)::int as times, max(v.seconds) as seconds, max(v.depth)::int as depth,
          bool_or(v.liked) as liked, bool_or(v.forwarded) as forwarded
        from radar_visit as v
        join customer as k on k.bucket = v.bucket and k.bucket = any(%(buckets)s::smallint[]) and k.tenant_id = %(tenant)s and k.id = v.customer_id
        where v.bucket = any(%(buckets)s::smallint[]) and v.tenant_id = %(tenant)s and v.material_id = %(id)s and not v.foreign_hand
        group by v.customer_id order by 2 desc, 1 limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "id": material_id, "limit": limit},
    )


def _params(tx: Tx, ids: list[UUID], days: int) -> dict[str, object]:
    return {
        "tenant": tx.tenant_id,
        "buckets": _ALL_BUCKETS,
        "ids": ids,
        "since": tx.now - timedelta(days=days),
        "zone": str(tx.zone),
    }
