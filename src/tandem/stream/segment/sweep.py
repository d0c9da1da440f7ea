"""Judge again those whom time alone may have moved, exactly when due, in small batches (DATA.md)."""

from typing import Final
from uuid import UUID

from tandem.kernel.turn import Turn
from tandem.stream.projection import StreamSystem
from tandem.stream.segment.definitions import definitions
from tandem.stream.segment.live import Customers, spread

DUE_SQL: Final = """
select min(d.due_at) from unnest(%(buckets)s::smallint[]) as b(bucket)
cross join lateral (
  select due_at from segment_due
  where bucket = b.bucket and bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s order by due_at limit 1) as d
"""
"""The moment of the next due judgement in the turn's buckets, in business time."""

# Taken, not read: a row whose customer or segment has gone must not come back for ever; a judgement writes the next one.
_TAKE: Final = """
with due as materialized (
  select o.* from unnest(%(buckets)s::smallint[]) as b(bucket)
  cross join lateral (
    select bucket, segment_id, customer_id from segment_due
    where bucket = b.bucket and bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and due_at <= %(now)s
    order by due_at limit %(limit)s) as o
  limit %(limit)s)
delete from segment_due as d using due as o
where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s
  and d.bucket = o.bucket and d.segment_id = o.segment_id and d.customer_id = o.customer_id
returning d.segment_id, d.bucket, d.customer_id
"""


def sweep_due(turn: Turn, system: StreamSystem, limit: int = 500) -> int:
    """Judge at most ``limit`` due (segment, customer) pairs as of the turn's now; return how many were due."""
    pending: dict[UUID, Customers] = {}
    count = 0
    for segment_id, bucket, customer_id in turn.tx.cursor(_TAKE, turn.params(limit=limit)):
        pending.setdefault(segment_id, set()).add((bucket, customer_id))
        count += 1
    if count:
        spread(turn, definitions.watched(turn, system.catalog), pending, {})
    return count
