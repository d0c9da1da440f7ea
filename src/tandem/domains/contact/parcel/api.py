"""Routes of parcel cards, and the page that opens behind them."""

from __future__ import annotations

import html
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from tandem.access import audit
from tandem.access.http import Access, allowed, database_of, public, shown_once
from tandem.access.paging import Cursor, Limit, LongLimit, Page, from_cursor, page_in_memory, page_of
from tandem.domains.contact.parcel import batches, door, sheet
from tandem.domains.contact.parcel import shapes as s
from tandem.domains.contact.radar import page as drawing
from tandem.domains.contact.radar.api import address_of
from tandem.kernel.db import Scope
from tandem.kernel.errors import Forbidden
from tandem.stream.customer import view

router: Final = APIRouter(tags=["parcels"])
public_router: Final = APIRouter(tags=["parcels"], include_in_schema=False)
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("contact.write"))]
First = Annotated[int, Query(ge=1, description="From which card on")]
_OPEN: Final = "buyers open the card in their parcel without an account; its own signature says which card it is"
_WORDS: Final = {
    "zh": {
        "hello": "感谢购买", "scan": "长按或扫描二维码，添加您的专属顾问", "gift": "添加后即可领取：", "making": "正在为您安排专属顾问，请稍候…",
        "spent": "这张卡已经使用过", "spentHint": "仍可添加我们的顾问。", "over": "卡片已过期", "overHint": "这张卡已停用或过了有效期，请联系店铺客服。",
    },
    "en": {
        "hello": "Thank you for your order", "scan": "Press or scan the code to add your own adviser", "gift": "When you have added her you get: ",
        "making": "We are choosing an adviser for you, one moment…", "spent": "This card was used", "spentHint": "You may still add our adviser.",
        "over": "This card is over", "overHint": "It was put away or is out of date; ask the shop.",
    },
}  # fmt: skip


def _whole(access: Access):  # noqa: ANN202 - a transaction's context manager, as `Access.tx`
    """A transaction that sees every customer: what leaves it are the company's sums."""
    return access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all())


def _out(row: batches.BatchRow, sums: dict[str, int] | None) -> s.BatchOut:
    return s.BatchOut(
        id=row.id, account_id=row.account_id, name=row.name, kind=row.kind, source=row.source, words=row.words, live_code_id=row.live_code_id,
        live_code=row.live_code, routes=[s.ParcelRoute.model_validate(one) for one in row.routes], coupon_template_id=row.coupon_template_id,
        coupon=row.coupon, binding=row.binding, expires_at=row.expires_at, status=row.status, created_at=row.created_at,
        figures=s.BatchFigures(printed=row.printed, **(sums or {})),
    )  # fmt: skip


def _one(access: Access, batch_id: UUID) -> s.BatchOut:
    with _whole(access) as tx:
        return _out(batches.one_of(tx, batch_id), batches.figures(tx, [batch_id]).get(batch_id))


def _refuse_giving(access: Access, given: s.BatchChange) -> None:
    """Cards are for every buyer, and give coupons: who may not give them to every customer promises none."""
    _refuse_narrow(access.scope)
    if given.coupon_template_id is not None:
        access.require("coupon.write")
        _refuse_narrow(access.identity.reach("coupon.write") or Scope("own"))


def _refuse_narrow(scope: Scope) -> None:
    """A link is made for any order by its number, and whoever comes by it may be taken for its buyer. Raises Forbidden."""
    if scope.kind != "all":
        raise Forbidden("out_of_scope", "包裹卡面向全部买家，需要全部数据范围。", "Parcel cards are for every buyer; they need the whole data scope.")  # fmt: skip


@router.get("/parcel-platforms")
def list_parcel_platforms(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[s.PlatformRule]:
    """What platforms say of leading their buyers away, with where it is said."""
    del access
    found = [s.PlatformRule.model_validate(one) for one in batches.platforms()]
    rows, following = page_in_memory(found, cursor, limit, "connector")
    return Page(items=rows, next=following)


@router.get("/parcel-batches")
def list_parcel_batches(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[s.BatchOut]:
    """Batches of cards and links with what came of them, the newest first."""
    with _whole(access) as tx:
        rows, following = page_in_memory(batches.listed(tx), cursor, limit, "id")
        sums = batches.figures(tx, [row.id for row in rows])
    return Page(items=[_out(row, sums.get(row.id)) for row in rows], next=following)


@router.post("/parcel-batches", status_code=201)
def create_parcel_batch(access: Writer, given: s.NewBatch) -> s.BatchOut:
    """Set a batch up; printed cards are made with it."""
    _refuse_giving(access, given)
    with access.tx() as tx:
        made = batches.create(tx, given)
    return _one(access, made)


@router.get("/parcel-batches/{batch_id}")
def get_parcel_batch(access: Reader, batch_id: UUID) -> s.BatchOut:
    """One batch."""
    return _one(access, batch_id)


@router.put("/parcel-batches/{batch_id}")
def change_parcel_batch(access: Writer, batch_id: UUID, given: s.BatchChange) -> s.BatchOut:
    """Change where a batch leads and what it gives; cards that were printed stay good."""
    _refuse_giving(access, given)
    with access.tx() as tx:
        batches.change(tx, batch_id, given)
    return _one(access, batch_id)


@router.post("/parcel-batches/{batch_id}/archive", status_code=204)
def archive_parcel_batch(access: Writer, batch_id: UUID) -> None:
    """Put a batch away: its cards lead nowhere any more."""
    _refuse_narrow(access.scope)
    with access.tx() as tx:
        batches.archive(tx, batch_id)


@router.post("/parcel-batches/{batch_id}/cards", status_code=204)
def add_parcel_cards(access: Writer, batch_id: UUID, given: s.MoreCards) -> None:
    """Make more cards, numbered on."""
    _refuse_narrow(access.scope)
    with access.tx() as tx:
        batches.add_cards(tx, batch_id, given.count)


@router.post("/parcel-batches/{batch_id}/links", dependencies=[Depends(shown_once)])
def link_parcel_orders(access: Writer, batch_id: UUID, given: s.OrderRefs) -> s.CardLinks:
    """A link for each order: for text messages where the platform allows them, for mini-programs, for waybills. Of printed cards: bind each
    to the order it is packed with. The same order always gets the same link.
    """
    _refuse_narrow(access.scope)
    with access.tx() as tx:
        return s.CardLinks(items=batches.links(tx, batch_id, given.orders))


def _cards(access: Access, batch_id: UUID, first: int, limit: int) -> tuple[batches.BatchRow, list[s.CardLink]]:
    _refuse_narrow(access.scope)
    with access.tx() as tx:
        batch = batches.one_of(tx, batch_id)
        rows = batches.cards(tx, batch_id, first, limit)
        audit.record(tx, "parcel_card.printed", "parcel_batch", batch_id, None, {"first": first, "count": len(rows)})
        return batch, [
            s.CardLink(
                source=one.order_source,
                number=one.order_number,
                serial=one.serial,
                url=batches.address(tx, one.id),
            )
            for one in rows
        ]


@router.get("/parcel-batches/{batch_id}/sheet")
def print_parcel_cards(
    access: Writer, batch_id: UUID, first: First = 1, count: Annotated[int, Query(ge=1, le=sheet.SHEET_MAX)] = 48
) -> HTMLResponse:
    """Cards as a page to print and cut."""
    batch, cards = _cards(access, batch_id, first, count)
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return HTMLResponse(sheet.sheet(batch.name, batch.words, cards), headers=headers)


@router.get("/parcel-batches/{batch_id}/cards.csv")
def download_parcel_cards(access: Writer, batch_id: UUID, first: First = 1) -> Response:
    """Numbers and addresses for a printer's own template, up to 50,000."""
    _, cards = _cards(access, batch_id, first, s.CARDS_MAX)
    headers = {"Content-Disposition": 'attachment; filename="parcel-cards.csv"', "Cache-Control": "no-store"}
    return Response(sheet.table(cards), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/parcel-batches/{batch_id}/claims")
def list_parcel_claims(access: Reader, batch_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Page[s.ClaimOut]:
    """Who came by a batch's cards, the latest first."""
    after = from_cursor(cursor, 2) if cursor else None
    with access.tx() as tx:
        batches.one_of(tx, batch_id)
        rows = batches.claims(tx, batch_id, after, limit + 1)
    shown, following = page_of(rows, limit, "claimed_at", "id")
    names = view.names(access, [one.customer_id for one in shown])
    items = [
        s.ClaimOut(
            id=one.id, customer_id=one.customer_id, customer=names.get(one.customer_id), serial=one.serial, number=one.number, adviser=one.adviser,
            verdict=one.verdict, binding=one.binding, guards=one.guards, claimed_at=one.claimed_at,
        )
        for one in shown
    ]  # fmt: skip
    return Page(items=items, next=following)


@public_router.get("/p/{token}", dependencies=[Depends(public(_OPEN))])
def show_parcel_card(request: Request, token: str) -> HTMLResponse:
    """The page behind a card: its adviser's code. It reloads itself while that is being made; programs that fetch it have none made."""
    found = door.look(database_of(request), token, address_of(request), request.headers.get("user-agent", ""))
    language = drawing.language_of(request.headers.get("accept-language", ""))
    words = _WORDS[language]
    if found.status == "over":
        text = drawing.draw(
            words["over"], f"<h1>{words['over']}</h1><p>{words['overHint']}</p>", language, script=False
        )
        return HTMLResponse(text, 410, headers=drawing.HEADERS)
    waits = {"Refresh": "2"} if found.status == "making" else {}
    text = drawing.draw(words["hello"], _inner(found, words), language, script=False)
    return HTMLResponse(text, headers=drawing.HEADERS | waits)


def _inner(found: door.Shown, words: dict[str, str]) -> str:
    inner = f"<h1>{words['spent'] if found.status == 'spent' else words['hello']}</h1>"
    if found.words:
        inner += f"<p>{html.escape(found.words)}</p>"
    if found.coupon:
        inner += f"<p>{words['gift']}<b>{html.escape(found.coupon)}</b></p>"
    if found.status == "spent":
        inner += f"<p class=faint>{words['spentHint']}</p>"
    if found.qr_url is None:
        return inner + (f"<p class=faint>{words['making']}</p>" if found.status == "making" else "")
    url = html.escape(found.qr_url, quote=True)
    return f'{inner}<p><img src="{url}" alt="{words["scan"]}"></p><p class=faint>{words["scan"]}</p>'
