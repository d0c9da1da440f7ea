"""What people do about who is who: merge two customers, take a merge back, look at pairs that need a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.access import audit
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, InvalidInput, NotFound
from tandem.kernel.ids import bucket_of, new_id
from tandem.stream.identity import filing
from tandem.stream.identity.borrow import choosable

_FILE: Final = """
insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, merge_id, forced, choices, reason, filed_at, filed_by)
values (%(tenant)s, %(id)s, %(verb)s, %(survivor)s, %(loser)s, %(merge)s, true, %(choices)s::text[], 'by_hand', %(now)s, %(by)s)
on conflict (tenant_id, verb, survivor_id, loser_id) where status = 'queued' and verb = 'merge'
do update set forced = true, choices = excluded.choices, filed_by = excluded.filed_by, reason = excluded.reason
returning id
"""


def file_merge(tx: Tx, survivor: UUID, loser: UUID, choices: Sequence[str] = ()) -> UUID:
    """Ask for two customers to be merged, contradictions overruled by the person who asks; returns the command's id.

    `choices` are the fields of which the survivor is to show the other's value.

    Raises NotFound where the person may not see one of them, InvalidInput for one and the same, Conflict for one merged already.
    """
    if survivor == loser:
        raise InvalidInput("same_customer", "不能把客户与自己合并。", "A customer cannot be merged with herself.")
    merged = dict(_seen(tx, survivor, loser))
    if len(merged) < 2:
        raise NotFound("customer_not_found", "没有这位客户。", "There is no such customer.")
    if any(into is not None for into in merged.values()):
        raise Conflict("customer_merged", "其中一位客户已被合并。", "One of these customers has been merged already.")
    chosen = choosable(choices)
    if len(chosen) < len(choices):
        raise InvalidInput("no_such_field", "没有可选择的这个字段。", "There is no such field to choose.")
    filed = {**_filed(tx, "merge"), "survivor": survivor, "loser": loser, "merge": None, "choices": chosen}
    command: UUID = tx.value(_FILE, filed)
    said = {"survivor_id": str(survivor), "loser_id": str(loser), "choices": chosen}
    audit.record(tx, "customer.merged", "customer", survivor, None, said)
    return command


def _seen(tx: Tx, *customers: UUID) -> list[tuple[UUID, UUID | None]]:
    """Those of these customers whom the person may see, with whom they are merged into."""
    found = tx.cursor(
        "select id, merged_into from customer where bucket = any(%(homes)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])",
        {"tenant": tx.tenant_id, "ids": list(customers), "homes": [bucket_of(one) for one in customers]},
    )
    return [(customer, into) for customer, into in found]


def file_undo(tx: Tx, merge_id: UUID) -> UUID:
    """Ask for a merge to be taken back; returns the command's id. Raises NotFound, or Conflict for one that was undone already."""
    rows = tx.dicts(
        "select survivor_id, loser_id, undone_at from customer_merge where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": merge_id},
    )
    if not rows or len(_seen(tx, rows[0]["survivor_id"], rows[0]["loser_id"])) < 2:
        raise NotFound("no_such_merge", "没有这次合并。", "There is no such merge.")
    if rows[0]["undone_at"] is not None:
        raise Conflict("already_undone", "这次合并已经撤销。", "This merge has been undone already.")
    command: UUID = tx.value(
        _FILE, {**_filed(tx, "undo"), "survivor": None, "loser": None, "merge": merge_id, "choices": []}
    )
    # Nothing has changed that would make them less alike, whoever joined them: the next night or call would do it again.
    filing.keep_apart(tx, rows[0]["survivor_id"], rows[0]["loser_id"])
    audit.record(tx, "customer.unmerged", "customer", rows[0]["survivor_id"], None, {"merge_id": str(merge_id)})
    return command


def _filed(tx: Tx, verb: str) -> dict[str, object]:
    return {"tenant": tx.tenant_id, "id": new_id(), "verb": verb, "now": tx.now, "by": tx.user_id}


def keep_apart(tx: Tx, one: UUID, other: UUID) -> None:
    """Settle that two customers are two people. Raises NotFound for a pair that nobody asked about."""
    changed = tx.execute(
        """
        update merge_review set status = 'kept_apart', decided_at = %(now)s, decided_by = %(by)s
        where tenant_id = %(tenant)s and a_id = least(%(one)s::uuid, %(other)s::uuid) and b_id = greatest(%(one)s::uuid, %(other)s::uuid)
        """,
        {"tenant": tx.tenant_id, "one": one, "other": other, "now": tx.now, "by": tx.user_id},
    )
    if not changed:
        raise NotFound("no_such_pair", "没有这对待确认的客户。", "There is no such pair to decide about.")
    audit.record(tx, "customer.kept_apart", "customer", one, None, {"other_id": str(other)})


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge that happened. Names are sealed under the key of whom they belong to."""

    id: UUID
    survivor_id: UUID
    loser_id: UUID
    survivor_name: bytes | None
    loser_name: bytes | None
    reason: str
    choices: list[str]
    moved_rows: int
    merged_at: datetime
    merged_by: str | None
    undone_at: datetime | None
    undone_by: str | None


# With a customer: everything that made her or that she went into, undone ones included. The buckets first, as in `identity.stuck`.
_MERGES: Final = """
with recursive family as (
  select %(customer)s::uuid as id
  union
  select m.loser_id from family as f join customer_merge as m on m.tenant_id = %(tenant)s and m.survivor_id = f.id
)
select m.id, m.survivor_id, m.loser_id, s.name_enc as survivor_name, l.name_enc as loser_name, m.reason, m.choices, m.moved_rows, m.merged_at,
       u.name as merged_by, m.undone_at, w.name as undone_by
from customer_merge as m
cross join lateral (select tandem_bucket(m.survivor_id) as survivor, tandem_bucket(m.loser_id) as loser offset 0) as b
join customer as s on s.bucket = b.survivor and s.tenant_id = m.tenant_id and s.id = m.survivor_id
join customer as l on l.bucket = b.loser and l.tenant_id = m.tenant_id and l.id = m.loser_id
left join staff_user as u on u.tenant_id = m.tenant_id and u.id = m.merged_by
left join staff_user as w on w.tenant_id = m.tenant_id and w.id = m.undone_by
where m.tenant_id = %(tenant)s and (%(before)s::uuid is null or m.id < %(before)s)
  and (%(customer)s::uuid is null or m.survivor_id in (select id from family) or m.loser_id = %(customer)s)
order by m.id desc limit %(limit)s
"""


def merges(tx: Tx, *, before: UUID | None, limit: int, customer: UUID | None = None) -> list[MergeRow]:
    """Merges between customers visible to the person, newest first; of one customer's family where she is named."""
    params = {"tenant": tx.tenant_id, "before": before, "limit": limit, "customer": customer}
    return tx.all(MergeRow, _MERGES, params)
