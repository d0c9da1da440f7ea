"""Tags follow what platforms tell of advisers' customers, and the platform is told what changed here: in the customer's own turn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.events import FRIEND_ADDED, FRIEND_REPORTED, FRIEND_TAGS
from tandem.domains.contact.tagging import spreading
from tandem.domains.contact.tagging.deciding import Wins, change, hear
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.rows import to_json
from tandem.stream.segment.cause import Cause, cause_of
from tandem.stream.tags import service as tags

BY_ADVISER: Final = "adviser"
"""The source of a tag that an adviser gave on the platform."""
ENDS: Final = {"lost", "removed", "missing"}
TAG_ADDED: Final = "tag.added"
TAG_REMOVED: Final = "tag.removed"


@dataclass(frozen=True, slots=True)
class _Label:
    id: UUID
    account_id: UUID
    source: str
    tag_id: str | None
    tag: str
    wins: Wins
    met: bool


@dataclass(frozen=True, slots=True)
class _Friend:
    id: UUID
    bucket: int
    customer_id: UUID
    origin_id: UUID
    source: str
    member: str


@dataclass(frozen=True, slots=True)
class _Known:
    friendship_id: UUID
    label_id: UUID
    there: bool
    known_at: datetime
    wanted: bool | None


@dataclass(slots=True)
class _Work:
    """What a batch knows, and what it changes."""

    labels: list[_Label]
    friends: dict[UUID, list[_Friend]]
    """Living friendships by customer."""
    known: dict[tuple[UUID, UUID], _Known]
    """By friendship and label."""
    ours: set[tuple[UUID, str]]
    """Customer and tag."""
    rows: dict[tuple[UUID, UUID], dict[str, Any]] = field(default_factory=dict[tuple[UUID, UUID], dict[str, Any]])
    take: dict[tuple[int, UUID, str], bool] = field(default_factory=dict[tuple[int, UUID, str], bool])
    causes: dict[tuple[int, UUID], Cause] = field(default_factory=dict[tuple[int, UUID], Cause])
    conflicts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def put(self, one: _Friend, label: _Label, *, there: bool, at: datetime, wanted: bool | None) -> None:
        """What is known of a friendship and a label from now on."""
        self.known[one.id, label.id] = _Known(one.id, label.id, there, at, wanted)
        self.rows[one.id, label.id] = {
            "bucket": one.bucket, "friendship_id": one.id, "label_id": label.id, "customer_id": one.customer_id, "origin_id": one.origin_id,
            "account_id": label.account_id, "there": there, "known_at": at, "wanted": wanted,
        }  # fmt: skip

    def given(self, customer: UUID, label: _Label, *, but: UUID | None = None) -> bool:
        """Whether an adviser of hers, or another one, gives her a tag there."""
        return any(
            known.there
            for one in self.friends.get(customer, [])
            if one.id != but and (known := self.known.get((one.id, label.id))) is not None
        )

    def set_ours(self, event: AppliedEvent, customer: UUID, tag: str, *, has: bool) -> None:
        """She has a tag from now on, or has not."""
        (self.ours.add if has else self.ours.discard)((customer, tag))
        self.take[event.bucket, customer, tag] = has
        self.causes[event.bucket, customer] = cause_of(event)

    def set_back(self, event: AppliedEvent, one: _Friend, label: _Label, kept: str, *, ours: bool) -> None:
        """One side's change is undone, and people see it."""
        self.conflicts.append(
            {
                "bucket": one.bucket, "id": new_id(), "customer_id": one.customer_id, "origin_id": one.origin_id, "label_id": label.id,
                "member": one.member, "at": event.occurred_at, "ours": ours, "kept": kept,
            }
        )  # fmt: skip


_LABELS: Final = """
select p.id, p.account_id, s.source, p.tag_id, p.tag, g.wins, a.met_at is not null as met
from platform_tag as p
join platform_tag_group as g on g.tenant_id = %(tenant)s and g.id = p.group_row and g.wins <> 'off'
join source_account as s on s.tenant_id = %(tenant)s and s.id = p.account_id
join tag_account as a on a.tenant_id = %(tenant)s and a.account_id = p.account_id
where p.tenant_id = %(tenant)s and p.status in ('there', 'wanted')
  and (%(sources)s::text[] is null or s.source = any(%(sources)s::text[])) and (%(tags)s::text[] is null or p.tag = any(%(tags)s::text[]))
"""
_FRIENDS: Final = """
select id, bucket, customer_id, origin_id, source, member from friendship
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(customers)s::uuid[]) and lost_at is null
  and added_at is not null and answered and source = any(%(sources)s::text[])
order by added_at, id
"""
_KNOWN: Final = """
select friendship_id, label_id, there, known_at, wanted from friend_tag
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(customers)s::uuid[])
"""
_OURS: Final = """
select customer_id, tag from customer_tag
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(customers)s::uuid[]) and tag = any(%(tags)s::text[])
"""
_WRITE: Final = """
insert into friend_tag as f (bucket, friendship_id, label_id, tenant_id, customer_id, origin_id, account_id, there, known_at, wanted, due_at)
select n.bucket, n.friendship_id, n.label_id, %(tenant)s, n.customer_id, n.origin_id, n.account_id, n.there, n.known_at, n.wanted,
  case when n.wanted is not null then clock_timestamp() end
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, friendship_id uuid, label_id uuid, customer_id uuid, origin_id uuid, account_id uuid,
  there boolean, known_at timestamptz, wanted boolean)
on conflict (bucket, friendship_id, label_id) do update set there = excluded.there, known_at = excluded.known_at, wanted = excluded.wanted,
  due_at = excluded.due_at, attempts = 0, problem = null
"""
_CONFLICTS: Final = """
insert into tag_conflict (bucket, id, tenant_id, customer_id, origin_id, label_id, member, at, ours, kept)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.origin_id, n.label_id, n.member, n.at, n.ours, n.kept
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, label_id uuid, member text,
  at timestamptz, ours boolean, kept text)
"""


def _load(turn: Turn, customers: set[UUID], *, sources: list[str] | None, names: list[str] | None) -> _Work | None:
    labels = turn.tx.all(_Label, _LABELS, turn.params(sources=sources, tags=names))
    if not labels:
        return None
    params = turn.params(
        customers=sorted(customers),
        sources=sorted({one.source for one in labels}),
        tags=sorted({one.tag for one in labels}),
    )
    friends: dict[UUID, list[_Friend]] = defaultdict(list)
    for one in turn.tx.all(_Friend, _FRIENDS, params):
        friends[one.customer_id].append(one)
    known = {(one.friendship_id, one.label_id): one for one in turn.tx.all(_Known, _KNOWN, params)}
    ours = {(row[0], row[1]) for row in turn.tx.cursor(_OURS, params)}
    return _Work(labels, friends, known, ours)


def _keep(turn: Turn, work: _Work) -> None:
    if work.rows:
        turn.tx.execute(_WRITE, turn.params(rows=to_json(list(work.rows.values()))))
    if work.conflicts:
        turn.tx.execute(_CONFLICTS, turn.params(rows=to_json(work.conflicts)))
    added = [row for row, has in work.take.items() if has]
    removed = [row for row, has in work.take.items() if not has]
    if added:
        added = tags.without_computed(turn.tx, added)
        tags.know(turn.tx, {row[2] for row in added})
        tags.add(turn, added, source=BY_ADVISER, causes=work.causes)
    if removed:
        tags.remove(turn, tags.without_computed(turn.tx, removed), source=BY_ADVISER, causes=work.causes)


def project_told(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """What platforms tell of the tags that advisers gave."""
    mine = [event for event in events if event.customer_id is not None]
    sources = sorted({event.payload["source"] for event in mine})
    work = _load(turn, {event.customer_id for event in mine if event.customer_id}, sources=sources, names=None)
    if work is None:
        return
    for event in mine:
        _told(work, event)
    _keep(turn, work)


def _told(work: _Work, event: AppliedEvent) -> None:
    said, customer = event.payload, event.customer_id
    friend = next(
        (one for one in work.friends.get(customer or UUID(int=0), []) if str(one.id) == said["friendship_id"]), None
    )
    if friend is None or customer is None:
        return  # not a friend (any more): the next reading tells again
    at, there = datetime.fromisoformat(said["read_at"]), set(said["tags"])
    for label in work.labels:
        if label.source != said["source"] or label.tag_id is None:
            continue
        before, now = work.known.get((friend.id, label.id)), label.tag_id in there
        if before is None and not now:
            continue
        if before is not None and at <= before.known_at:
            continue  # read before what we know: our own telling may lie between
        pending = None if before is None or before.wanted == now else before.wanted
        if before is not None and before.there == now and pending == before.wanted:
            continue
        known, ours = before is not None and before.there, (customer, label.tag) in work.ours
        elsewhere = work.given(customer, label, but=friend.id)
        found = hear(said=now, known=known, ours=ours, elsewhere=elsewhere, wins=label.wins, met=label.met)
        work.put(friend, label, there=now, at=at, wanted=pending if now == known else found.push)
        if found.take is not None:
            work.set_ours(event, customer, label.tag, has=found.take)
        if found.conflict:
            work.set_back(event, friend, label, "ours", ours=ours)


def project_changed(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """What changed here, by hand, flow or file, and new friends: their adviser is to know the tags we have now."""
    mine = [event for event in events if event.customer_id is not None and event.payload.get("source") != BY_ADVISER]
    if not mine:
        return
    fresh = any(event.type == FRIEND_ADDED for event in mine)
    names = None if fresh else sorted({event.payload["tag"] for event in mine})
    work = _load(turn, {event.customer_id for event in mine if event.customer_id}, sources=None, names=names)
    if work is None:
        return
    for event in mine:
        for label in work.labels:
            if event.type == FRIEND_ADDED or event.payload["tag"] == label.tag:
                _changed(work, event, label)
    _keep(turn, work)


def _changed(work: _Work, event: AppliedEvent, label: _Label) -> None:
    customer = event.customer_id
    friends = [one for one in work.friends.get(customer or UUID(int=0), []) if one.source == label.source]
    if customer is None or not friends:
        return
    ours = (customer, label.tag) in work.ours
    if event.type == FRIEND_ADDED and not ours:
        return
    found = change(ours=ours, there=work.given(customer, label), wins=label.wins)
    if found.back is not None and event.type != FRIEND_ADDED:
        work.set_ours(event, customer, label.tag, has=found.back)
        work.set_back(event, friends[0], label, "platform", ours=ours)
    if found.push is None:
        return
    for one in friends:
        before = work.known.get((one.id, label.id))
        there = before is not None and before.there
        wanted = found.push if found.push != there else None
        if wanted is not None or (before is not None and before.wanted is not None):
            work.put(
                one, label, there=there, at=event.received_at if before is None else before.known_at, wanted=wanted
            )


def project_ended(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Who is no friend any more has no tags there: should she come back, both sides begin anew. What we know of her stays."""
    gone = [UUID(event.payload["friendship_id"]) for event in events if event.payload["change"] in ENDS]
    if gone:
        turn.tx.execute(
            """
            delete from friend_tag where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
              and friendship_id = any(%(ids)s::uuid[])
            """,
            turn.params(ids=gone),
        )


def has_labels(turn: Turn) -> bool:
    """Whether anything of the tenant's tags is known to a platform: nobody else's tag events are listened to."""
    return bool(turn.tx.value("select exists (select from platform_tag where tenant_id = %(tenant)s)", turn.params()))


PROJECTIONS: Final = (
    Projection((FRIEND_TAGS,), project_told, "contact.tags_told"),
    Projection((FRIEND_REPORTED,), project_ended, "contact.tags_ended"),
    Projection((TAG_ADDED, TAG_REMOVED, FRIEND_ADDED), project_changed, "contact.tags_changed", wanted=has_labels),
    *spreading.projections(has_labels),
)
