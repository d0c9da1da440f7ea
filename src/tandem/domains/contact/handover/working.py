"""Handing over, step by step, each written down before the next: whoever goes on after a stop knows what was asked.

An answer that was lost is looked for among the platform's results before anybody is asked for again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.events import FRIEND_HANDED_OVER
from tandem.domains.contact.externals import externals_of, friendship_of, scope_of
from tandem.domains.contact.gateway import GatewayFailure, Line
from tandem.domains.contact.handover.gathering import ALL_BUCKETS, Held
from tandem.domains.contact.reaching import Outcome
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import derived_id
from tandem.stream.events import LANE_NORMAL, NewEvent
from tandem.stream.inbox import emit
from tandem.stream.rows import to_json

UNANSWERED: Final = timedelta(minutes=2)
"""An asking of so long ago whose result nobody has was never heard."""
GROUPS_A_CALL: Final = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform allows."""

    batch: int = 100
    times: int = 2
    days: int = 90
    groups_per_day: int = 300


@dataclass(frozen=True, slots=True)
class Item:
    """A customer on her way."""

    bucket: int
    id: UUID
    customer_id: UUID
    origin_id: UUID
    friendship_id: UUID
    state: str
    asked_at: datetime | None


def limits_of(tx: Tx, account: UUID) -> Limits:
    """The platform's limits for an account."""
    found = tx.maybe(
        Limits,
        "select batch, times, days, groups_per_day from hand_over_limit where tenant_id = %(tenant)s and account_id = %(account)s",
        _params(tx, account=account),
    )
    return found or Limits()


# A customer of one who serves may be handed over so many times in so many days: whoever was is not asked for again.
_CAP: Final = """
update hand_over_item as i set state = 'capped', finished_at = now()
where i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.hand_over_id = %(id)s and i.state = 'planned'
  and (select count(*) from hand_over_item as o where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s
    and o.bucket = i.bucket and o.customer_id = i.customer_id and o.hand_over_id <> i.hand_over_id and o.state in ('asked', 'done', 'refused')
    and o.asked_at > now() - make_interval(days => %(days)s)) >= %(times)s
"""
_TAKE: Final = """
with next as materialized (
  select bucket, id from hand_over_item where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and hand_over_id = %(id)s
    and state = 'planned' order by bucket, id limit %(limit)s for update)
update hand_over_item as i set state = 'asking', asked_at = now() from next as n
where i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.bucket = n.bucket and i.id = n.id
returning i.bucket, i.id, i.customer_id, i.origin_id, i.friendship_id, i.state, i.asked_at
"""
_OPEN: Final = """
select bucket, id, customer_id, origin_id, friendship_id, state, asked_at from hand_over_item
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and hand_over_id = %(id)s and state in ('asking', 'asked')
"""
_WRITE: Final = """
update hand_over_item as i set state = n.state, code = n.code,
  finished_at = case when n.state in ('planned', 'asked') then null else now() end,
  asked_at = case when n.state = 'planned' then null else i.asked_at end
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, state text, code text)
where i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.bucket = n.bucket and i.id = n.id
  and i.state in ('asking', 'asked')
"""


def ask_next(db: Database, tenant: UUID, held: Held, line: Line) -> int:
    """Ask for the next customers; returns for how many. What the platform did not take up goes back or is written off with its code."""
    with db.tx("worker", tenant=tenant) as tx:
        limits = limits_of(tx, held.account_id)
        if not held.resigned:
            tx.execute(_CAP, _params(tx, id=held.id, days=limits.days, times=limits.times))
        items = tx.all(Item, _TAKE, _params(tx, id=held.id, limit=limits.batch))
        named = _named(tx, held, items)
    lost = [(one, "none", "") for one in items if one.id not in named.values()]
    if lost:
        _write(db, tenant, lost)
    if not named:
        return len(items)
    by_id = {one.id: one for one in items}
    try:
        said = line.transfer(held.giver, held.taker, list(named), resigned=held.resigned, message=held.message)
    except GatewayFailure as failure:
        if failure.why != "lost":
            _write(db, tenant, [(by_id[one], "planned", failure.code) for one in named.values()])
        raise
    # A number is told of those alone who stayed.
    answers = [
        (by_id[named[external]], begun, "" if begun == "asked" else code)
        for external, (begun, code) in said.items()
        if external in named
    ]
    _write(db, tenant, answers)
    return len(items)


def _named(tx: Tx, held: Held, items: Sequence[Item]) -> dict[str, UUID]:
    """The platform's id of each, where we hold it."""
    scope = scope_of(tx, held.account_id)
    externals = externals_of(tx, scope, sorted({one.customer_id for one in items})) if items else {}
    found: dict[str, UUID] = {}
    for one in items:
        for external in externals.get(one.customer_id, []):
            if friendship_of(tx.tenant_id, held.source, held.giver, external) == one.friendship_id:
                found[external] = one.id
    return found


def look(db: Database, tenant: UUID, held: Held, line: Line) -> None:
    """Ask what became of those who were asked for, and let their friendships follow."""
    with db.tx("worker", tenant=tenant) as tx:
        items = tx.all(Item, _OPEN, _params(tx, id=held.id))
        named = _named(tx, held, items)
        now = tx.machine_now
    if not items:
        return
    results = line.transfer_results(held.giver, held.taker, resigned=held.resigned)
    by_id = {one.id: one for one in items}
    told: list[tuple[Item, str, str]] = []
    moved: list[tuple[Item, str, datetime]] = []
    for external, item_id in named.items():
        one = by_id[item_id]
        outcome, at = results.get(external, (None, None))
        state = _state(one, outcome, now)
        if state is not None:
            told.append((one, state, ""))
        if state == "done":
            moved.append((one, external, at or now))
    with db.tx("worker", tenant=tenant) as tx:
        _store(tx, told)
        emit(tx, [_event(tx, held, *one) for one in moved])


def _state(one: Item, outcome: Outcome | None, now: datetime) -> str | None:
    """Where a customer stands after her result was looked for; None: as before."""
    if outcome == "waiting":
        return "asked" if one.state == "asking" else None
    if outcome is None or outcome == "none":
        # No record: the platform never heard of it, or forgot.
        late = one.asked_at is not None and one.asked_at < now - UNANSWERED
        return ("planned" if one.state == "asking" else "none") if late else None
    return outcome


def _event(tx: Tx, held: Held, one: Item, external: str, at: datetime) -> NewEvent:
    payload = {
        "friendship_id": str(one.friendship_id), "to_friendship_id": str(friendship_of(tx.tenant_id, held.source, held.taker, external)),
        "source": held.source, "member": held.taker, "giver": held.giver, "resigned": held.resigned,
    }  # fmt: skip
    return NewEvent(
        type=FRIEND_HANDED_OVER, bucket=one.bucket, customer_id=one.customer_id, origin_id=one.origin_id, occurred_at=min(at, tx.now),
        payload=payload, lane=LANE_NORMAL, event_id=derived_id(one.id, FRIEND_HANDED_OVER),
    )  # fmt: skip


def hand_groups(db: Database, tenant: UUID, held: Held, line: Line) -> int:
    """Give the next groups a new owner, as many as the day allows; returns how many were asked for."""
    with db.tx("worker", tenant=tenant) as tx:
        most = limits_of(tx, held.account_id).groups_per_day
        spent = tx.value(
            """
            select count(*) from hand_over_group as g join hand_over as h on h.tenant_id = %(tenant)s and h.id = g.hand_over_id
            where g.tenant_id = %(tenant)s and h.account_id = %(account)s and h.giver = %(giver)s and g.state = 'done'
              and g.finished_at > now() - interval '1 day'
            """,
            _params(tx, account=held.account_id, giver=held.giver),
        )
        chats: list[str] = tx.values(
            "select chat_id from hand_over_group where tenant_id = %(tenant)s and hand_over_id = %(id)s and state = 'planned' order by 1 limit %(limit)s",
            _params(tx, id=held.id, limit=min(GROUPS_A_CALL, max(0, most - spent))),
        )
    if not chats:
        return 0
    failed: Mapping[str, tuple[str, str]] = line.transfer_groups(held.taker, chats, resigned=held.resigned)
    rows = [{"chat": one, "told": " ".join(failed[one]) if one in failed else None} for one in chats]
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update hand_over_group as g set state = case when n.told is null then 'done' else 'failed' end, told = n.told, finished_at = now()
            from jsonb_to_recordset(%(rows)s::jsonb) as n(chat text, told text)
            where g.tenant_id = %(tenant)s and g.hand_over_id = %(id)s and g.chat_id = n.chat
            """,
            _params(tx, id=held.id, rows=to_json(rows)),
        )
    return len(chats)


def counts(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many customers of each hand-over are where, and how many groups (`group_...`)."""
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    params = _params(tx, ids=list(ids))
    for hand_over, state, n in tx.cursor(
        """
        select hand_over_id, state, count(*) from hand_over_item
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and hand_over_id = any(%(ids)s::uuid[]) group by 1, 2
        union all
        select hand_over_id, 'group_' || state, count(*) from hand_over_group
        where tenant_id = %(tenant)s and hand_over_id = any(%(ids)s::uuid[]) group by 1, 2
        """,
        params,
    ):
        found[hand_over][state] = n
    return found


def _write(db: Database, tenant: UUID, told: Sequence[tuple[Item, str, str]]) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        _store(tx, told)


def _store(tx: Tx, told: Sequence[tuple[Item, str, str]]) -> None:
    rows = [{"bucket": one.bucket, "id": one.id, "state": state, "code": code or None} for one, state, code in told]
    if rows:
        tx.execute(_WRITE, _params(tx, rows=to_json(rows)))


def _params(tx: Tx, **more: Any) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, **more}
