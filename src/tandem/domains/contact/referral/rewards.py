"""Friends who stayed count, and tiers that are reached are rewarded: in the inviter's bucket, each tier once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.referral.events import REFERRAL_COUNTED, REFERRAL_LEFT, REFERRAL_REWARDED
from tandem.domains.contact.referral.verdict import CODE_LENGTH, Tier, reached, tiers_of
from tandem.domains.marketing.service import Gift, give
from tandem.flow.module import TurnStep
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import follow_up
from tandem.stream.rows import to_json

# Looked at once more, wherever the friend is at home: whoever is no friend by this campaign any more was missed
# when she left, and who is the inviter herself by now was merged with her.
_MATURE: Final = """
with due as materialized (
  select f.bucket, f.id, f.friend_id from referral_friend as f
  where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.verdict = 'held' and f.matures_at <= %(now)s
  order by f.matures_at limit %(limit)s
)
, looked as materialized (
  select d.bucket, d.id, p.id as person_id, exists (
    select from friendship as g join referral_campaign as c on c.tenant_id = %(tenant)s and c.code = substr(g.state, 2, %(code_length)s)
    join referral_friend as r on r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.bucket = d.bucket and r.id = d.id
      and r.campaign_id = c.id
    where g.bucket = p.bucket and g.tenant_id = %(tenant)s
      and g.customer_id = p.id and g.origin_id = d.friend_id and g.added_at is not null and g.lost_at is null) as stays
  from due as d cross join lateral (select tandem_bucket(d.friend_id) as bucket offset 0) as b
  left join customer as k on k.bucket = b.bucket and k.tenant_id = %(tenant)s and k.id = d.friend_id
  cross join lateral (
    select coalesce(k.merged_into, k.id) as id, tandem_bucket(coalesce(k.merged_into, k.id)) as bucket offset 0) as p
)
update referral_friend as f set
  verdict = case when d.person_id = f.customer_id then 'refused' when d.stays then 'counted' else 'left' end,
  reason = case when d.person_id = f.customer_id then 'self' when d.stays then f.reason else 'left' end
from looked as d
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.bucket = d.bucket and f.id = d.id
returning f.bucket, f.id, f.customer_id, f.origin_id, f.campaign_id, f.verdict
"""


@dataclass(frozen=True, slots=True)
class _Matured:
    bucket: int
    id: UUID
    customer_id: UUID
    origin_id: UUID
    campaign_id: UUID
    verdict: str


@dataclass(frozen=True, slots=True)
class _Inviter:
    id: UUID
    bucket: int
    customer_id: UUID
    origin_id: UUID
    campaign_id: UUID
    rewarded: list[int]
    name: str
    tiers: list[Any]
    counted: int


# An inviter who was merged may stand twice: the count is over all her friends, what she got over all her rows.
_INVITERS: Final = """
select distinct on (i.customer_id, i.campaign_id) i.id, i.bucket, i.customer_id, i.origin_id, i.campaign_id,
  array(select distinct g from referral_inviter as j cross join lateral unnest(j.rewarded) as g
        where j.bucket = i.bucket and j.bucket = any(%(buckets)s::smallint[]) and j.tenant_id = %(tenant)s and j.customer_id = i.customer_id
          and j.campaign_id = i.campaign_id)::smallint[] as rewarded,
  c.name, c.tiers,
  (select count(*) from referral_friend as f where f.bucket = i.bucket and f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s
     and f.customer_id = i.customer_id and f.campaign_id = i.campaign_id and f.verdict = 'counted')::int as counted
from referral_inviter as i join referral_campaign as c on c.tenant_id = %(tenant)s and c.id = i.campaign_id
where i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.customer_id = any(%(ids)s::uuid[])
order by i.customer_id, i.campaign_id, i.began_at
"""
_REWARDED: Final = """
update referral_inviter as i set rewarded = i.rewarded || n.tiers
from (select bucket, id, array_agg(tier)::smallint[] as tiers from jsonb_to_recordset(%(rows)s::jsonb) as r(bucket smallint, id uuid, tier smallint)
      group by bucket, id) as n
where i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.bucket = n.bucket and i.id = n.id
"""


def mature(turn: Turn, limit: int) -> int:
    """Count at most `limit` friends who stayed long enough, and reward whom that brings to a tier; returns how many were looked at."""
    rows = turn.tx.all(_Matured, _MATURE, turn.params(limit=limit, code_length=CODE_LENGTH))
    counted = [one for one in rows if one.verdict == "counted"]
    if counted:
        _reward(turn, counted)
    _tell_left(turn, [one for one in rows if one.verdict == "left"])
    return len(rows)


def _tell_left(turn: Turn, rows: Sequence[_Matured]) -> None:
    """Found gone only now, when she would have counted: flows hear of it as of any other who left."""
    if not rows:
        return
    found = turn.tx.cursor(
        "select id, name from referral_campaign where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])",
        turn.params(ids=sorted({one.campaign_id for one in rows})),
    )
    names: dict[UUID, str] = dict(found.fetchall())
    follow_up(
        turn,
        [
            NewEvent(
                type=REFERRAL_LEFT, bucket=one.bucket, customer_id=one.customer_id, origin_id=one.origin_id, occurred_at=turn.now,
                payload={"campaign": names.get(one.campaign_id, "")}, event_id=derived_id(one.id, REFERRAL_LEFT),
            )
            for one in rows
        ],
    )  # fmt: skip


def _reward(turn: Turn, rows: Sequence[_Matured]) -> None:
    wanted = {(one.customer_id, one.campaign_id) for one in rows}
    inviters = [
        one
        for one in turn.tx.all(_Inviter, _INVITERS, turn.params(ids=sorted({one.customer_id for one in rows})))
        if (one.customer_id, one.campaign_id) in wanted
    ]
    due = [(one, tier) for one in inviters for tier in reached(tiers_of(one.tiers), one.counted, one.rewarded)]
    if due:
        marks = [{"bucket": one.bucket, "id": one.id, "tier": tier.friends} for one, tier in due]
        turn.tx.execute(_REWARDED, turn.params(rows=to_json(marks)))
        give(turn, [_gift(one, tier) for one, tier in due])
    counts = {(one.customer_id, one.campaign_id): one for one in inviters}
    news = [
        _news(turn, REFERRAL_COUNTED, inviter, derived_id(one.id, REFERRAL_COUNTED), {})
        for one in rows
        if (inviter := counts.get((one.customer_id, one.campaign_id))) is not None
    ]
    news += [
        _news(turn, REFERRAL_REWARDED, one, derived_id(one.id, REFERRAL_REWARDED, tier.friends), {"tier": tier.friends})
        for one, tier in due
    ]
    follow_up(turn, news)


def _gift(one: _Inviter, tier: Tier) -> Gift:
    return Gift(
        derived_id(one.id, "gift", tier.friends), one.bucket, one.customer_id, one.origin_id, one.name, tier.points, tier.coupon
    )  # fmt: skip


def _news(turn: Turn, kind: str, one: _Inviter, event_id: UUID, more: dict[str, Any]) -> NewEvent:
    return NewEvent(
        type=kind,
        bucket=one.bucket,
        customer_id=one.customer_id,
        origin_id=one.origin_id,
        occurred_at=turn.now,
        payload={"campaign": one.name, "counted": one.counted, **more},
        event_id=event_id,
    )


MATURE: Final = TurnStep(
    name="contact.referrals",
    run=mature,
    due_sql="""
select min(matures_at) from referral_friend
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and verdict = 'held'
""",
)
