"""Referral campaigns as people set them up, within the limits on induced sharing, and what came of them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.domains.contact.referral.shapes import CampaignChange, NewCampaign, RewardTier, Status
from tandem.domains.contact.referral.verdict import CODE_LENGTH
from tandem.domains.contact.sidebar.binding import check_account
from tandem.domains.marketing import service as marketing
from tandem.domains.messaging.service import words
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import BUCKETS, new_id
from tandem.stream.rows import to_json

ALL_BUCKETS: Final = list(range(BUCKETS))
CAMPAIGNS_MAX: Final = 200
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign."""

    id: UUID
    account_id: UUID
    code: str
    name: str
    words: str
    status: Status
    members: list[str]
    tiers: list[Any]
    ends_at: datetime | None
    hold_days: int
    friends_max: int
    daily_max: int
    burst_friends: int
    burst_minutes: int
    created_at: datetime


_CAMPAIGN: Final = """
select id, account_id, code, name, words, status, members, tiers, ends_at, hold_days, friends_max, daily_max, burst_friends, burst_minutes, created_at
from referral_campaign where tenant_id = %(tenant)s
"""


def list_campaigns(tx: Tx) -> list[CampaignRow]:
    """Campaigns, newest first."""
    return tx.all(
        CampaignRow, f"{_CAMPAIGN} order by created_at desc, id desc limit {CAMPAIGNS_MAX}", {"tenant": tx.tenant_id}
    )


def get_campaign(tx: Tx, campaign_id: UUID) -> CampaignRow:
    """One campaign. Raises NotFound."""
    row = tx.maybe(CampaignRow, f"{_CAMPAIGN} and id = %(id)s", {"tenant": tx.tenant_id, "id": campaign_id})
    if row is None:
        raise NotFound("no_such_referral_campaign", "没有这个裂变活动。", "There is no such referral campaign.")
    return row


def create_campaign(tx: Tx, given: NewCampaign) -> UUID:
    """Set a campaign up as a draft. Raises InvalidInput, NotFound, Conflict."""
    check_account(tx, given.account_id)
    _check(tx, given, None)
    if (
        tx.value("select count(*) from referral_campaign where tenant_id = %(tenant)s", {"tenant": tx.tenant_id})
        >= CAMPAIGNS_MAX
    ):
        raise Conflict("too_many", f"最多 {CAMPAIGNS_MAX} 个活动。", f"{CAMPAIGNS_MAX} campaigns at most.")
    campaign_id = new_id()
    tx.execute(
        """
        insert into referral_campaign (id, tenant_id, account_id, code, name, words, members, tiers, ends_at, hold_days, friends_max, daily_max,
          burst_friends, burst_minutes, created_at, updated_at)
        values (%(id)s, %(tenant)s, %(account)s, %(code)s, %(name)s, %(words)s, %(members)s::text[], %(tiers)s::jsonb, %(ends_at)s, %(hold_days)s,
          %(friends_max)s, %(daily_max)s, %(burst_friends)s, %(burst_minutes)s, %(at)s, %(at)s)
        """,
        _params(tx, given) | {
            "id": campaign_id, "account": given.account_id, "code": "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH)),
        },
    )  # fmt: skip
    audit.record(tx, "referral_campaign.created", "referral_campaign", campaign_id, None, {"name": given.name})
    return campaign_id


def change_campaign(tx: Tx, campaign_id: UUID, given: CampaignChange) -> None:
    """Change a campaign; what one that runs gives was promised, and stays. Raises like `create_campaign`."""
    before = get_campaign(tx, campaign_id)
    if before.status == "ended":
        raise Conflict("campaign_ended", "活动已结束，不能修改。", "The campaign is over and cannot be changed.")
    tiers = [one.model_dump(mode="json") for one in given.tiers]
    # An inviter's rewards are known by their tier: a tier that moved would be given again.
    if before.status == "running" and tiers != [
        RewardTier.model_validate(one).model_dump(mode="json") for one in before.tiers
    ]:
        raise Conflict(
            "campaign_tiers_fixed",
            "活动进行中，不能修改奖励。",
            "The campaign is running; what it gives cannot be changed.",
        )
    _check(tx, given, campaign_id)
    tx.execute(
        """
        update referral_campaign set name = %(name)s, words = %(words)s, members = %(members)s::text[], tiers = %(tiers)s::jsonb,
          ends_at = %(ends_at)s, hold_days = %(hold_days)s, friends_max = %(friends_max)s, daily_max = %(daily_max)s,
          burst_friends = %(burst_friends)s, burst_minutes = %(burst_minutes)s, updated_at = %(at)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        _params(tx, given) | {"id": campaign_id},
    )
    old, new = audit.changes(
        {"name": before.name, "tiers": before.tiers, "hold_days": before.hold_days},
        {
            "name": given.name,
            "tiers": tiers,
            "hold_days": given.hold_days,
        },
    )
    audit.record(tx, "referral_campaign.changed", "referral_campaign", campaign_id, old, new)


def set_status(tx: Tx, campaign_id: UUID, status: Status) -> None:
    """Begin or end a campaign. Who came before its end goes on towards her reward. Raises NotFound, Conflict."""
    before = get_campaign(tx, campaign_id)
    if before.status == status:
        return
    if before.status == "ended" or status == "draft":
        raise Conflict("campaign_ended", "活动已结束，不能再开始。", "The campaign is over and cannot begin again.")
    tx.execute(
        "update referral_campaign set status = %(status)s, updated_at = %(at)s where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": campaign_id, "status": status, "at": tx.machine_now},
    )
    audit.record(
        tx, f"referral_campaign.{'begun' if status == 'running' else 'ended'}", "referral_campaign", campaign_id
    )


@lru_cache(maxsize=1)
def limits() -> Mapping[str, Any]:
    """The limits on induced sharing, as data."""
    text = resources.files("tandem.domains.contact.referral").joinpath("rules.json").read_text("utf-8")
    return json.loads(text)


def problems(given: CampaignChange) -> list[Detail]:
    """Where a campaign breaks the limits. Pure."""
    rules = limits()
    found = [
        Detail("words", one["zh"], one["en"])
        for one in rules["forbidden_words"]
        if one["word"] in given.words or one["word"] in given.name
    ]
    most: int = rules["tiers_max"]
    if len(given.tiers) > most:
        found.append(Detail("tiers", f"最多 {most} 档奖励", f"at most {most} tiers"))
    if given.hold_days < rules["hold_days_min"]:
        found.append(Detail("hold_days", "好友至少要留存一天才能计入", "a friend has to stay a day at least"))
    counts = [one.friends for one in given.tiers]
    if counts != sorted(set(counts)):
        found.append(Detail("tiers", "各档人数要递增", "each tier needs more friends than the one before"))
    for place, one in enumerate(given.tiers):
        where = f"tiers[{place}]"
        if one.friends > rules["friends_of_tier_max"]:
            found.append(
                Detail(where, f"一档最多要 {rules['friends_of_tier_max']} 人", "too many friends for one tier")
            )
        if one.points and one.points > rules["points_per_friend_max"] * one.friends:
            found.append(Detail(where, "每位好友的积分过高", "too many points for a friend"))
        if one.friends > given.friends_max:
            found.append(
                Detail(where, "超过了每人计入上限，永远达不到", "more friends than one inviter's count can reach")
            )
    return found


def _check(tx: Tx, given: CampaignChange, but: UUID | None) -> None:
    words.refuse(tx, given.name, "name")
    words.refuse(tx, given.words, "words")
    wrong = problems(given)
    for one in given.tiers:
        if one.coupon is not None and marketing.get_template(tx, one.coupon).archived:
            wrong.append(Detail("tiers", "优惠券模板已归档", "the coupon template is archived"))
    if wrong:
        raise InvalidInput("bad_campaign", "活动设置有误。", "The campaign is not right.", details=tuple(wrong))
    if tx.value(
        "select 1 from referral_campaign where tenant_id = %(tenant)s and name = %(name)s and id is distinct from %(but)s",
        {"tenant": tx.tenant_id, "name": given.name, "but": but},
    ):
        raise Conflict(
            "campaign_name_taken",
            f"已有名为“{given.name}”的活动。",
            f"There is already a campaign called {given.name!r}.",
        )


def _params(tx: Tx, given: CampaignChange) -> dict[str, Any]:
    plain = given.model_dump(exclude={"tiers", "account_id"})
    return plain | {
        "tenant": tx.tenant_id,
        "tiers": to_json([one.model_dump(mode="json") for one in given.tiers]),
        "at": tx.machine_now,
    }
