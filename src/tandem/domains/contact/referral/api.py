"""Routes of referral campaigns, and the page that friends see."""

from __future__ import annotations

import html
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from tandem.access.http import Access, allowed, database_of, public
from tandem.access.paging import Cursor, Limit, LongLimit, Page, from_cursor, page_in_memory, to_cursor
from tandem.domains.contact.placing import problem_words
from tandem.domains.contact.radar import page as drawing
from tandem.domains.contact.radar.api import address_of
from tandem.domains.contact.radar.door import PAGES
from tandem.domains.contact.radar.token import opened, tenant_of
from tandem.domains.contact.referral import campaigns, deciding, inviting
from tandem.domains.contact.referral.shapes import (
    CampaignChange,
    CampaignFigures,
    CampaignOut,
    InvitedOut,
    InviterOut,
    NewCampaign,
    ReferralDecision,
    RewardTier,
    State,
)
from tandem.domains.contact.sidebar.reach import beside
from tandem.kernel.db import Scope
from tandem.kernel.errors import Forbidden, NotFound
from tandem.stream.customer import view
from tandem.stream.keys import tenant_keys

router: Final = APIRouter(tags=["referrals"])
public_router: Final = APIRouter(tags=["referrals"], include_in_schema=False)
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("contact.write"))]
_OPEN: Final = "friends of customers open a poster without an account; its own signature says whose it is"
_WORDS: Final = {
    "zh": {"scan": "长按或扫描二维码添加", "making": "二维码正在生成，请稍后刷新", "over": "活动已结束", "overHint": "感谢关注，下次活动见。"},
    "en": {"scan": "Scan to add us", "making": "The code is being made; reload in a moment", "over": "This is over", "overHint": "Thank you; see you next time."},
}  # fmt: skip


def _whole(access: Access):  # noqa: ANN202 - a transaction's context manager, as `Access.tx`
    """A transaction that sees every customer: what leaves it are the company's sums."""
    return access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all())


def _out(row: campaigns.CampaignRow, sums: dict[str, int] | None) -> CampaignOut:
    return CampaignOut(
        id=row.id, account_id=row.account_id, name=row.name, words=row.words, status=row.status, members=row.members,
        tiers=[RewardTier.model_validate(one) for one in row.tiers], ends_at=row.ends_at, hold_days=row.hold_days,
        friends_max=row.friends_max, daily_max=row.daily_max, burst_friends=row.burst_friends, burst_minutes=row.burst_minutes,
        figures=CampaignFigures(**(sums or {})), created_at=row.created_at,
    )  # fmt: skip


def _one(access: Access, campaign_id: UUID) -> CampaignOut:
    with _whole(access) as tx:
        return _out(campaigns.get_campaign(tx, campaign_id), deciding.figures(tx, [campaign_id]).get(campaign_id))


@router.get("/referral-campaigns")
def list_referral_campaigns(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[CampaignOut]:
    """Referral campaigns with their funnels, newest first."""
    with _whole(access) as tx:
        rows, following = page_in_memory(campaigns.list_campaigns(tx), cursor, limit, "id")
        sums = deciding.figures(tx, [row.id for row in rows])
    return Page(items=[_out(row, sums.get(row.id)) for row in rows], next=following)


@router.get("/referral-limits")
def get_referral_limits(access: Reader) -> dict[str, Any]:
    """The limits on campaigns that ask people to share."""
    del access
    return dict(campaigns.limits())


@router.post("/referral-campaigns", status_code=201)
def create_referral_campaign(access: Writer, given: NewCampaign) -> CampaignOut:
    """Set a campaign up as a draft."""
    _refuse_giving(access, given.tiers)
    with access.tx() as tx:
        made = campaigns.create_campaign(tx, given)
    return _one(access, made)


@router.get("/referral-campaigns/{campaign_id}")
def get_referral_campaign(access: Reader, campaign_id: UUID) -> CampaignOut:
    """One campaign."""
    return _one(access, campaign_id)


@router.put("/referral-campaigns/{campaign_id}")
def change_referral_campaign(access: Writer, campaign_id: UUID, given: CampaignChange) -> CampaignOut:
    """Change a campaign."""
    _refuse_giving(access, given.tiers)
    with access.tx() as tx:
        campaigns.change_campaign(tx, campaign_id, given)
    return _one(access, campaign_id)


@router.post("/referral-campaigns/{campaign_id}/begin", status_code=204)
def begin_referral_campaign(access: Writer, campaign_id: UUID) -> None:
    """Begin a campaign: customers can invite."""
    with access.tx() as tx:
        _refuse_giving(
            access, [RewardTier.model_validate(one) for one in campaigns.get_campaign(tx, campaign_id).tiers]
        )
        campaigns.set_status(tx, campaign_id, "running")


@router.post("/referral-campaigns/{campaign_id}/end", status_code=204)
def end_referral_campaign(access: Writer, campaign_id: UUID) -> None:
    """End a campaign: who comes now does not count; who came before goes on towards her reward."""
    _refuse_narrow(access.scope)
    with access.tx() as tx:
        campaigns.set_status(tx, campaign_id, "ended")
        inviting.drop_codes(tx, campaign_id)


@router.get("/referral-campaigns/{campaign_id}/friends")
def list_referred_friends(
    access: Reader, campaign_id: UUID, verdict: State | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[InvitedOut]:
    """Who came by whom, newest first; the suspicious ones wait for a decision."""
    after = from_cursor(cursor, 2) if cursor else None
    with access.tx() as tx:
        campaigns.get_campaign(tx, campaign_id)
        rows = deciding.friends(tx, campaign_id, verdict, after, limit + 1)
    shown = rows[:limit]
    names = view.names(access, [one for row in shown for one in (row.inviter_id, row.friend_id)])
    items = [
        InvitedOut(
            id=row.id, bucket=row.bucket, inviter_id=row.inviter_id, inviter=names.get(row.inviter_id), friend_id=row.friend_id,
            friend=names.get(row.friend_id), joined_at=row.joined_at, matures_at=row.matures_at, verdict=row.verdict, reason=row.reason,
        )
        for row in shown
    ]  # fmt: skip
    return Page(items=items, next=to_cursor(shown[-1].joined_at, shown[-1].id) if len(rows) > limit else None)


@router.post("/referral-friends/{friend_id}/decide", status_code=204)
def decide_referred_friend(access: Writer, friend_id: UUID, given: ReferralDecision) -> None:
    """Say whether a suspicious friend counts."""
    with access.tx() as tx:
        deciding.decide(tx, friend_id, counts=given.counts)


@router.get("/referral-campaigns/{campaign_id}/inviters")
def list_inviters(access: Reader, campaign_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Page[InviterOut]:
    """Who invites, those with the most friends first."""
    with access.tx() as tx:
        campaigns.get_campaign(tx, campaign_id)
        rows, following = page_in_memory(deciding.inviters(tx, campaign_id), cursor, limit, "id")
        links = {row.id: inviting.poster(tx, campaign_id, row.origin_id) for row in rows}
    names = view.names(access, [row.customer_id for row in rows])
    items = [
        InviterOut(
            customer_id=row.customer_id, name=names.get(row.customer_id), link=links[row.id], qr_url=row.qr_url,
            making=row.code_status in {"wanted", "making", "stuck"}, over=row.code_status in {"dropping", "dropped"},
            problem=problem_words(row.problem), counted=row.counted, rewarded=row.rewarded,
        )
        for row in rows
    ]  # fmt: skip
    return Page(items=items, next=following)


@router.post("/referral-campaigns/{campaign_id}/inviters/{customer_id}")
def invite_customer(
    access: Annotated[Access, Depends(allowed("sidebar.use"))], campaign_id: UUID, customer_id: UUID
) -> dict[str, str]:
    """Let a customer invite; the answer is her poster's address."""
    with beside(access, customer_id) as tx:
        return {"link": inviting.invite(tx, campaign_id, customer_id)}


def _refuse_giving(access: Access, tiers: list[RewardTier]) -> None:
    """A campaign gives points and coupons to whoever invites: who may not give them to every customer promises none."""
    _refuse_narrow(access.scope)
    for permission, given in (
        ("points.write", any(one.points is not None for one in tiers)),
        ("coupon.write", any(one.coupon is not None for one in tiers)),
    ):
        if given:
            access.require(permission)
            _refuse_narrow(access.identity.reach(permission))


def _refuse_narrow(scope: Scope | None) -> None:
    if scope is None or scope.kind != "all":
        raise Forbidden(
            "out_of_scope",
            "裂变活动面向全部客户，需要全部数据范围。",
            "A referral campaign is for every customer; it needs the whole data scope.",
        )


@public_router.get("/i/{token}", dependencies=[Depends(public(_OPEN))])
def show_poster(request: Request, token: str) -> HTMLResponse:
    """The poster behind an inviter's link: what it is about, and her code."""
    PAGES.spend(address_of(request))
    language = drawing.language_of(request.headers.get("accept-language", ""))
    words = _WORDS[language]
    found = _poster(request, token)
    if found is None:
        text = drawing.draw(
            words["over"], f"<h1>{words['over']}</h1><p>{words['overHint']}</p>", language, script=False
        )
        return HTMLResponse(text, 410, headers=drawing.HEADERS)
    name, said, qr = (html.escape(one or "", quote=True) for one in found)
    shown = (
        f'<p><img src="{qr}" alt="{words["scan"]}"></p><p class=faint>{words["scan"]}</p>'
        if qr
        else f"<p>{words['making']}</p>"
    )
    text = drawing.draw(found[0] or "", f"<h1>{name}</h1><p>{said}</p>{shown}", language, script=False)
    return HTMLResponse(text, headers=drawing.HEADERS)


def _poster(request: Request, token: str) -> tuple[str | None, str | None, str | None] | None:
    """Name, words and picture of a campaign that runs; None for one that is over. Raises NotFound for a link that is not ours."""
    unknown = NotFound("no_such_link", "链接无效。", "There is no such link.")
    tenant = tenant_of(token)
    if tenant is None:
        raise unknown
    try:
        with database_of(request).tx("web", tenant=tenant) as tx:
            link = opened(tenant_keys(tx), token, inviting.KIND)
            if link is None or link.customer is None:
                raise unknown
            return deciding.poster(tx, link.thing, link.customer)
    except LookupError as error:
        raise unknown from error
