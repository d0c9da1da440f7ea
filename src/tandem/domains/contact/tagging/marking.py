"""Telling the platform of tags: five calls at a time for a corporation, one at a time for a customer (error 45033).

One worker at a time tells an account (`tag_account.leased_until`), with so many hands; a customer's friendships all go to one hand.
What is told is written down only where it is still what was wanted: a change in between stays to be told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.externals import externals_of, friendship_of, scope_of
from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.lines import line_of
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS
from tandem.stream.rows import to_json

HANDS: Final = 5
"""As many `mark_tag` calls as a corporation may have under way."""
BATCH: Final = 200
ATTEMPTS_MAX: Final = 8
_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class _Due:
    bucket: int
    friendship_id: UUID
    label_id: UUID
    customer_id: UUID
    member: str
    source: str
    tag_id: str
    wanted: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class _Call:
    """What one member's customer is to be told."""

    external: str
    member: str
    rows: list[_Due]


# Tags that the platform does not have (yet) wait; whoever is no friend any more is told nothing.
_DUE: Final = """
select f.bucket, f.friendship_id, f.label_id, f.customer_id, r.member, r.source, p.tag_id, f.wanted, f.attempts
from friend_tag as f
join platform_tag as p on p.tenant_id = %(tenant)s and p.id = f.label_id and p.status = 'there'
join friendship as r on r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.bucket = f.bucket and r.id = f.friendship_id
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.account_id = %(account)s and f.wanted is not null
  and f.due_at <= now() and r.lost_at is null
order by f.due_at, f.friendship_id limit %(limit)s
"""
_DONE: Final = """
update friend_tag as f set there = f.wanted, wanted = null, due_at = null, known_at = %(at)s, attempts = 0, problem = null
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, friendship_id uuid, label_id uuid, wanted boolean)
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.bucket = n.bucket and f.friendship_id = n.friendship_id
  and f.label_id = n.label_id and f.wanted = n.wanted
"""
# Tried often enough, it rests with its problem until somebody asks for it, or the tag changes again.
_FAILED: Final = """
update friend_tag as f set attempts = f.attempts + %(counts)s, problem = %(problem)s::jsonb,
  due_at = case when f.attempts + %(counts)s >= %(most)s then null
    else clock_timestamp() + make_interval(secs => greatest(%(pause)s, least(3600, 5 * 2 ^ least(f.attempts, 10)))) end
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, friendship_id uuid, label_id uuid, wanted boolean)
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.bucket = n.bucket and f.friendship_id = n.friendship_id
  and f.label_id = n.label_id and f.wanted = n.wanted
"""
_FORGOTTEN: Final = """
delete from friend_tag as f using jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, friendship_id uuid, label_id uuid)
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.bucket = n.bucket and f.friendship_id = n.friendship_id
  and f.label_id = n.label_id
"""


def tell(db: Database, tenant: UUID, account: UUID) -> int:
    """Tell the platform one batch; returns how many customers' tags were spoken of. The caller holds the account."""
    with db.tx("worker", tenant=tenant) as tx:
        rows = tx.all(_Due, _DUE, _params(tx, account=account, limit=BATCH))
        calls, lost = _calls(tx, account, rows) if rows else ([], [])
        if lost:
            # Nobody here has the platform's id of her: there is nobody to speak of.
            tx.execute(_FORGOTTEN, _params(tx, rows=_json(lost)))
    lots: dict[str, list[_Call]] = defaultdict(list)
    for one in calls:
        lots[one.external].append(one)
    hands = min(HANDS, len(lots))
    if hands:
        shares = [list(lots.values())[number::hands] for number in range(hands)]
        with ThreadPoolExecutor(max_workers=hands) as pool:
            for done in [pool.submit(_speak, db, tenant, account, share) for share in shares]:
                done.result()
    return len(lots)


def _calls(tx: Tx, account: UUID, rows: Sequence[_Due]) -> tuple[list[_Call], list[_Due]]:
    """What to say of whom; a friendship is found among its customer's ids by being made of one of them."""
    externals = externals_of(tx, scope_of(tx, account), sorted({one.customer_id for one in rows}))
    by_friend: dict[UUID, list[_Due]] = defaultdict(list)
    for one in rows:
        by_friend[one.friendship_id].append(one)
    calls: list[_Call] = []
    lost: list[_Due] = []
    for friendship, mine in by_friend.items():
        first = mine[0]
        who = next(
            (
                one
                for one in externals.get(first.customer_id, [])
                if friendship_of(tx.tenant_id, first.source, first.member, one) == friendship
            ),
            None,
        )
        if who is None:
            lost += mine
        else:
            calls.append(_Call(who, first.member, mine))
    return calls, lost


def _speak(db: Database, tenant: UUID, account: UUID, share: Sequence[Sequence[_Call]]) -> None:
    """One hand: its customers one after another, each written down as soon as it has its answer."""
    try:
        with line_of(db, tenant, account) as line:
            for calls in share:
                for call in calls:
                    add = [one.tag_id for one in call.rows if one.wanted]
                    remove = [one.tag_id for one in call.rows if not one.wanted]
                    try:
                        line.mark(call.member, call.external, add, remove)
                    except GatewayFailure as failure:
                        if failure.why == "set_up":
                            raise
                        _write_failure(db, tenant, call, failure)
                    else:
                        with db.tx("worker", tenant=tenant) as tx:
                            tx.execute(_DONE, _params(tx, rows=_json(call.rows), at=_machine(tx)))
    except GatewayFailure as failure:
        rest = [one for calls in share for call in calls for one in call.rows]
        with db.tx("worker", tenant=tenant) as tx:
            _write(tx, rest, failure, counts=0, pause=60.0)


def _machine(tx: Tx) -> datetime:
    found: datetime = tx.value("select clock_timestamp()", {})
    return found


def _write_failure(db: Database, tenant: UUID, call: _Call, failure: GatewayFailure) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        if failure.why == "gone":
            # They know each other no more: whoever tells of that ends the friendship.
            tx.execute(_FORGOTTEN, _params(tx, rows=_json(call.rows)))
            return
        waits = failure.why == "later"
        _write(tx, call.rows, failure, counts=0 if waits else 1, pause=failure.retry_after_seconds or 1.0)
        if failure.why == "refused":
            # Perhaps a tag is gone there: the list says.
            tx.execute(
                "update tag_account set due_at = now() where tenant_id = %(tenant)s and account_id ="
                " (select account_id from platform_tag where tenant_id = %(tenant)s and id = %(label)s)",
                _params(tx, label=call.rows[0].label_id),
            )


def _write(tx: Tx, rows: Sequence[_Due], failure: GatewayFailure, *, counts: int, pause: float) -> None:
    params = _params(
        tx, rows=_json(rows), counts=counts, pause=pause, most=ATTEMPTS_MAX, problem=to_json(failure.problem())
    )
    tx.execute(_FAILED, params)


def _json(rows: Sequence[_Due]) -> str:
    return to_json(
        [
            {"bucket": one.bucket, "friendship_id": one.friendship_id, "label_id": one.label_id, "wanted": one.wanted}
            for one in rows
        ]
    )


def _params(tx: Tx, **more: Any) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, **more}
