"""Merges that began to move rows and cannot go on: their people are held and what happens to them waits, so somebody must look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound

FAILURES: Final = 2
"""A command that has failed so often since it last got on is stuck, not slow."""
# Asked by every look at the alarms. The people's buckets are worked out first: under row-level security an index is not searched for what
# a function says of a row that is being joined, and everybody would be read.
_STUCK: Final = """
(
  select c.*, w.*, tandem_bucket(w.survivor) as survivor_bucket, tandem_bucket(w.loser) as loser_bucket
  from merge_command as c
  left join customer_merge as g on g.tenant_id = c.tenant_id and g.id = c.merge_id
  cross join lateral (select coalesce(g.survivor_id, c.survivor_id) as survivor, coalesce(g.loser_id, c.loser_id) as loser) as w
  where c.tenant_id = %(tenant)s and c.status = 'moving' and c.failures >= %(failures)s
  offset 0) as c
join customer as s on s.bucket = c.survivor_bucket and s.tenant_id = c.tenant_id and s.id = c.survivor
join customer as l on l.bucket = c.loser_bucket and l.tenant_id = c.tenant_id and l.id = c.loser
where c.tenant_id = %(tenant)s
"""


@dataclass(frozen=True, slots=True)
class Stuck:
    """A merge (or its undoing) that stands half-way. `waiting`: events filed for its people that are not applied until it is through."""

    id: UUID
    verb: str
    merge_id: UUID | None
    survivor_id: UUID
    loser_id: UUID
    survivor_name: bytes | None
    loser_name: bytes | None
    outcome: str
    filed_at: datetime
    waiting: int


def stuck(tx: Tx, *, before: UUID | None, limit: int) -> list[Stuck]:
    """Those between customers visible to the person, newest first."""
    return tx.all(
        Stuck,
        "select c.id, c.verb, c.merge_id, s.id as survivor_id, l.id as loser_id, s.name_enc as survivor_name, l.name_enc as loser_name,"
        " c.outcome, c.filed_at, (select count(*) from inbox as i where i.tenant_id = c.tenant_id and i.bucket in (s.bucket, l.bucket)"
        " and i.customer_id in (s.id, l.id))::int as waiting"
        f" from {_STUCK} and (%(before)s::uuid is null or c.id < %(before)s) order by c.id desc limit %(limit)s",
        {"tenant": tx.tenant_id, "failures": FAILURES, "before": before, "limit": limit},
    )


def people(tx: Tx) -> list[UUID]:
    """All whom such a merge holds."""
    return tx.values(
        f"select unnest(array[s.id, l.id]) from {_STUCK} order by 1", {"tenant": tx.tenant_id, "failures": FAILURES}
    )


def command(tx: Tx, command_id: UUID) -> UUID:
    """The id of a stuck command that the person may see. Raises NotFound."""
    found = tx.values(
        f"select c.id from {_STUCK} and c.id = %(id)s", {"tenant": tx.tenant_id, "failures": FAILURES, "id": command_id}
    )
    if not found:
        raise NotFound(
            "no_such_stuck_merge", "没有这次卡住的合并，或已经继续。", "No such merge is stuck, or it has gone on."
        )
    return found[0]
