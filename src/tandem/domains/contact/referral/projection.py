"""A friend who comes by an inviter's code is the friend's event; what it means for the inviter is an event of her own (ENGINE_RULES 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.contact.events import FRIEND_ADDED, FRIEND_FOUND, FRIEND_LOST, FRIEND_REMOVED
from tandem.domains.contact.referral.events import REFERRAL_JOINED, REFERRAL_LEFT, REFERRAL_TOLD
from tandem.domains.contact.referral.verdict import Before, Came, Rules, Verdict, judge, read_state
from tandem.kernel.ids import bucket_of, derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent, following
from tandem.stream.inbox import emit, follow_up
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.rows import to_json

# Known before: she bought something, or was somebody's friend, earlier than she came.
_KNOWN: Final = """
select t.event_id from jsonb_to_recordset(%(rows)s::jsonb) as t(event_id uuid, bucket smallint, customer_id uuid, at timestamptz, member text)
where exists (select from friendship as f where f.bucket = t.bucket and f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s
    and f.customer_id = t.customer_id and f.added_at < t.at and f.member <> t.member)
  or exists (select from customer_profile as p where p.bucket = t.bucket and p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s
    and p.customer_id = t.customer_id and p.first_order_at < t.at)
"""


def hand_on(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Tell inviters that a friend of theirs came or left."""
    mine = [
        (event, read)
        for event in events
        if event.customer_id is not None and (read := read_state(str(event.payload.get("state") or "")))
    ]
    if not mine:
        return
    asked = [
        {"event_id": one.event_id, "bucket": one.bucket, "customer_id": one.customer_id, "at": one.occurred_at, "member": one.payload["member"]}
        for one, _ in mine
        if one.type == FRIEND_ADDED
    ]  # fmt: skip
    known = set(turn.tx.values(_KNOWN, turn.params(rows=to_json(asked)))) if asked else set[UUID]()
    emit(turn, [_told(event, code, inviter, event.event_id in known) for event, (code, inviter) in mine])


def _told(event: AppliedEvent, code: str, inviter: UUID, known: bool) -> NewEvent:  # noqa: FBT001 - one of two facts
    change = {FRIEND_ADDED: "joined", FRIEND_FOUND: "found"}.get(event.type, "left")
    # By whom she was first: a merge between her coming and her leaving changes who she is, not that.
    payload: dict[str, Any] = {
        "code": code, "friend_id": str(event.origin_id or event.customer_id), "person_id": str(event.customer_id), "change": change, "known": known,
        "again": bool(event.payload.get("again")),
    }  # fmt: skip
    return NewEvent(
        type=REFERRAL_TOLD,
        bucket=bucket_of(inviter),
        customer_id=inviter,
        occurred_at=event.occurred_at,
        payload=payload,
        lane=event.lane,
        mode=event.mode,
        event_id=derived_id(event.event_id, "inviter", inviter),
        cause_id=event.event_id,
        root_id=event.root_id or event.event_id,
        hops=event.hops + 1,
    )


@dataclass(frozen=True, slots=True)
class _Campaign:
    id: UUID
    code: str
    name: str
    status: str
    ends_at: datetime | None
    hold_days: int
    friends_max: int
    daily_max: int
    burst_friends: int
    burst_minutes: int

    def rules(self, at: datetime) -> Rules:
        running = self.status == "running" and (self.ends_at is None or at < self.ends_at)
        return Rules(running, self.hold_days, self.friends_max, self.daily_max, self.burst_friends, self.burst_minutes)


@dataclass(frozen=True, slots=True)
class _Friend:
    id: UUID
    customer_id: UUID
    campaign_id: UUID
    friend_id: UUID
    joined_at: datetime
    verdict: Verdict


_CAMPAIGNS: Final = """
select id, code, name, status, ends_at, hold_days, friends_max, daily_max, burst_friends, burst_minutes from referral_campaign
where tenant_id = %(tenant)s and code = any(%(codes)s::text[])
"""
_FRIENDS: Final = """
select id, customer_id, campaign_id, friend_id, joined_at, verdict from referral_friend
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(ids)s::uuid[])
"""
# Only for whoever invites: a state that somebody made up names nobody who does.
_WRITE: Final = """
insert into referral_friend (bucket, id, tenant_id, customer_id, origin_id, campaign_id, friend_id, joined_at, matures_at, verdict, reason)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.origin_id, n.campaign_id, n.friend_id, n.joined_at, n.matures_at, n.verdict, n.reason
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, campaign_id uuid, friend_id uuid,
  joined_at timestamptz, matures_at timestamptz, verdict text, reason text)
where exists (select from referral_inviter as i where i.bucket = n.bucket and i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s
  and i.customer_id = n.customer_id and i.campaign_id = n.campaign_id)
on conflict (bucket, id) do nothing returning id
"""
_LEAVE: Final = """
update referral_friend as f set verdict = 'left', reason = 'left'
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.id = any(%(ids)s::uuid[]) and f.verdict in ('held', 'suspect')
"""
# Whoever was let go of by mistake has to stay as long as before; what a person decided meanwhile stands.
_BACK: Final = """
update referral_friend as f set verdict = 'held', reason = 'found'
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.id = any(%(ids)s::uuid[]) and f.verdict = 'left'
"""


def judge_friends(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Judge friends who came, and let go of those who left before they counted."""
    mine = [one for one in events if one.customer_id is not None]
    if not mine:
        return
    campaigns = {
        one.code: one
        for one in turn.tx.all(_Campaign, _CAMPAIGNS, turn.params(codes=[one.payload["code"] for one in mine]))
    }
    friends = turn.tx.all(_Friend, _FRIENDS, turn.params(ids=[one.customer_id for one in mine]))
    came: list[dict[str, Any]] = []
    news: dict[UUID, NewEvent] = {}
    gone: list[_Friend] = []
    back: list[_Friend] = []
    lost: list[NewEvent] = []
    for event in mine:
        campaign = campaigns.get(event.payload["code"])
        if campaign is None:
            continue
        hers = [one for one in friends if (one.customer_id, one.campaign_id) == (event.customer_id, campaign.id)]
        friend = UUID(event.payload["friend_id"])
        if event.payload["change"] == "found":
            back += [one for one in hers if one.friend_id == friend]
            continue
        if event.payload["change"] == "left":
            gone += (held := [one for one in hers if one.friend_id == friend and one.verdict in {"held", "suspect"}])
            lost += [_news(event, REFERRAL_LEFT, campaign.name, {})] if held else []
            continue
        row = _judged(turn, event, campaign, hers, friend)
        came.append(row)
        friends.append(_Friend(row["id"], row["customer_id"], campaign.id, friend, event.occurred_at, row["verdict"]))
        news[row["id"]] = _news(
            event, REFERRAL_JOINED, campaign.name, {"verdict": row["verdict"], "friend_id": str(friend)}
        )
    written = set(turn.tx.values(_WRITE, turn.params(rows=to_json(came)))) if came else set[UUID]()
    if gone:
        turn.tx.execute(_LEAVE, turn.params(ids=[one.id for one in gone]))
    if back:
        turn.tx.execute(_BACK, turn.params(ids=[one.id for one in back]))
    follow_up(turn, [one for key, one in news.items() if key in written] + lost)


def _judged(
    turn: Turn, event: AppliedEvent, campaign: _Campaign, hers: Sequence[_Friend], friend: UUID
) -> dict[str, Any]:
    inviter, at, said = event.customer_id or friend, event.occurred_at, event.payload
    begins = at.astimezone(ZoneInfo(turn.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    before = [Before(one.friend_id, one.joined_at, one.verdict) for one in hers]
    came = Came(friend, inviter, at, said["known"], said["again"], UUID(said["person_id"]))
    verdict, reason = judge(came, campaign.rules(at), before, begins)
    return {
        "bucket": event.bucket, "id": derived_id(event.event_id, "friend"), "customer_id": inviter, "origin_id": event.origin_id or inviter,
        "campaign_id": campaign.id, "friend_id": friend, "joined_at": at, "matures_at": at + timedelta(days=campaign.hold_days),
        "verdict": verdict, "reason": reason,
    }  # fmt: skip


def _news(event: AppliedEvent, kind: str, campaign: str, more: dict[str, Any]) -> NewEvent:
    return following(event, kind, {"campaign": campaign, "code": event.payload["code"], **more})


PROJECTIONS: Final = (
    Projection((FRIEND_ADDED, FRIEND_FOUND, FRIEND_LOST, FRIEND_REMOVED), hand_on, "contact.referrals_told"),
    Projection((REFERRAL_TOLD,), judge_friends, "contact.referrals"),
)
