"""A friendship that was handed over: it ends with the one adviser and goes on with the other, with its code, its tags and its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tandem.domains.contact.events import FRIEND_HANDED_OVER
from tandem.kernel.turn import Turn
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.rows import to_json

_NEW: Final = (
    "jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, old uuid, new uuid, member text, at timestamptz)"
)
# Whom the platform told of before we looked stays as it told.
_GOES_ON: Final = f"""
insert into friendship (bucket, id, tenant_id, customer_id, origin_id, source, member, added_at, answered, state, live_code_id, way)
select f.bucket, n.new, %(tenant)s, f.customer_id, f.origin_id, f.source, n.member, n.at, true, f.state, f.live_code_id, 'assigned'
from {_NEW} join friendship as f on f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.bucket = n.bucket and f.id = n.old
on conflict (bucket, id) do update set lost_at = null, lost_by = null, answered = true,
  added_at = case when friendship.lost_at is null then friendship.added_at else excluded.added_at end
"""
# Whoever was found missing meanwhile was handed over.
_ENDS: Final = f"""
update friendship as f set lost_at = n.at, lost_by = 'handed_over' from {_NEW}
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.bucket = n.bucket and f.id = n.old
  and (f.lost_at is null or f.lost_by = 'unknown')
"""
_TAGS: Final = f"""
insert into friend_tag (bucket, friendship_id, label_id, tenant_id, customer_id, origin_id, account_id, there, known_at, wanted, due_at)
select t.bucket, n.new, t.label_id, t.tenant_id, t.customer_id, t.origin_id, t.account_id, t.there, t.known_at, t.wanted, t.due_at
from {_NEW} join friend_tag as t on t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = n.bucket
  and t.friendship_id = n.old
on conflict do nothing
"""
_FORGET: Final = f"""
delete from friend_tag as t using {_NEW}
where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = n.bucket and t.friendship_id = n.old
"""


def project_handed_over(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Let friendships go on with their new advisers."""
    rows = [
        {
            "bucket": event.bucket, "old": UUID(event.payload["friendship_id"]), "new": UUID(event.payload["to_friendship_id"]),
            "member": event.payload["member"], "at": event.occurred_at,
        }
        for event in events
        if event.customer_id is not None
    ]  # fmt: skip
    for statement in (_GOES_ON, _ENDS, _TAGS, _FORGET) if rows else ():
        turn.tx.execute(statement, turn.params(rows=to_json(rows)))


PROJECTIONS: Final = (Projection((FRIEND_HANDED_OVER,), project_handed_over, "contact.handed_over"),)
