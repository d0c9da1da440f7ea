"""Who and what is to be handed over: the platform's list of a leaver's customers, or ours of one who serves, and her groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.externals import friendship_of
from tandem.domains.contact.gateway import Line
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS
from tandem.stream.rows import to_json

ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class Held:
    """A hand-over that this worker holds."""

    id: UUID
    account_id: UUID
    source: str
    giver: str
    taker: str
    resigned: bool
    chosen: bool
    with_groups: bool
    message: str
    state: str
    failures: int
    created_at: datetime


_ITEMS: Final = """
insert into hand_over_item (bucket, id, tenant_id, customer_id, origin_id, hand_over_id, friendship_id)
select f.bucket, tandem_new_id(), %(tenant)s, f.customer_id, f.origin_id, %(id)s, f.id from friendship as f
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.source = %(source)s and f.member = %(giver)s
  and f.lost_at is null and f.added_at is not null and f.answered
  and (%(friends)s::uuid[] is null or f.id = any(%(friends)s::uuid[])) and (%(customers)s::uuid[] is null or f.customer_id = any(%(customers)s::uuid[]))
on conflict (bucket, hand_over_id, friendship_id) do nothing
"""


def gather(db: Database, tenant: UUID, held: Held, line: Line) -> None:
    """Write down what a hand-over is of. Done again after a stop it adds what is missing."""
    friends: list[UUID] | None = None
    if held.resigned:
        friends = [
            friendship_of(tenant, held.source, held.giver, external)
            for member, external in line.unassigned()
            if member == held.giver
        ]
    groups = line.owned_groups(held.giver) if held.with_groups else []
    with db.tx("worker", tenant=tenant) as tx:
        if not held.chosen:
            plan(tx, held.id, held.source, held.giver, friends=friends)
        known = tx.value(
            "select count(*) from hand_over_item where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and hand_over_id = %(id)s",
            _params(tx, id=held.id),
        )
        tx.execute(
            """
            insert into hand_over_group (tenant_id, hand_over_id, chat_id, name)
            select %(tenant)s, %(id)s, n.chat_id, n.name from jsonb_to_recordset(%(rows)s::jsonb) as n(chat_id text, name text)
            on conflict do nothing
            """,
            _params(tx, id=held.id, rows=to_json([{"chat_id": one.chat_id, "name": one.name} for one in groups])),
        )
        unknown = 0 if friends is None or held.chosen else max(0, len(friends) - known)
        tx.execute(
            "update hand_over set state = 'running', unknown = %(unknown)s where tenant_id = %(tenant)s and id = %(id)s and state = 'gathering'",
            _params(tx, id=held.id, unknown=unknown),
        )


def plan(
    tx: Tx,
    hand_over: UUID,
    source: str,
    giver: str,
    *,
    friends: list[UUID] | None = None,
    customers: list[UUID] | None = None,
) -> int:
    """File an adviser's friends for a hand-over: all, those whom the platform names, or customers whom somebody chose. Returns how many."""
    params = _params(tx, id=hand_over, source=source, giver=giver, friends=friends, customers=customers)
    return tx.execute(_ITEMS, params)


def _params(tx: Tx, **more: Any) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, **more}
