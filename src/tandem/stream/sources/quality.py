"""How good each source's data is, from the rows it left: what could not be read, how much it says of people, how often it is right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS

DAYS: Final = 30
UNDERSTOOD_WEIGHT: Final = 0.5
FILLED_WEIGHT: Final = 0.3
HELD_WEIGHT: Final = 0.2
FIELDS: Final = ("name", "gender", "birthday", "city", "store_id")
"""What a good record says of a person."""
SAMPLED_BUCKETS: Final = 16
"""Shares are counted over so many buckets of 256: a fair sample, since buckets are a hash."""
PEOPLE_MIN: Final = 5
"""Of fewer people in the sample no share is told."""
SOURCES_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Counted:
    """One source. `received` and `unread` of the last `DAYS` days; `people`, `said` and `held` from the sample of customers."""

    source: str
    received: int
    unread: int
    people: int
    said: int
    held: int


@dataclass(frozen=True, slots=True)
class Quality:
    """Shares from 0 to 1, None where there is too little to tell; `score` 0 to 100 of those that there are."""

    source: str
    received: int
    unread: int
    understood: float | None
    filled: float | None
    held: float | None
    score: int | None


def judged(one: Counted) -> Quality:
    """The figures of a source. Pure."""
    came = one.received + one.unread
    understood = one.received / came if came else None
    filled = min(1.0, one.said / (one.people * len(FIELDS))) if one.people >= PEOPLE_MIN else None
    held = one.held / one.said if one.people >= PEOPLE_MIN and one.said else None
    parts = [(understood, UNDERSTOOD_WEIGHT), (filled, FILLED_WEIGHT), (held, HELD_WEIGHT)]
    told = [(share, weight) for share, weight in parts if share is not None]
    weights = sum(weight for _, weight in told)
    score = round(100 * sum(share * weight for share, weight in told) / weights) if told else None
    return Quality(one.source, one.received, one.unread, understood, filled, held, score)


_COUNTED: Final = """
with came as (
  select source, sum(received)::int as received, sum(quarantined)::int as unread from intake_minute
  where tenant_id = %(tenant)s and minute >= %(since)s group by source
), files as (
  select source, sum(refused)::int as refused from import_file
  where tenant_id = %(tenant)s and created_at >= %(imported_since)s group by source
), known as (
  select source, count(distinct customer_id)::int as people from customer_identifier
  where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s group by source
), told as (
  select source, count(*)::int as said, count(*) filter (where holds)::int as held from customer_field
  where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and field = any(%(fields)s) group by source
), every as (select source from came union select source from files)
select e.source, coalesce(c.received, 0) as received, coalesce(c.unread, 0) + coalesce(f.refused, 0) as unread,
  coalesce(k.people, 0) as people, coalesce(t.said, 0) as said, coalesce(t.held, 0) as held
from every e left join came c on c.source = e.source left join files f on f.source = e.source
left join known k on k.source = e.source left join told t on t.source = e.source
where e.source <> '' order by e.source limit %(limit)s
"""


def qualities(tx: Tx) -> list[Quality]:
    """Every source that sent something in the last `DAYS` days, by name."""
    params = {
        "tenant": tx.tenant_id,
        "since": tx.machine_now - timedelta(days=DAYS),
        "imported_since": tx.now - timedelta(days=DAYS),
        "buckets": list(range(0, BUCKETS, BUCKETS // SAMPLED_BUCKETS)),
        "fields": list(FIELDS),
        "limit": SOURCES_MAX,
    }
    return [judged(one) for one in tx.all(Counted, _COUNTED, params)]
