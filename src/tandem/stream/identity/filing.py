"""Filing commands for later and laying pairs before people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from tandem.kernel.db import Tx
from tandem.kernel.ids import new_id
from tandem.stream.identity.likeness import Likeness
from tandem.stream.identity.person import Doubt, Key
from tandem.stream.rows import to_json

_FILE_MERGES: Final = """
insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, reason, evidence, filed_at)
select %(tenant)s, r.i, 'merge', r.a, r.b, r.k, jsonb_build_object('kind', r.k, 'scope', r.s, 'hash', r.h), %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(i uuid, a uuid, b uuid, k text, s text, h text)
order by r.a, r.b
on conflict do nothing
"""

_FILE_REVIEWS: Final = """
insert into merge_review (tenant_id, a_id, b_id, reason, pattern, evidence, filed_at)
select %(tenant)s, r.a, r.b, r.k, r.k || ' ' || (r.e ->> 'joined_by'), r.e, %(now)s from jsonb_to_recordset(%(rows)s::jsonb) as r(a uuid, b uuid, k text, e jsonb)
order by r.a, r.b
on conflict do nothing
"""

_FILE_REHOMES: Final = """
insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, origin_id, subject_type, subject_id, from_bucket, reason, filed_at)
select %(tenant)s, r.i, 'rehome', r.c, r.p, r.g, r.t, r.s, r.b, 'buyer_known', %(now)s
from jsonb_to_recordset(%(rows)s::jsonb) as r(i uuid, c uuid, p uuid, g uuid, t text, s uuid, b smallint)
"""


def file_merges(tx: Tx, merges: Mapping[tuple[UUID, UUID], Key]) -> None:
    """Ask for merges (survivor, loser); one that is already queued is not filed twice."""
    rows = [
        {"i": new_id(), "a": a, "b": b, "k": key.kind, "s": key.scope, "h": key.value_hash}
        for (a, b), key in merges.items()
    ]
    if rows:
        tx.execute(_FILE_MERGES, {"tenant": tx.tenant_id, "now": tx.now, "rows": to_json(rows)})


def file_reviews(tx: Tx, reviews: Mapping[tuple[UUID, UUID], Doubt]) -> None:
    """Lay pairs before a person; a pair that was ever laid before one is not laid again."""
    rows = [
        {"a": a, "b": b, "k": why.reason, "e": {"joined_by": why.joined_by, "days": why.days}}
        for (a, b), why in reviews.items()
    ]
    if rows:
        tx.execute(_FILE_REVIEWS, {"tenant": tx.tenant_id, "now": tx.now, "rows": to_json(rows)})


class Rehome(msgspec.Struct, frozen=True, gc=False):
    """A subject (an order) that belongs to `customer_id` while its rows still stand in `bucket`, or wherever `previous_id` lives now."""

    customer_id: UUID
    origin_id: UUID
    subject_type: str
    subject_id: UUID
    bucket: int
    previous_id: UUID | None


def file_rehomes(tx: Tx, moves: Sequence[Rehome]) -> None:
    """Ask for subjects to be moved to their owners."""
    rows = [
        {
            "i": new_id(),
            "c": one.customer_id,
            "p": one.previous_id,
            "g": one.origin_id,
            "t": one.subject_type,
            "s": one.subject_id,
            "b": one.bucket,
        }
        for one in moves
    ]
    if rows:
        tx.execute(_FILE_REHOMES, {"tenant": tx.tenant_id, "now": tx.now, "rows": to_json(rows)})


def close_review(tx: Tx, one: UUID, other: UUID, status: str, by: UUID | None) -> None:
    """Note that the question whether these two are one person is settled."""
    tx.execute(
        """
        update merge_review set status = %(status)s, decided_at = %(now)s, decided_by = %(by)s
        where tenant_id = %(tenant)s and a_id = least(%(one)s::uuid, %(other)s::uuid) and b_id = greatest(%(one)s::uuid, %(other)s::uuid)
        """,
        {"tenant": tx.tenant_id, "one": one, "other": other, "status": status, "by": by, "now": tx.now},
    )


def keep_apart(tx: Tx, survivor: UUID, loser: UUID) -> None:
    """Settle that a merged customer is somebody else than her survivor, and than whoever the survivor has become since."""
    tx.execute(
        """
        insert into merge_review (tenant_id, a_id, b_id, reason, pattern, evidence, filed_at, status, decided_at, decided_by)
        select distinct %(tenant)s::uuid, least(o.id, %(loser)s::uuid), greatest(o.id, %(loser)s::uuid), 'kept_apart', 'kept_apart', '{}'::jsonb,
               %(now)s::timestamptz, 'kept_apart', %(now)s::timestamptz, %(by)s::uuid
        from customer as c cross join lateral (values (c.id), (c.merged_into)) as o(id)
        where c.bucket = tandem_bucket(%(survivor)s::uuid) and c.tenant_id = %(tenant)s and c.id = %(survivor)s
          and o.id is not null and o.id <> %(loser)s
        on conflict (tenant_id, a_id, b_id) do update set status = 'kept_apart', decided_at = excluded.decided_at, decided_by = excluded.decided_by
        """,
        {"tenant": tx.tenant_id, "survivor": survivor, "loser": loser, "now": tx.now, "by": tx.user_id},
    )


_FILE_LIKELY: Final = """
insert into merge_review (tenant_id, a_id, b_id, reason, pattern, evidence, filed_at)
select %(tenant)s, r.a, r.b, 'likely', r.t, r.e, %(now)s from jsonb_to_recordset(%(rows)s::jsonb) as r(a uuid, b uuid, t text, e jsonb)
order by r.a, r.b
on conflict do nothing
"""


def file_likely_reviews(tx: Tx, pairs: Sequence[Likeness]) -> int:
    """Lay pairs that the nightly comparison found before a person; one that was ever laid before one is not laid again."""
    rows = [
        {"a": min(one.one, one.other), "b": max(one.one, one.other), "t": _pattern(one), "e": _found(one)}
        for one in pairs
    ]
    return tx.execute(_FILE_LIKELY, {"tenant": tx.tenant_id, "now": tx.now, "rows": to_json(rows)}) if rows else 0


def file_likely_merges(tx: Tx, pairs: Sequence[Likeness]) -> int:
    """Ask for pairs to be merged that are likely enough by the tenant's rules, but for those that somebody keeps apart.

    The merge asks again what speaks against it. Returns how many were filed.
    """
    rows = [
        {
            "i": new_id(),
            "a": min(one.one, one.other),
            "b": max(one.one, one.other),
            "e": {"kind": "likely", **_found(one)},
        }
        for one in pairs
    ]
    if not rows:
        return 0
    return tx.execute(
        """
        insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, reason, evidence, filed_at)
        select %(tenant)s, r.i, 'merge', r.a, r.b, 'likely', r.e, %(now)s
        from jsonb_to_recordset(%(rows)s::jsonb) as r(i uuid, a uuid, b uuid, e jsonb)
        where not exists (select 1 from merge_review as m
                          where m.tenant_id = %(tenant)s and m.a_id = r.a and m.b_id = r.b and m.status = 'kept_apart')
        order by r.a, r.b on conflict do nothing
        """,
        {"tenant": tx.tenant_id, "now": tx.now, "rows": to_json(rows)},
    )


def _found(pair: Likeness) -> dict[str, object]:
    return {"probability": round(pair.probability, 6), "levels": pair.levels}


def _pattern(pair: Likeness) -> str:
    """What was found without how much it weighs: pairs with one pattern are decided alike."""
    return "likely " + " ".join(f"{column}={level}" for column, level, _ in pair.levels)


_CARRY: Final = """
insert into merge_review (tenant_id, a_id, b_id, reason, pattern, evidence, filed_at, status, decided_at, decided_by)
select r.tenant_id, least(%(survivor)s::uuid, o.other), greatest(%(survivor)s::uuid, o.other), r.reason, r.pattern,
       r.evidence || jsonb_build_object('carried_by', %(merge)s::text), r.filed_at, r.status, r.decided_at, r.decided_by
from merge_review as r
cross join lateral (select case when r.a_id = %(loser)s then r.b_id else r.a_id end as other) as o
where r.tenant_id = %(tenant)s and (r.a_id = %(loser)s or r.b_id = %(loser)s) and r.status in ('open', 'kept_apart')
  and o.other <> %(survivor)s
on conflict do nothing
"""


def carry_reviews(tx: Tx, survivor: UUID, loser: UUID, merge_id: UUID) -> None:
    """What was asked or settled about a merged customer now holds for her survivor: two people stay two under another id."""
    tx.execute(_CARRY, {"tenant": tx.tenant_id, "survivor": survivor, "loser": loser, "merge": str(merge_id)})


def return_reviews(tx: Tx, merge_id: UUID) -> None:
    """Forget what a merge carried over, but for what a person has decided since."""
    tx.execute(
        """
        delete from merge_review as r using customer_merge as m
        where r.tenant_id = %(tenant)s and r.evidence ->> 'carried_by' = %(merge)s
          and m.tenant_id = r.tenant_id and m.id = %(merge)s::uuid and (r.decided_at is null or r.decided_at <= m.merged_at)
        """,
        {"tenant": tx.tenant_id, "merge": str(merge_id)},
    )
