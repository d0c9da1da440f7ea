"""Who a mass message is for: taken from a segment as of a stated moment, each customer with the adviser who would write to her."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS
from tandem.kernel.wake import wake

STEP: Final = 32
"""Buckets at a time, each lot in a transaction of its own: gathering that is cut short goes on where it was."""

# The platform gives a task to whoever chatted with her last; of what we know, who became her friend last comes nearest.
_GATHER: Final = """
insert into mass_send_person (bucket, id, tenant_id, customer_id, origin_id, mass_send_id, friendship_id, member, state, reason, due_at)
select m.bucket, md5(m.customer_id::text || %(send)s::text)::uuid, %(tenant)s, m.customer_id, m.customer_id, %(send)s, f.id, f.member,
  case when f.id is null then 'held' else 'waiting' end, case when f.id is null then 'no_adviser' end, case when f.id is null then null else %(now)s end
from segment_member as m
left join lateral (
  select f.id, f.member from friendship as f join source_account as a on a.tenant_id = %(tenant)s and a.id = %(account)s and a.source = f.source
  where f.bucket = m.bucket and f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.customer_id = m.customer_id
    and f.lost_at is null and f.added_at is not null and f.answered
    and (cardinality(%(members)s::text[]) = 0 or f.member = any(%(members)s::text[]))
  order by f.added_at desc, f.id limit 1) as f on true
where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.segment_id = %(segment)s
on conflict (bucket, id) do nothing
"""


def gather(db: Database, tenant: UUID, send: UUID) -> None:
    """Take the audience of a mass message, from where it was left; its people are ruled on in their own turns."""
    while True:
        with db.tx("worker", tenant=tenant) as tx:
            row = tx.cursor(
                """
                select account_id, segment_id, members, gathered from mass_send
                where tenant_id = %(tenant)s and id = %(send)s and status = 'gathering' for update
                """,
                {"tenant": tenant, "send": send},
            ).fetchone()
            if row is None:
                return
            account, segment, members, begin = row
            buckets = list(range(begin, min(BUCKETS, begin + STEP)))
            if begin == 0:
                # Nobody of an earlier check stays, whoever asked for it.
                tx.execute(
                    "delete from mass_send_person where bucket = any(%(all)s::smallint[]) and tenant_id = %(tenant)s and mass_send_id = %(send)s",
                    {"all": list(range(BUCKETS)), "tenant": tenant, "send": send},
                )
            if buckets:
                _lot(tx, buckets, {"send": send, "account": account, "segment": segment, "members": members})
            tx.execute(
                """
                update mass_send set gathered = %(next)s, status = case when %(over)s then 'checking' else status end,
                  due_at = case when %(over)s then now() else due_at end
                where tenant_id = %(tenant)s and id = %(send)s
                """,
                {"tenant": tenant, "send": send, "next": begin + STEP, "over": begin + STEP >= BUCKETS},
            )
        if begin + STEP >= BUCKETS:
            return


def _lot(tx: Tx, buckets: list[int], more: dict[str, object]) -> None:
    if tx.execute(_GATHER, {"tenant": tx.tenant_id, "now": tx.now, "buckets": buckets} | more):
        wake(tx, buckets)
