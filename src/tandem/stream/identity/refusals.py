"""Merges that did not happen: refused for a contradiction, or given up after failing too often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx

CONTRADICTION: Final = "contradiction: "
"""How an outcome begins that says which kind of identifier spoke against the merge."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A merge command that was refused. Names are sealed under the key of whom they belong to."""

    id: UUID
    survivor_id: UUID
    loser_id: UUID
    survivor_name: bytes | None
    loser_name: bytes | None
    reason: str
    outcome: str | None
    filed_at: datetime
    filed_by: str | None
    open: bool
    """Whether the two are still two, so that it may be tried again."""


# The buckets first, as in `identity.stuck`: joined by the function, everybody would be read.
_REFUSALS: Final = """
select m.id, m.survivor_id, m.loser_id, s.name_enc as survivor_name, l.name_enc as loser_name, m.reason, m.outcome, m.filed_at,
       u.name as filed_by, s.merged_into is null and l.merged_into is null as open
from merge_command as m
cross join lateral (select tandem_bucket(m.survivor_id) as survivor, tandem_bucket(m.loser_id) as loser offset 0) as b
join customer as s on s.bucket = b.survivor and s.tenant_id = m.tenant_id and s.id = m.survivor_id
join customer as l on l.bucket = b.loser and l.tenant_id = m.tenant_id and l.id = m.loser_id
left join staff_user as u on u.tenant_id = m.tenant_id and u.id = m.filed_by
where m.tenant_id = %(tenant)s and m.verb = 'merge' and m.status = 'refused' and (%(before)s::uuid is null or m.id < %(before)s)
  and not exists (select from merge_command as later where later.tenant_id = m.tenant_id and later.verb = 'merge'
                    and later.survivor_id = m.survivor_id and later.loser_id = m.loser_id and later.id > m.id)
order by m.id desc limit %(limit)s
"""


def refusals(tx: Tx, *, before: UUID | None, limit: int) -> list[Refusal]:
    """Refused merges between customers visible to the person, newest first, each pair by its last refusal."""
    return tx.all(
        Refusal,
        _REFUSALS,
        {"tenant": tx.tenant_id, "before": before, "limit": limit},
    )
