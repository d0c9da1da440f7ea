"""One statement judges a batch of customers by several segments and keeps membership, due times and the difference in step."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from tandem.catalog.sql_shared import Scan, laterals
from tandem.kernel.turn import Turn
from tandem.stream.profile_tables import CUSTOMER_SOURCE
from tandem.stream.segment.definitions import Watched
from tandem.stream.segment.meaning import ALIAS

_NEVER: Final = "null"


@dataclass(frozen=True, slots=True)
class Change:
    """A customer entered or left a segment."""

    entered: bool
    segment_id: UUID
    bucket: int
    customer_id: UUID


def judge(turn: Turn, watched: Sequence[Watched], customers: Collection[tuple[int, UUID]]) -> list[Change]:
    """Judge these customers of the turn's buckets by these segments as of the turn's now; return who entered or left.

    Due times are set to the next moment at which an answer may change by itself, and removed where there is none.
    """
    if not watched or not customers:
        return []
    meanings = [one.meaning for one in watched]
    chosen = sorted(customers)
    params = turn.params(
        t_buckets=[one[0] for one in chosen],
        t_customers=[one[1] for one in chosen],
        segments=[one.id for one in watched],
        versions=[one.version for one in watched],
    )
    for meaning in meanings:
        params |= meaning.inside.bound
    # Planning a statement over many segments costs more than running it, and it comes again.
    statement = _statement(tuple((one.inside.text, one.due or _NEVER, one.scans) for one in meanings))
    rows = turn.tx.cursor(statement, params, prepare=True)
    return [Change(*row) for row in rows]


@lru_cache(maxsize=1024)
def _statement(fragments: tuple[tuple[str, str, tuple[Scan, ...]], ...]) -> str:
    values = [
        f"({index}, ({inside})::boolean, ({due})::timestamptz)"
        for index, (inside, due, _) in enumerate(fragments, start=1)
    ]
    scans = laterals(scan for _, _, found in fragments for scan in found)
    return _JUDGE.replace("<scans>", scans).replace("<values>", ",\n    ".join(values))


# The customers' buckets are named once, where they come in: an index condition with a list of buckets is sorted anew for every customer.
# What they were in and when they are due is read once per customer, as arrays: a join would be planned for one row and meet thousands.
# Only differences touch a table or an index.
_JUDGE: Final = f"""
with touched as materialized (
  select t.bucket, t.customer_id from unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[]) as t(bucket, customer_id)
  where t.bucket = any(%(buckets)s::smallint[])
), judged as materialized (
  select {ALIAS}.bucket, {ALIAS}.id as customer_id, (%(segments)s::uuid[])[v.index] as segment_id, (%(versions)s::int[])[v.index] as version,
         coalesce(v.inside, false) as inside, v.due_at, coalesce((%(segments)s::uuid[])[v.index] = any(w.ids), false) as was_inside,
         h.times[array_position(h.ids, (%(segments)s::uuid[])[v.index])] as had_due_at
  from touched as t
  join {CUSTOMER_SOURCE} as {ALIAS}
    on {ALIAS}.bucket = t.bucket and {ALIAS}.id = t.customer_id and {ALIAS}.tenant_id = %(tenant)s
  cross join lateral (
    select array_agg(m.segment_id) as ids from segment_member as m
    where m.bucket = t.bucket and m.customer_id = t.customer_id and m.tenant_id = %(tenant)s) as w
  cross join lateral (
    select array_agg(d.segment_id) as ids, array_agg(d.due_at) as times from segment_due as d
    where d.bucket = t.bucket and d.customer_id = t.customer_id and d.tenant_id = %(tenant)s) as h
  <scans>
  cross join lateral (values
    <values>
  ) as v(index, inside, due_at)
), differing as materialized (
  select * from judged where inside <> was_inside or due_at is distinct from had_due_at
), gone as (
  delete from segment_member as m using differing as j
  where m.tenant_id = %(tenant)s and m.bucket = j.bucket and m.customer_id = j.customer_id and m.segment_id = j.segment_id
    and j.was_inside and not j.inside
  returning m.segment_id, m.bucket, m.customer_id
), come as (
  insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)
  select j.bucket, %(tenant)s, j.segment_id, j.customer_id, j.customer_id, %(now)s, j.version
  from differing as j where j.inside and not j.was_inside
  on conflict (bucket, customer_id, segment_id) do nothing
  returning segment_id, bucket, customer_id
), still as (
  delete from segment_due as d using differing as j
  where d.tenant_id = %(tenant)s and d.bucket = j.bucket and d.customer_id = j.customer_id and d.segment_id = j.segment_id
    and j.due_at is null and j.had_due_at is not null
), waiting as (
  insert into segment_due as d (bucket, tenant_id, segment_id, customer_id, origin_id, due_at)
  select j.bucket, %(tenant)s, j.segment_id, j.customer_id, j.customer_id, j.due_at
  from differing as j where j.due_at is distinct from j.had_due_at and j.due_at is not null
  on conflict (bucket, customer_id, segment_id) do update set due_at = excluded.due_at
)
select false, segment_id, bucket, customer_id from gone
union all
select true, segment_id, bucket, customer_id from come
"""
