"""Customers of the demo who brought friends, and what its people were told on their phones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.domains.contact.referral import campaigns
from tandem.domains.contact.referral.shapes import NewCampaign, RewardTier
from tandem.domains.contact.referral.verdict import state_of
from tandem.domains.marketing.service import Gift, give
from tandem.domains.sales.referrals.events import REFERRAL_REPORTED
from tandem.domains.sales.referrals.keeping import CAMPAIGN
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import BUCKETS, bucket_of, derived_id, new_id
from tandem.kernel.turn import Turn, in_buckets
from tandem.stream.events import BACKFILL, LANE_BULK, NewEvent
from tandem.stream.inbox import emit
from tandem.stream.rows import to_json

ALL_BUCKETS: Final = list(range(BUCKETS))
#: How many friends each inviter brought, the busiest first.
_BROUGHT: Final = (9, 6, 5, 4, 4, 3, 3, 2, 2, 1, 1, 1, 0, 0)
_HOLD: Final = 7
_FIRST_TIER, _POINTS = 3, 200
_NAME: Final = "老带新·好友有礼"
_COUPON: Final = "母婴满 100 减 20"
# Those who bring others are customers of some time; those who came last are brought, however few of them are quite new.
_PEOPLE: Final = """
select c.bucket, c.id from customer as c
left join customer_profile as p on p.bucket = c.bucket and p.tenant_id = %(tenant)s and p.customer_id = c.id and p.bucket = any(%(buckets)s::smallint[])
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.merged_into is null and c.name_enc is not null
  and (%(new)s or p.first_order_at < %(now)s::timestamptz - interval '21 days') and c.id <> all(%(but)s::uuid[])
order by case when %(new)s then p.first_order_at end desc nulls first, md5('invite' || c.id) limit %(n)s
"""
_INVITERS: Final = """
insert into referral_inviter (bucket, id, tenant_id, customer_id, origin_id, campaign_id, state, began_at, rewarded)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.customer_id, %(campaign)s, n.state, n.began_at, n.rewarded
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, state text, began_at timestamptz, rewarded smallint[])
on conflict do nothing
"""
_FRIENDS: Final = """
insert into referral_friend (bucket, id, tenant_id, customer_id, origin_id, campaign_id, friend_id, joined_at, matures_at, verdict, reason)
select n.bucket, n.id, %(tenant)s, n.customer_id, n.customer_id, %(campaign)s, n.friend_id, n.joined_at, n.matures_at, n.verdict, n.reason
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, friend_id uuid, joined_at timestamptz,
  matures_at timestamptz, verdict text, reason text) on conflict do nothing
"""
_NOTICE: Final = """
insert into staff_notice (id, tenant_id, user_id, kind, thing, title, lines, urgent, state, made_at, send_after, seen_at)
select n.id, %(tenant)s, n.user_id, n.kind, n.thing, n.title, n.lines, false, n.state, now() - n.ago, now() - n.ago,
  case when n.state = 'over' then now() - n.ago + interval '5 minutes' end
from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, user_id uuid, kind text, thing text, title jsonb, lines jsonb, state text, ago interval)
on conflict do nothing
"""
#: Log-in, kind, title, line, how long ago. Those of today about lost customers still wait to be read.
_TOLD: Final[tuple[tuple[str, str, Label, Label | None, str], ...]] = (
    ("marketing", "lost", Label("有一位客户删除了您", "A customer removed you"), None, "2 hours"),
    ("store", "lost", Label("有一位客户删除了您", "A customer removed you"), None, "3 hours"),
    ("marketing", "alert", Label("流程预警：母婴挽回", "Early warning: 母婴挽回"), Label("“母婴回归·优惠券”的未送达比平时多", "'母婴回归·优惠券' fails more often than usual"), "26 hours"),
    ("marketing", "chat", Label("有一位客户在“在线客服”久等未回复", "A customer waits for an answer at “在线客服”"), None, "30 hours"),
    ("store", "task", Label("任务：核对到店礼品领取", "Task: check gifts that were collected"), Label("流程：会员日", "Flow: 会员日"), "50 hours"),
    ("admin", "directory", Label("通讯录“企业微信（示范连锁）”：1 人加入", "Directory “企业微信（示范连锁）”: one person joined"), None, "74 hours"),
    ("admin", "approval", Label("请复核：发布流程“会员日”", "Please agree: publish the flow “会员日”"), Label("发布后约有 320 人进入", "About 320 people will enter"), "98 hours"),
)  # fmt: skip


def invite(db: Database, tenant: UUID, account: UUID) -> None:
    """A running campaign with inviters, and friends who stayed, wait, left or are suspicious; who reached the first tier has her points."""
    with db.tx("web", tenant=tenant) as tx:
        members: list[str] = tx.values(
            "select member from adviser_binding where tenant_id = %(tenant)s and account_id = %(account)s order by member",
            {"tenant": tenant, "account": account},
        )
        coupon = tx.value(
            "select id from coupon_template where tenant_id = %(tenant)s and name = %(name)s",
            {"tenant": tenant, "name": _COUPON},
        )
        # A load that was interrupted after this is begun again.
        if not members or _NAME in {one.name for one in campaigns.list_campaigns(tx)}:
            return
        tiers = [
            RewardTier(friends=_FIRST_TIER, points=_POINTS),
            RewardTier(friends=8, points=600 if coupon is None else None, coupon=coupon),
        ]
        campaign = campaigns.create_campaign(
            tx,
            NewCampaign(
                account_id=account, name=_NAME, words="邀请好友添加专属顾问，3 位好友得 200 积分，8 位再得满减券", members=members, tiers=tiers,
                ends_at=tx.now + timedelta(days=30), hold_days=_HOLD,
            ),
        )  # fmt: skip
        campaigns.set_status(tx, campaign, "running")
        code = campaigns.get_campaign(tx, campaign).code
    with db.tx("worker", tenant=tenant) as tx:
        params = {"tenant": tenant, "buckets": ALL_BUCKETS, "now": tx.now}
        asked = {**params, "new": False, "n": len(_BROUGHT), "but": list[UUID]()}
        inviters: list[tuple[int, UUID]] = tx.cursor(_PEOPLE, asked).fetchall()
        asked |= {"new": True, "n": sum(_BROUGHT), "but": [who for _, who in inviters]}
        friends = iter(tx.cursor(_PEOPLE, asked).fetchall())
        turn = Turn(tx, in_buckets(tx.conn, {bucket for bucket, _ in inviters}))
        rows: list[dict[str, Any]] = []
        brought: list[dict[str, Any]] = []
        for place, ((bucket, who), many) in enumerate(zip(inviters, _BROUGHT, strict=False)):
            began = tx.now - timedelta(days=21) + timedelta(hours=38 * place)
            hers = [
                _friend(tx.now, campaign, bucket, who, friend, began, number)
                for number, (_, friend) in zip(range(many), friends, strict=False)
            ]
            brought += hers
            counted = sum(one["verdict"] == "counted" for one in hers)
            rows.append({
                "bucket": bucket, "id": derived_id(campaign, who), "customer_id": who, "state": state_of(code, who), "began_at": began,
                "rewarded": [_FIRST_TIER] if counted >= _FIRST_TIER else [],
            })  # fmt: skip
        tx.execute(_INVITERS, {"tenant": tenant, "campaign": campaign, "rows": to_json(rows)})
        tx.execute(_FRIENDS, {"tenant": tenant, "campaign": campaign, "rows": to_json(brought)})
        emit(tx, [_reported(one) for one in brought if one["verdict"] != "refused"])
        give(
            turn,
            [
                Gift(
                    derived_id(one["id"], "gift", _FIRST_TIER),
                    one["bucket"],
                    one["customer_id"],
                    one["customer_id"],
                    _NAME,
                    _POINTS,
                )
                for one in rows
                if one["rewarded"]
            ],
        )


def _friend(
    now: datetime, campaign: UUID, bucket: int, who: UUID, friend: UUID, began: datetime, number: int
) -> dict[str, Any]:
    joined = began + timedelta(hours=40 * number + 3) if number < 7 else began + timedelta(hours=45, minutes=number)
    # Those whose time is not over stay away from it for a while: nobody of the simulated WeCom stands behind them.
    young = joined + timedelta(days=_HOLD) > now
    verdict, reason = ("held", "") if young else ("counted", "")
    if number >= 7:
        verdict, reason = "suspect", "burst"
    elif number == 4:
        verdict, reason = "left", "left"
    elif number == 5:
        verdict, reason = "refused", "customer_before"
    return {
        "bucket": bucket, "id": derived_id(campaign, who, friend), "customer_id": who, "friend_id": friend, "joined_at": joined,
        "matures_at": max(joined + timedelta(days=_HOLD), now + timedelta(days=_HOLD)) if verdict == "held" else joined + timedelta(days=_HOLD),
        "verdict": verdict, "reason": reason,
    }  # fmt: skip


def _reported(friend: dict[str, Any]) -> NewEvent:
    """That she came by somebody, for her own history; told as history, it starts nothing."""
    return NewEvent(
        type=REFERRAL_REPORTED, bucket=bucket_of(friend["friend_id"]), customer_id=friend["friend_id"], occurred_at=friend["joined_at"],
        payload={"referrer_id": str(friend["customer_id"]), "campaign": _NAME, "source": CAMPAIGN}, mode=BACKFILL, lane=LANE_BULK,
        event_id=derived_id(friend["id"], REFERRAL_REPORTED),
    )  # fmt: skip


def notify(tx: Tx, people: dict[str, UUID]) -> None:
    """What the demo's people were told lately: most of it is over."""
    rows = [
        {
            "id": new_id(), "user_id": people[login], "kind": kind, "thing": f"{kind}:{derived_id(people[login], 'demo notice', place)}",
            "title": {"zh": title.zh, "en": title.en}, "lines": [{"zh": line.zh, "en": line.en}] if line else [], "ago": ago,
            "state": "told" if ago in {"2 hours", "3 hours"} else "over",
        }
        for place, (login, kind, title, line, ago) in enumerate(_TOLD)
        if login in people
    ]  # fmt: skip
    if rows:
        tx.execute(_NOTICE, {"tenant": tx.tenant_id, "rows": to_json(rows)})
