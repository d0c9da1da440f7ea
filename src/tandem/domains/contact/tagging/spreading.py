"""Telling the platform of tags that customers have here already: of a tag that becomes the platform's, after a merge and its undoing.

A fan-out by bucket (ENGINE_RULES 7): rows of what is wanted, a slice of buckets in a transaction, the place kept with the tag.
`marking` tells them as it tells every other change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS
from tandem.kernel.turn import Turn, in_buckets
from tandem.stream.projection import AppliedEvent, Projection

STEP: Final = 32

# What is known of an adviser's customer and a tag stays; only what nobody ever asked for, or what she does not have there, is wanted now.
_WANTED: Final = """
insert into friend_tag as f (bucket, friendship_id, label_id, tenant_id, customer_id, origin_id, account_id, there, known_at, wanted, due_at)
select r.bucket, r.id, p.id, %(tenant)s, r.customer_id, r.origin_id, p.account_id, false, clock_timestamp(), true, clock_timestamp()
from platform_tag as p
join platform_tag_group as g on g.tenant_id = %(tenant)s and g.id = p.group_row and g.wins in ('last', 'ours')
join source_account as s on s.tenant_id = %(tenant)s and s.id = p.account_id
join customer_tag as t on t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.tag = p.tag
join friendship as r on r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.bucket = t.bucket and r.customer_id = t.customer_id
  and r.source = s.source and r.lost_at is null and r.added_at is not null and r.answered
where p.tenant_id = %(tenant)s and p.status in ('there', 'wanted') and (%(label)s::uuid is null or p.id = %(label)s)
  and (%(customers)s::uuid[] is null or t.customer_id = any(%(customers)s::uuid[]))
on conflict (bucket, friendship_id, label_id) do update set wanted = true, due_at = excluded.due_at, attempts = 0, problem = null
where not f.there and f.wanted is distinct from true
"""


def spread(db: Database, tenant: UUID, account: UUID) -> int:
    """Go on with an account's tags that have become the platform's; returns how many slices were done. The caller holds the account."""
    done = 0
    while True:
        with db.tx("worker", tenant=tenant) as tx:
            if not spread_slice(tx, account):
                return done
        done += 1


def spread_slice(tx: Tx, account: UUID) -> bool:
    """Go on with one slice of buckets; False where nothing is left. The caller holds the account."""
    row = tx.cursor(
        """
        select id, told_to from platform_tag where tenant_id = %(tenant)s and account_id = %(account)s and status = 'there' and told_to is not null
        order by id limit 1
        """,
        {"tenant": tx.tenant_id, "account": account},
    ).fetchone()
    if row is None:
        return False
    label, begin = row
    # Buckets before rows (ENGINE_RULES 1): a merge is finished before its customers' tags are looked at, or comes after what is written.
    buckets = in_buckets(tx.conn, range(begin, min(BUCKETS, begin + STEP)))
    tx.execute(_WANTED, {"tenant": tx.tenant_id, "buckets": buckets, "label": label, "customers": None})
    tx.execute(
        "update platform_tag set told_to = %(next)s where tenant_id = %(tenant)s and id = %(id)s and told_to = %(begin)s",
        {"tenant": tx.tenant_id, "id": label, "begin": begin, "next": begin + STEP if begin + STEP < BUCKETS else None},
    )
    return True


def project_merged(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Two customers became one, or one two again: every adviser of theirs is to know the tags that are hers now."""
    customers = sorted({event.customer_id for event in events if event.customer_id is not None})
    if customers:
        turn.tx.execute(_WANTED, turn.params(label=None, customers=customers))


MERGED: Final = ("customer.merged", "customer.unmerged")


def projections(wanted: Any) -> tuple[Projection, ...]:
    """The projection of merges, heard only where a tenant has platform tags."""
    return (Projection(MERGED, project_merged, "contact.tags_merged", wanted=wanted),)
