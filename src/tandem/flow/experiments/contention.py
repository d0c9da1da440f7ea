"""Flows that fight for the same customers: who takes whose turn under the caps, and who is inside both at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.rehearsal.parts import Tryout
from tandem.flow.runs import INSIDE
from tandem.kernel.db import Tx

PAIRS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Fight:
    """`flow` had to wait or lost `times` messages to `other`, with so many `customers`; `both`: customers inside both just now."""

    flow_id: UUID
    flow_name: str
    other_id: UUID
    other_name: str
    times: int
    customers: int
    both: int


# Whoever is inside a flow is inside those that it calls as well: that is no fight.
_FIGHTS: Final = """
with lost as (
  select flow_id, other_id, count(*) as times, count(distinct customer_id) as customers from ({sources}) as x group by 1, 2
), inside as materialized (
  select distinct r.bucket, r.customer_id, r.flow_id from flow_run as r join flow as f on f.id = r.flow_id and f.tenant_id = %(tenant)s
  where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.status = any(%(inside)s::smallint[])
    and f.status in ('running', 'paused') and r.customer_id is not null
), calls as (
  select f.id as flow_id, one -> 'config' ->> 'flow_id' as called from flow as f join flow_version as v on v.id = f.current_version_id and v.tenant_id = %(tenant)s
  cross join lateral jsonb_array_elements(v.graph -> 'blocks') as one where f.tenant_id = %(tenant)s and one ->> 'kind' = 'flow.call'
), together as (
  select a.flow_id, b.flow_id as other_id, count(*) as customers from inside as a
  join inside as b on b.bucket = a.bucket and b.customer_id = a.customer_id and b.flow_id <> a.flow_id group by 1, 2
)
select coalesce(l.flow_id, b.flow_id) as flow_id, f.name as flow_name, coalesce(l.other_id, b.other_id) as other_id, o.name as other_name,
  coalesce(l.times, 0)::int as times, coalesce(l.customers, 0)::int as customers, coalesce(b.customers, 0)::int as both
from lost as l full join together as b on b.flow_id = l.flow_id and b.other_id = l.other_id
join flow as f on f.tenant_id = %(tenant)s and f.id = coalesce(l.flow_id, b.flow_id)
join flow as o on o.tenant_id = %(tenant)s and o.id = coalesce(l.other_id, b.other_id)
where l.flow_id is not null or (b.flow_id < b.other_id and not exists (
  select 1 from calls as c where (c.flow_id, c.called) in ((b.flow_id, b.other_id::text), (b.other_id, b.flow_id::text))))
order by times desc, 7 desc limit %(limit)s
"""


def fights(tx: Tx, tryouts: Sequence[Tryout], *, days: int) -> list[Fight]:
    """Pairs of flows, the hardest fights first, over the customers the caller may see."""
    sources = [f"({one.contention})" for one in tryouts if one.contention is not None]
    nothing = "select null::smallint, null::uuid as flow_id, null::uuid as other_id, null::uuid as customer_id, null::timestamptz where false"
    return tx.all(
        Fight,
        _FIGHTS.replace("{sources}", " union all ".join(sources) or nothing),
        {
            "tenant": tx.tenant_id,
            "buckets": EVERY_BUCKET,
            "inside": [int(one) for one in INSIDE],
            "since": tx.now - timedelta(days=days),
            "limit": PAIRS_MAX,
        },
    )
