"""What came of campaigns: the funnel, who invites, who came, and a person's word on what looks suspicious."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.domains.contact import pictures
from tandem.domains.contact.referral.campaigns import ALL_BUCKETS
from tandem.domains.contact.referral.shapes import State
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.kernel.turn import in_buckets
from tandem.kernel.wake import wake

# Friends of customers whom the caller may see; whole transactions see them all.
_OF: Final = "f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s"


def figures(tx: Tx, ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """The funnels of campaigns. The transaction must see every customer."""
    params = {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "ids": ids}
    found: dict[UUID, dict[str, int]] = {one: {} for one in ids}
    for row in tx.dicts(
        f"""
        select f.campaign_id, count(*)::int as joined, count(*) filter (where f.verdict = 'held')::int as held,
          count(*) filter (where f.verdict = 'counted')::int as counted, count(*) filter (where f.verdict = 'suspect')::int as suspect,
          count(*) filter (where f.verdict = 'refused')::int as refused, count(*) filter (where f.verdict = 'left')::int as "left"
        from referral_friend as f where {_OF} and f.campaign_id = any(%(ids)s::uuid[]) group by f.campaign_id
        """,
        params,
    ):
        found[row.pop("campaign_id")] |= row
    for row in tx.dicts(
        f"""
        select f.campaign_id, count(distinct f.customer_id)::int as inviters, coalesce(sum(cardinality(f.rewarded)), 0)::int as rewards
        from referral_inviter as f where {_OF} and f.campaign_id = any(%(ids)s::uuid[]) group by f.campaign_id
        """,
        params,
    ):
        found[row.pop("campaign_id")] |= row
    return found


@dataclass(frozen=True, slots=True)
class FriendRow:
    """Somebody who came."""

    id: UUID
    bucket: int
    inviter_id: UUID
    friend_id: UUID
    joined_at: datetime
    matures_at: datetime
    verdict: State
    reason: str


_FRIEND: Final = f"""
select f.id, f.bucket, f.customer_id as inviter_id, coalesce(m.merged_into, f.friend_id) as friend_id, f.joined_at, f.matures_at, f.verdict, f.reason
from referral_friend as f
join customer as k on k.bucket = f.bucket and k.tenant_id = %(tenant)s and k.id = f.customer_id
cross join lateral (select tandem_bucket(f.friend_id) as bucket offset 0) as b
left join customer as m on m.bucket = b.bucket and m.tenant_id = %(tenant)s and m.id = f.friend_id
where {_OF}
"""


def friends(
    tx: Tx, campaign_id: UUID, verdict: str | None, after: Sequence[str | None] | None, limit: int
) -> list[FriendRow]:
    """Who came by inviters whom the caller may see, newest first."""
    return tx.all(
        FriendRow,
        f"""{_FRIEND} and f.campaign_id = %(id)s and (%(verdict)s::text is null or f.verdict = %(verdict)s)
        and (%(at)s::timestamptz is null or (f.joined_at, f.id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by f.joined_at desc, f.id desc limit %(limit)s""",
        {
            "tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": campaign_id, "verdict": verdict, "at": after[0] if after else None,
            "last": after[1] if after else None, "limit": limit,
        },
    )  # fmt: skip


def decide(tx: Tx, friend_id: UUID, *, counts: bool) -> None:
    """A person's word on a suspicious friend: she has to stay like any other, or does not count. Raises NotFound, Conflict."""
    row = tx.maybe(
        FriendRow, f"{_FRIEND} and f.id = %(id)s", {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": friend_id}
    )
    if row is None:
        raise NotFound("no_such_friend", "没有这条邀请记录。", "There is no such friend.")
    buckets = in_buckets(tx.conn, [row.bucket])
    done = tx.execute(
        """
        update referral_friend set verdict = %(verdict)s, reason = %(reason)s, decided_by = %(user)s
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = %(id)s and verdict = 'suspect'
        """,
        {
            "tenant": tx.tenant_id, "buckets": buckets, "id": friend_id, "user": tx.user_id, "verdict": "held" if counts else "refused",
            "reason": "decided",
        },
    )  # fmt: skip
    if not done:
        raise Conflict("already_decided", "这条已经处理过了。", "This was decided already.")
    wake(tx, set(buckets))
    audit.record(
        tx, "referral_friend.decided", "referral_friend", friend_id, {"verdict": "suspect"}, {"counts": counts}
    )


@dataclass(frozen=True, slots=True)
class InviterRow:
    """A customer who invites."""

    id: UUID
    customer_id: UUID
    origin_id: UUID
    qr_url: str | None
    code_status: str
    problem: dict[str, Any] | None
    counted: int
    rewarded: list[int]


def inviters(tx: Tx, campaign_id: UUID) -> list[InviterRow]:
    """Inviters whom the caller may see, those with the most friends first; the first thousand."""
    return tx.all(
        InviterRow,
        """
        select i.id, i.customer_id, i.origin_id, i.qr_url, i.code_status, i.problem, i.rewarded,
          (select count(*) from referral_friend as f where f.bucket = i.bucket and f.bucket = any(%(buckets)s::smallint[])
             and f.tenant_id = %(tenant)s and f.customer_id = i.customer_id and f.campaign_id = i.campaign_id and f.verdict = 'counted')::int as counted
        from referral_inviter as i
        join customer as k on k.bucket = i.bucket and k.bucket = any(%(buckets)s::smallint[]) and k.tenant_id = %(tenant)s and k.id = i.customer_id
        where i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.campaign_id = %(id)s
        order by counted desc, i.id limit 1000
        """,
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": campaign_id},
    )


def poster(tx: Tx, campaign_id: UUID, customer: UUID) -> tuple[str | None, str | None, str | None] | None:
    """What an inviter's poster shows: name, words, picture of her code; None when the campaign is over. Raises LookupError."""
    rows: list[tuple[Any, ...]] = tx.cursor(
        """
        select c.name, c.words, i.qr_url, coalesce((a.config->>'simulated')::boolean, false), c.status = 'running' and (c.ends_at is null or c.ends_at > %(now)s)
        from referral_inviter as i join referral_campaign as c on c.tenant_id = %(tenant)s and c.id = i.campaign_id
        join source_account as a on a.tenant_id = %(tenant)s and a.id = c.account_id
        where i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.campaign_id = %(id)s and i.origin_id = %(customer)s
        """,
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": campaign_id, "customer": customer, "now": tx.now},
    ).fetchall()
    if not rows:
        raise LookupError("nobody invites by this link")
    name, words, url, simulated, runs = rows[0]
    shown = pictures.address(pictures.drawn(url)) if simulated and url else url
    return (name, words, shown) if runs else None
