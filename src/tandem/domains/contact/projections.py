"""Friendships as they follow from what platforms tell, and the events that people's flows hear: each once, whoever told it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.events import (
    FRIEND_ADDED,
    FRIEND_ASKED,
    FRIEND_FOUND,
    FRIEND_LOST,
    FRIEND_REMOVED,
    FRIEND_REPORTED,
    HAND_OVER_FAILED,
)
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent, following
from tandem.stream.inbox import follow_up
from tandem.stream.projection import BACKFILL, AppliedEvent, Projection
from tandem.stream.rows import to_json
from tandem.stream.segment.cause import Cause, cause_of
from tandem.stream.tags import service as tags

STALE: Final = timedelta(days=1)
"""What reading finds of an older friendship is history: it starts nothing. What a platform tells is news however late it comes."""
TAG_SOURCE: Final = "live_code"
_BY_WHOM: Final = {"lost": "customer", "removed": "adviser", "missing": "unknown"}
"""Who ended a friendship, by what was told; found missing, nobody knows."""


@dataclass(frozen=True, slots=True)
class _Friendship:
    id: UUID
    bucket: int
    customer_id: UUID
    added_at: datetime | None
    answered: bool
    state: str
    live_code_id: UUID | None
    way: str
    lost_at: datetime | None
    lost_by: str | None


@dataclass(frozen=True, slots=True)
class _Code:
    id: UUID
    source: str
    state: str
    name: str
    channel: str
    tags: list[str]


@dataclass(slots=True)
class _Batch:
    """What a batch changes, in order."""

    known: dict[UUID, _Friendship]
    codes: dict[tuple[str, str], _Code]
    advisers: dict[tuple[str, str], str]
    changed: dict[UUID, dict[str, Any]] = field(default_factory=dict[UUID, dict[str, Any]])
    news: list[NewEvent] = field(default_factory=list[NewEvent])
    tagged: dict[tuple[int, UUID, str], Cause] = field(default_factory=dict[tuple[int, UUID, str], Cause])


_KNOWN: Final = """
select id, bucket, customer_id, added_at, answered, state, live_code_id, way, lost_at, lost_by from friendship
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
"""
_CODES: Final = """
select c.id, a.source, c.state, c.name, c.channel, c.tags from live_code as c
join source_account as a on a.tenant_id = %(tenant)s and a.id = c.account_id
where c.tenant_id = %(tenant)s and c.state = any(%(states)s::text[])
"""
_ADVISERS: Final = """
select a.source, d.member, d.name from adviser as d join source_account as a on a.tenant_id = %(tenant)s and a.id = d.account_id
where d.tenant_id = %(tenant)s and d.member = any(%(members)s::text[])
"""
_WRITE: Final = """
insert into friendship (bucket, id, tenant_id, customer_id, origin_id, source, member, added_at, answered, state, live_code_id, way, lost_at, lost_by)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.origin_id, n.source, n.member, n.added_at, n.answered, n.state, n.live_code_id, n.way, n.lost_at,
  n.lost_by
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, source text, member text,
  added_at timestamptz, answered boolean, state text, live_code_id uuid, way text, lost_at timestamptz, lost_by text)
on conflict (bucket, id) do update set added_at = excluded.added_at, answered = excluded.answered, state = excluded.state,
  live_code_id = excluded.live_code_id, way = excluded.way, lost_at = excluded.lost_at, lost_by = excluded.lost_by
"""


def project_friends(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Bring friendships up to what was told and tell what is news."""
    mine = [event for event in events if event.customer_id is not None]
    if not mine:
        return
    batch = _load(turn, mine)
    for event in mine:
        _apply(turn, batch, event)
    if batch.changed:
        turn.tx.execute(_WRITE, turn.params(rows=to_json(list(batch.changed.values()))))
    # Tags first: a flow that begins with a friend finds what her code says of her.
    _tag(turn, batch)
    follow_up(turn, batch.news)


def _load(turn: Turn, events: Sequence[AppliedEvent]) -> _Batch:
    said = [event.payload for event in events]
    ids = list({one["friendship_id"] for one in said})
    known = turn.tx.all(_Friendship, _KNOWN, turn.params(ids=ids))
    states = sorted({one["state"] for one in said if one["state"]} | {one.state for one in known if one.state})
    codes = turn.tx.all(_Code, _CODES, turn.params(states=states)) if states else []
    advisers = turn.tx.dicts(_ADVISERS, turn.params(members=sorted({one["member"] for one in said})))
    return _Batch(
        {one.id: one for one in known},
        {(one.source, one.state): one for one in codes},
        {(one["source"], one["member"]): one["name"] for one in advisers},
    )


def _apply(turn: Turn, batch: _Batch, event: AppliedEvent) -> None:
    said = event.payload
    friendship = UUID(said["friendship_id"])
    before, change = batch.known.get(friendship), said["change"]
    if change == "hand_over_failed":
        batch.news.append(_news(turn, batch, event, HAND_OVER_FAILED, {"reason": said["reason"]}))
        return
    if change == "back":
        # She was called lost by mistake: she did not come, but whoever let go of her (a referral, an alert) has to know.
        if (
            before is not None
            and before.lost_by == "unknown"
            and before.lost_at is not None
            and before.lost_at < event.occurred_at
        ):
            batch.known[friendship] = after = replace(before, lost_at=None, lost_by=None)
            batch.changed[friendship] = _row(event, after)
            batch.news.append(_news(turn, batch, event, FRIEND_FOUND, {}))
        return
    blank = _Friendship(friendship, event.bucket, event.customer_id or friendship, None, True, "", None, "", None, None)
    now = before or blank
    if change in {"added", "asked"}:
        after, kind, more = _added(batch, event, now)
    else:
        after, kind, more = _ended(event, now)
    if after != now or before is None:
        batch.known[friendship] = after
        batch.changed[friendship] = _row(event, after)
    if kind is not None:
        batch.news.append(_news(turn, batch, event, kind, more))
        code = batch.codes.get((said["source"], said["state"]))
        if kind == FRIEND_ADDED and code is not None and event.customer_id is not None:
            for tag in code.tags:
                batch.tagged[(event.bucket, event.customer_id, tag)] = cause_of(event)


def _added(batch: _Batch, event: AppliedEvent, now: _Friendship) -> tuple[_Friendship, str | None, dict[str, Any]]:
    """After somebody was added or asked. Told twice (a call, then a reading) it is no news; an end that is later stays the end."""
    said, at, asked = event.payload, event.occurred_at, event.payload["change"] == "asked"
    ended_later = now.lost_at is not None and now.lost_at >= at
    friends = now.added_at is not None and now.lost_at is None
    code = batch.codes.get((said["source"], said["state"]))
    if ended_later or (friends and (asked or now.answered)):
        # What the call did not say, a reading may: how they met.
        told = replace(now, way=now.way or said["way"], added_at=now.added_at or at)
        return (told if friends or now.added_at is None else now), None, {}
    after = replace(
        now, added_at=now.added_at if friends else at, answered=not asked, state=said["state"] or now.state,
        live_code_id=now.live_code_id if code is None and friends else None if code is None else code.id,
        way=said["way"] or now.way, lost_at=None, lost_by=None,
    )  # fmt: skip
    again = now.lost_at is not None
    return after, FRIEND_ASKED if asked else FRIEND_ADDED, {"way": said["way"], "again": again}


def _ended(event: AppliedEvent, now: _Friendship) -> tuple[_Friendship, str | None, dict[str, Any]]:
    """After one of the two removed the other. Once: who was removed first is gone."""
    at, by_whom = event.occurred_at, _BY_WHOM[event.payload["change"]]
    if now.lost_at is not None or (now.added_at is not None and at < now.added_at):
        return now, None, {}
    after = replace(now, lost_at=at, lost_by=by_whom)
    return after, FRIEND_REMOVED if by_whom == "adviser" else FRIEND_LOST, {"by": by_whom}


def _row(event: AppliedEvent, one: _Friendship) -> dict[str, Any]:
    said = event.payload
    return {
        "bucket": event.bucket, "id": one.id, "customer_id": event.customer_id, "origin_id": event.origin_id or event.customer_id,
        "source": said["source"], "member": said["member"], "added_at": one.added_at, "answered": one.answered, "state": one.state,
        "live_code_id": one.live_code_id, "way": one.way, "lost_at": one.lost_at, "lost_by": one.lost_by,
    }  # fmt: skip


def _news(turn: Turn, batch: _Batch, event: AppliedEvent, kind: str, more: dict[str, Any]) -> NewEvent:
    said = event.payload
    known = batch.known.get(UUID(said["friendship_id"]))
    code = batch.codes.get((said["source"], said["state"] or (known.state if known else "")))
    payload: dict[str, Any] = {
        "member": said["member"],
        "adviser": batch.advisers.get((said["source"], said["member"]), said["member"]),
        "state": said["state"] or (known.state if known else ""),
        "live_code": code.name if code else None,
        "live_code_id": str(code.id) if code else None,
        "channel": code.channel or None if code else None,
        **more,
    }
    old = said.get("read") and event.occurred_at < turn.now - STALE
    return following(
        event,
        kind,
        {name: value for name, value in payload.items() if value is not None},
        mode=BACKFILL if old else None,
    )


def _tag(turn: Turn, batch: _Batch) -> None:
    """What a live code says of whoever comes by it."""
    if not batch.tagged:
        return
    rows = tags.without_computed(turn.tx, list(batch.tagged))
    tags.know(turn.tx, {row[2] for row in rows})
    causes = {(row[0], row[1]): cause for row, cause in batch.tagged.items()}
    tags.add(turn, rows, source=TAG_SOURCE, causes=causes)


PROJECTIONS: Final = (Projection((FRIEND_REPORTED,), project_friends, "contact.friendships"),)
