"""Comparing an adviser's friends and their tags with what we know: the API's own changes raise no callback, and callbacks are missed.

A whole reading of one adviser is compared at once. Whoever is not there any more is told as lost, by whom nobody knows; where very many
are missing at once, nobody is, until a person says that it is true: a right that was taken away looks the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.events import FRIEND_REPORTED, FRIEND_TAGS
from tandem.domains.contact.externals import friendship_of
from tandem.domains.contact.gateway import GatewayFailure, Line
from tandem.domains.contact.reaching import Friend
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.stream.events import LANE_BULK, LANE_NORMAL, NewEvent
from tandem.stream.inbox import emit
from tandem.stream.projection import BACKFILL, LIVE
from tandem.stream.rows import to_json

AGAIN: Final = timedelta(hours=3)
LEASE: Final = timedelta(minutes=5)
FRESH: Final = timedelta(minutes=10)
"""Friends of so short a while may have come while their adviser was read."""
HELD_LEAST: Final = 20
HELD_SHARE: Final = 0.3
"""So many missing at once, and such a share of an adviser's friends, is believed only when a person says so."""
_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class _Known:
    id: UUID
    bucket: int
    customer_id: UUID
    origin_id: UUID
    added_at: datetime | None
    state: str
    way: str
    tags: list[str]


@dataclass(frozen=True, slots=True)
class _Walk:
    member: str
    trusted: bool
    source: str
    met: bool


_TAKE: Final = """
with due as materialized (
  select w.account_id, w.member from friend_walk as w
  where w.tenant_id = %(tenant)s and w.account_id = %(account)s and w.due_at <= now() and (w.leased_until is null or w.leased_until <= now())
  order by w.due_at, w.member limit 1 for update skip locked)
update friend_walk as w set leased_until = now() + %(lease)s from due as d, source_account as s, tag_account as a
where w.tenant_id = %(tenant)s and w.account_id = d.account_id and w.member = d.member and s.tenant_id = %(tenant)s and s.id = w.account_id
  and a.tenant_id = %(tenant)s and a.account_id = w.account_id
returning w.member, w.trusted, s.source, a.met_at is not null as met
"""
_KNOWN: Final = """
select f.id, f.bucket, f.customer_id, f.origin_id, f.added_at, f.state, f.way, coalesce(t.tags, '{}') as tags
from friendship as f
left join lateral (
  select array_agg(p.tag_id) as tags from friend_tag as g
  join platform_tag as p on p.tenant_id = %(tenant)s and p.id = g.label_id and p.tag_id is not null
  where g.bucket = any(%(buckets)s::smallint[]) and g.tenant_id = %(tenant)s and g.bucket = f.bucket and g.friendship_id = f.id and g.there) as t on true
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.source = %(source)s and f.member = %(member)s
  and f.lost_at is null and f.added_at is not null and f.answered
"""
# Who is being handed over is gone from the one before the other is told of: her hand-over says what became of her.
_CALLED_LOST: Final = """
select id, bucket, customer_id, origin_id, added_at, state, way, '{}'::text[] as tags from friendship
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and lost_by = 'unknown' and lost_at < %(began)s
"""
_MOVING: Final = """
select friendship_id from hand_over_item where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
  and friendship_id = any(%(ids)s::uuid[]) and state in ('asking', 'asked')
"""


def plan(tx: Tx, account: UUID) -> None:
    """Every adviser who is there is to be read; whoever is away is not asked about."""
    params = {"tenant": tx.tenant_id, "account": account}
    tx.execute(
        """
        insert into friend_walk (tenant_id, account_id, member, due_at)
        select %(tenant)s, %(account)s, a.member, now() from adviser as a
        where a.tenant_id = %(tenant)s and a.account_id = %(account)s and a.status = 'active' on conflict do nothing
        """,
        params,
    )
    tx.execute(
        """
        delete from friend_walk as w where w.tenant_id = %(tenant)s and w.account_id = %(account)s and not exists (
          select from adviser as a where a.tenant_id = %(tenant)s and a.account_id = w.account_id and a.member = w.member and a.status = 'active')
        """,
        params,
    )


def walk(db: Database, tenant: UUID, account: UUID, line: Line) -> int:
    """Read one adviser who is due; returns how many were read (0 or 1)."""
    with db.tx("worker", tenant=tenant) as tx:
        taken = tx.maybe(_Walk, _TAKE, {"tenant": tenant, "account": account, "lease": LEASE})
        began = tx.machine_now
    if taken is None:
        return 0
    try:
        found = line.friends(taken.member)
    except GatewayFailure as failure:
        _put_off(db, tenant, account, taken.member, failure)
        if failure.why in {"later", "set_up"}:
            raise
        return 1
    with db.tx("worker", tenant=tenant) as tx:
        compare(tx, account, taken, found, began)
    return 1


def compare(tx: Tx, account: UUID, walk: _Walk, found: Sequence[Friend], began: datetime) -> None:
    """Tell what a reading of one adviser says anew, and note it."""
    params = {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "source": walk.source, "member": walk.member}
    known = {one.id: one for one in tx.all(_Known, _KNOWN, params)}
    labels = set(
        tx.values(
            "select tag_id from platform_tag where tenant_id = %(tenant)s and account_id = %(account)s and tag_id is not null",
            {"tenant": tx.tenant_id, "account": account},
        )
    )
    news: list[NewEvent] = []
    present: set[UUID] = set()
    for friend in found:
        friendship = friendship_of(tx.tenant_id, walk.source, walk.member, friend.external)
        present.add(friendship)
        one, there = known.get(friendship), set(friend.tags) & labels
        if one is not None and there != set(one.tags):
            news.append(_tags(tx, walk, one, sorted(there), began))
    gone = tx.all(_Known, _CALLED_LOST, params | {"ids": list(present - set(known)), "began": began})
    news += [_seen(tx, walk, one, "back", began) for one in gone]
    settled = began - FRESH
    moving = set(tx.values(_MOVING, params | {"ids": list(known)}))
    missing = [
        one
        for one in known.values()
        if one.id not in present | moving and one.added_at is not None and one.added_at < settled
    ]
    held = not walk.trusted and len(missing) >= HELD_LEAST and len(missing) >= HELD_SHARE * len(known)
    if not held:
        news += [_seen(tx, walk, one, "missing", began) for one in missing]
    emit(tx, news)
    tx.execute(
        """
        update friend_walk set leased_until = null, read_at = now(), due_at = now() + %(again)s, friends = %(friends)s, lost = %(lost)s,
          held = %(held)s, trusted = false, failures = 0, problem = null
        where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s
        """,
        params | {"account": account, "again": AGAIN, "friends": len(found), "lost": len(missing), "held": held},
    )
    tx.execute(
        """
        update tag_account as a set met_at = now() where a.tenant_id = %(tenant)s and a.account_id = %(account)s and a.met_at is null
          and not exists (select from friend_walk as w where w.tenant_id = %(tenant)s and w.account_id = a.account_id and w.read_at is null)
        """,
        params | {"account": account},
    )


def _tags(tx: Tx, walk: _Walk, one: _Known, there: list[str], began: datetime) -> NewEvent:
    """Before both sides met, what is found is history: it starts nothing."""
    payload = {
        "friendship_id": str(one.id), "source": walk.source, "member": walk.member, "tags": there, "read_at": began.isoformat(),
    }  # fmt: skip
    return NewEvent(
        type=FRIEND_TAGS, bucket=one.bucket, customer_id=one.customer_id, origin_id=one.origin_id, occurred_at=tx.now, payload=payload,
        lane=LANE_NORMAL if walk.met else LANE_BULK, mode=LIVE if walk.met else BACKFILL,
    )  # fmt: skip


def _seen(tx: Tx, walk: _Walk, one: _Known, change: str, began: datetime) -> NewEvent:
    """Somebody is not among an adviser's friends any more, or is all the same: each at most once a reading."""
    payload = {
        "friendship_id": str(one.id), "source": walk.source, "member": walk.member, "change": change, "state": one.state, "way": one.way,
        "reason": "", "read": True,
    }  # fmt: skip
    return NewEvent(
        type=FRIEND_REPORTED, bucket=one.bucket, customer_id=one.customer_id, origin_id=one.origin_id, occurred_at=tx.now, payload=payload,
        lane=LANE_NORMAL, event_id=derived_id(one.id, change, began),
    )  # fmt: skip


def _put_off(db: Database, tenant: UUID, account: UUID, member: str, failure: GatewayFailure) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update friend_walk set leased_until = null, failures = failures + 1, problem = %(problem)s::jsonb,
              due_at = now() + least(interval '3 hours', make_interval(secs => greatest(%(pause)s, 30 * 2 ^ least(failures, 10))))
            where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s
            """,
            {
                "tenant": tenant, "account": account, "member": member, "problem": to_json(failure.problem()),
                "pause": failure.retry_after_seconds or 0.0,
            },
        )  # fmt: skip


def trust(tx: Tx, account: UUID, member: str) -> int:
    """A person says that an adviser really lost so many: the next reading is believed. Returns whether there was anything held."""
    params: dict[str, Any] = {"tenant": tx.tenant_id, "account": account, "member": member}
    return tx.execute(
        """
        update friend_walk set trusted = true, due_at = now(), leased_until = null
        where tenant_id = %(tenant)s and account_id = %(account)s and member = %(member)s and held
        """,
        params,
    )
