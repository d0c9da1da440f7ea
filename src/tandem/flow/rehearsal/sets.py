"""Tags and memberships of segments as they were: today's rows, and what the event log says was put on or taken off since.

A pair (customer, tag) that nothing happened to is today as it was then; of the others the log tells every change, so that between two
changes it holds exactly when the earlier put it on, and before the first when that took it off (ENGINE_RULES 13).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx, identifier
from tandem.kernel.schema import Base


@dataclass(frozen=True, slots=True)
class KeptSet:
    """A table that says who is in which set, by the column `key`; the events that tell its changes name the set in their payload."""

    function: str
    table: str
    key: str
    kind: str
    on: str
    off: str


SETS: Final = (
    KeptSet("has_tag", "customer_tag", "tag", "text", "tag.added", "tag.removed"),
    KeptSet("in_segment", "segment_member", "segment_id", "uuid", "segment.entered", "segment.left"),
)

_CHANGES: Final = """
create temp table {held} as
select c.bucket, c.customer_id, c.key, c.held, c.from_at, c.until_at from (
  select e.bucket, e.customer_id, (e.payload ->> '{key}')::{kind} as key, e.type = %(on)s as held, e.occurred_at as from_at,
         lead(e.occurred_at, 1, 'infinity'::timestamptz) over w as until_at
  from public.event as e
  where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.occurred_at > %(since)s and e.occurred_at <= %(until)s
    and e.type in (%(on)s, %(off)s) and e.customer_id is not null and (%(owner)s::uuid is null or e.owner_id = %(owner)s)
  window w as (partition by e.bucket, e.customer_id, e.payload ->> '{key}' order by e.occurred_at, e.event_id)) as c
"""
# What held before the first change that we know of: the contrary of what the change made of it.
_BEFORE: Final = """
insert into {held} (bucket, customer_id, key, held, from_at, until_at)
select distinct on (h.bucket, h.customer_id, h.key) h.bucket, h.customer_id, h.key, not h.held, '-infinity'::timestamptz, h.from_at
from {held} as h order by h.bucket, h.customer_id, h.key, h.from_at
"""
_VIEW: Final = """
create temp view {table} as
select {columns} from public.{table} as t
where not exists (select from {held} as h where h.bucket = t.bucket and h.customer_id = t.customer_id and h.key = t.{key})
union all
select {values} from {held} as h
where h.held and h.from_at <= (select current_setting('tandem.as_of', true)::timestamptz)
  and h.until_at > (select current_setting('tandem.as_of', true)::timestamptz)
"""
_TENANT: Final = "(select current_setting('tandem.tenant_id')::uuid)"


def past_sets(
    tx: Tx, wanted: Iterable[KeptSet], since: datetime, *, buckets: Sequence[int], owner: UUID | None = None
) -> None:
    """Let the session read these sets as of `tandem.as_of`, which lies after `since`; `owner`: only she will be asked about."""
    for one in wanted:
        columns = [column.name for column in Base.metadata.tables[one.table].columns]
        known = {"tenant_id": _TENANT, "bucket": "h.bucket", "customer_id": "h.customer_id", one.key: "h.key"}
        names = {
            "held": f"past_{one.table}",
            "table": identifier(one.table),
            "key": one.key,
            "kind": one.kind,
            "columns": ", ".join(f"t.{identifier(name)}" for name in columns),
            "values": ", ".join(known.get(name, "null") for name in columns),
        }
        tx.execute(
            _CHANGES.format(**names),
            {
                "tenant": tx.tenant_id,
                "buckets": list(buckets),
                "since": since,
                "until": tx.now,
                "on": one.on,
                "off": one.off,
                "owner": owner,
            },
        )
        tx.execute(_BEFORE.format(**names))
        tx.execute(f"create index on {names['held']} (bucket, customer_id, key)")
        tx.execute(f"analyze {names['held']}")
        tx.execute(_VIEW.format(**names))
