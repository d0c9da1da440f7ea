"""Who is in which group as it follows from what platforms tell, and the events that flows hear: each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.groups.events import GROUP_JOINED, GROUP_LEFT, GROUP_REPORTED
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent, following
from tandem.stream.inbox import follow_up
from tandem.stream.projection import BACKFILL, AppliedEvent, Projection
from tandem.stream.rows import to_json

STALE: Final = timedelta(days=1)
"""Who was in a group for longer when reading found her there is no news."""


@dataclass(frozen=True, slots=True)
class _Membership:
    id: UUID
    bucket: int
    customer_id: UUID
    group_chat_id: UUID
    joined_at: datetime
    scene: str
    state: str
    live_code_id: UUID | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Group:
    id: UUID
    name: str
    owner: str


@dataclass(frozen=True, slots=True)
class _Code:
    id: UUID
    source: str
    state: str
    name: str
    channel: str


@dataclass(slots=True)
class _Batch:
    known: dict[UUID, _Membership]
    groups: dict[UUID, _Group]
    codes: dict[tuple[str, str], _Code]
    counts: dict[UUID, int]
    changed: dict[UUID, dict[str, Any]] = field(default_factory=dict[UUID, dict[str, Any]])
    news: list[NewEvent] = field(default_factory=list[NewEvent])


_KNOWN: Final = """
select id, bucket, customer_id, group_chat_id, joined_at, scene, state, live_code_id, left_at from group_membership
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
"""
_GROUPS: Final = "select id, name, owner from group_chat where tenant_id = %(tenant)s and id = any(%(groups)s::uuid[])"
_CODES: Final = """
select c.id, a.source, c.state, c.name, c.channel from live_code as c join source_account as a on a.tenant_id = %(tenant)s and a.id = c.account_id
where c.tenant_id = %(tenant)s and c.kind = 'group' and c.state = any(%(states)s::text[])
"""
_COUNTS: Final = """
select customer_id, count(*) as n from group_membership
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(customers)s::uuid[]) and left_at is null
group by customer_id
"""
_WRITE: Final = """
insert into group_membership (bucket, id, tenant_id, customer_id, origin_id, group_chat_id, joined_at, scene, state, live_code_id, left_at)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.origin_id, n.group_chat_id, n.joined_at, n.scene, n.state, n.live_code_id, n.left_at
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, group_chat_id uuid,
  joined_at timestamptz, scene text, state text, live_code_id uuid, left_at timestamptz)
on conflict (bucket, id) do update set joined_at = excluded.joined_at, scene = excluded.scene, state = excluded.state,
  live_code_id = excluded.live_code_id, left_at = excluded.left_at
"""


def project_groups(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Bring memberships up to what was told and tell what is news."""
    mine = [event for event in events if event.customer_id is not None]
    if not mine:
        return
    batch = _load(turn, mine)
    for event in mine:
        _apply(turn, batch, event)
    if batch.changed:
        turn.tx.execute(_WRITE, turn.params(rows=to_json(list(batch.changed.values()))))
    follow_up(turn, batch.news)


def _load(turn: Turn, events: Sequence[AppliedEvent]) -> _Batch:
    said = [event.payload for event in events]
    known = turn.tx.all(_Membership, _KNOWN, turn.params(ids=list({one["membership_id"] for one in said})))
    groups = turn.tx.all(_Group, _GROUPS, turn.params(groups=list({one["group_chat_id"] for one in said})))
    states = sorted({one["state"] for one in said if one["state"]} | {one.state for one in known if one.state})
    codes = turn.tx.all(_Code, _CODES, turn.params(states=states)) if states else []
    counts = turn.tx.dicts(_COUNTS, turn.params(customers=list({event.customer_id for event in events})))
    return _Batch(
        {one.id: one for one in known},
        {one.id: one for one in groups},
        {(one.source, one.state): one for one in codes},
        {one["customer_id"]: one["n"] for one in counts},
    )


def _apply(turn: Turn, batch: _Batch, event: AppliedEvent) -> None:
    said, customer = event.payload, event.customer_id
    if customer is None:
        return
    before = batch.known.get(UUID(said["membership_id"]))
    code = batch.codes.get((said["source"], said["state"]))
    if said["change"] == "left":
        if before is None or before.left_at is not None or event.occurred_at < before.joined_at:
            return
        after, kind, step = replace(before, left_at=event.occurred_at), GROUP_LEFT, -1
    else:
        there = before is not None and before.left_at is None
        if before is not None and event.occurred_at <= before.joined_at:
            return
        after = _Membership(
            UUID(said["membership_id"]), event.bucket, customer, UUID(said["group_chat_id"]), event.occurred_at, said["scene"], said["state"],
            None if code is None else code.id, None,
        )  # fmt: skip
        kind, step = GROUP_JOINED, 0 if there else 1
    batch.known[after.id] = after
    batch.changed[after.id] = _row(event, after)
    batch.counts[customer] = batch.counts.get(customer, 0) + step
    if step:
        batch.news.append(_news(turn, batch, event, kind, after, again=before is not None))


def _row(event: AppliedEvent, one: _Membership) -> dict[str, Any]:
    return {
        "bucket": event.bucket, "id": one.id, "customer_id": event.customer_id, "origin_id": event.origin_id or event.customer_id,
        "group_chat_id": one.group_chat_id, "joined_at": one.joined_at, "scene": one.scene, "state": one.state,
        "live_code_id": one.live_code_id, "left_at": one.left_at,
    }  # fmt: skip


def _news(turn: Turn, batch: _Batch, event: AppliedEvent, kind: str, one: _Membership, *, again: bool) -> NewEvent:
    group = batch.groups.get(one.group_chat_id)
    code = next((known for known in batch.codes.values() if known.id == one.live_code_id), None)
    payload: dict[str, Any] = {
        "group": group.name if group else None,
        "group_id": str(one.group_chat_id),
        "owner": group.owner if group else None,
        "state": one.state,
        "live_code": code.name if code else None,
        "live_code_id": str(one.live_code_id) if one.live_code_id else None,
        "channel": code.channel or None if code else None,
        "group_count": batch.counts.get(one.customer_id, 0),
    }
    if kind == GROUP_JOINED:
        payload |= {"scene": one.scene, "again": again}
    old = event.occurred_at < turn.now - STALE
    return following(
        event,
        kind,
        {name: value for name, value in payload.items() if value is not None},
        mode=BACKFILL if old else None,
    )


PROJECTIONS: Final = (Projection((GROUP_REPORTED,), project_groups, "contact.groups"),)
