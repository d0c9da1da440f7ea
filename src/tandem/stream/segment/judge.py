"""One statement judges a batch of customers by several segments and keeps membership, due times and the difference in step."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from tandem.kernel.turn import Turn
from tandem.stream.profile_tables import CUSTOMER_SOURCE
from tandem.stream.segment.definitions import Watched
from tandem.stream.segment.meaning import ALIAS, Fragment

_NEVER: Final = Fragment("null")


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
    parts = [(one.meaning.inside, one.meaning.due or _NEVER) for one in watched]
    chosen = sorted(customers)
    params = turn.params(
        t_buckets=[one[0] for one in chosen],
        t_customers=[one[1] for one in chosen],
        segments=[one.id for one in watched],
        versions=[one.version for one in watched],
    )
    for inside, due in parts:
        params |= {**inside.bound, **due.bound}
    rows = turn.tx.cursor(_statement(tuple((inside.text, due.text) for inside, due in parts)), params)
    return [Change(*row) for row in rows]


@lru_cache(maxsize=1024)
def _statement(fragments: tuple[tuple[str, str], ...]) -> str:
    values = [
        f"({index}, ({inside})::boolean, ({due})::timestamptz)"
        for index, (inside, due) in enumerate(fragments, start=1)
    ]
    return _JUDGE.replace("<values>", ",\n    ".join(values))


# A member is never updated, so membership costs nothing where nothing changes; `judged` is materialized, so each answer is worked out once.
_JUDGE: Final = f"""
with touched as materialized (
  select t.bucket, t.customer_id from unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[]) as t(bucket, customer_id)
), judged as materialized (
  select {ALIAS}.bucket, {ALIAS}.id as customer_id, (%(segments)s::uuid[])[v.index] as segment_id, (%(versions)s::int[])[v.index] as version,
         coalesce(v.inside, false) as inside, v.due_at
  from touched as t
  join {CUSTOMER_SOURCE} as {ALIAS}
    on {ALIAS}.bucket = t.bucket and {ALIAS}.id = t.customer_id and {ALIAS}.bucket = any(%(buckets)s::smallint[])
    and {ALIAS}.tenant_id = %(tenant)s
  cross join lateral (values
    <values>
  ) as v(index, inside, due_at)
), gone as (
  delete from segment_member as m using judged as j
  where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s
    and m.bucket = j.bucket and m.segment_id = j.segment_id and m.customer_id = j.customer_id and not j.inside
  returning m.segment_id, m.bucket, m.customer_id
), come as (
  insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)
  select j.bucket, %(tenant)s, j.segment_id, j.customer_id, j.customer_id, %(now)s, j.version
  from judged as j where j.inside
  on conflict (bucket, segment_id, customer_id) do nothing
  returning segment_id, bucket, customer_id
), still as (
  delete from segment_due as d using judged as j
  where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s
    and d.bucket = j.bucket and d.segment_id = j.segment_id and d.customer_id = j.customer_id and j.due_at is null
), waiting as (
  insert into segment_due as d (bucket, tenant_id, segment_id, customer_id, origin_id, due_at)
  select j.bucket, %(tenant)s, j.segment_id, j.customer_id, j.customer_id, j.due_at
  from judged as j where j.due_at is not null
  on conflict (bucket, segment_id, customer_id) do update set due_at = excluded.due_at where d.due_at <> excluded.due_at
)
select false, segment_id, bucket, customer_id from gone
union all
select true, segment_id, bucket, customer_id from come
"""
