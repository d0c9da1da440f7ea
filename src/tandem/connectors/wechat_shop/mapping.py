"""WeChat shop's orders and after-sale cases as canonical records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.records import Line, Status, each, identified, order, product, refund, share, stock
from tandem.connectors.kit.values import epoch, fen, ident, listed, member, must, one_of, whole, word
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

STATUS: Final[Mapping[int, Status]] = {
    10: "placed",
    12: "placed",
    13: "placed",
    20: "paid",
    21: "paid",
    30: "paid",
    100: "completed",
    200: "cancelled",
    250: "cancelled",
}
REFUNDED: Final = {"MERCHANT_REFUND_SUCCESS", "MERCHANT_RETURN_SUCCESS"}
LIVE: Final = "2"


def read_wares(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Every variant on sale, its price and what is left of it."""
    del seen
    return each(listed(body, "products"), _ware, "products")


def _ware(one: dict[str, Any]) -> Iterator[Mapped]:
    for sku in listed(one, "skus"):
        price = fen(sku, "sale_price") if sku.get("sale_price") is not None else None
        yield product(product_id=ident(sku, "sku_id"), name=word(one, "title"), price=price)
        if sku.get("stock_num") is not None:
            listing = word(one, "product_id")
            yield stock(product_id=ident(sku, "sku_id"), quantity=whole(sku, "stock_num"), listing=listing)


def read_orders(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Orders with the products they name."""
    return each(listed(body, "orders"), lambda one: _order(one, seen), "orders")


def _order(one: dict[str, Any], seen: Seen) -> Iterator[Mapped]:
    status = one_of(STATUS, whole(one, "status"), "status")
    detail = member(one, "order_detail")
    items, price = listed(detail, "product_infos"), member(detail, "price_info")
    total, freight = fen(price, "order_price"), fen(price, "freight", 0)
    for item in items:
        yield product(product_id=ident(item, "sku_id", "product_id"), name=word(item, "title"))
    paid_at = epoch(member(detail, "pay_info"), "pay_time")
    placed = must(epoch(one, "create_time"), "create_time")
    ext = member(detail, "ext_info")
    yield order(
        order_id=ident(one, "order_id"),
        status=status,
        placed_at=placed,
        paid_at=paid_at,
        modified_at=epoch(one, "update_time"),
        total=total,
        discount=fen(price, "discounted_price", 0),
        lines=_lines(items, total - freight),
        identifiers=_buyer(one, seen),
        channel="wechat_shop.live" if word(ext, "order_scene") == LIVE else "wechat_shop",
    )


def _lines(items: list[dict[str, Any]], paid: Decimal) -> list[Line]:
    """What was paid for each line: its own `real_price`, else its share of the order's by list price."""
    weights = [fen(item, "sale_price", 0) * whole(item, "sku_cnt") for item in items]
    shares = share(max(paid, Decimal(0)), weights)
    lines: list[Line] = []
    for item, weight, part in zip(items, weights, shares, strict=True):
        amount = fen(item, "real_price") if item.get("real_price") is not None else part
        off = max(weight - amount, Decimal(0))
        lines.append(Line(ident(item, "sku_id", "product_id"), whole(item, "sku_cnt"), amount, off))
    return lines


def _buyer(one: Mapping[str, Any], seen: Seen) -> list[dict[str, str]]:
    """Openid counts for one app, unionid for the company's whole binding."""
    found: list[dict[str, str]] = []
    if word(one, "openid"):
        found.append(identified("open_id", word(one, "openid"), str(seen.settings.get("app_id", ""))))
    if word(one, "unionid"):
        found.append(identified("union_id", word(one, "unionid")))
    return found


def read_aftersales(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Money that went back."""
    del seen
    done = [one for one in listed(body, "after_sale_orders") if word(one, "status") in REFUNDED]
    return each(done, _refund, "after_sale_orders")


def _refund(one: dict[str, Any]) -> Iterator[Mapped]:
    amount = fen(member(one, "refund_info"), "amount")
    if amount > 0:
        yield refund(
            refund_id=ident(one, "after_sale_order_id"),
            order_id=ident(one, "order_id"),
            amount=amount,
            at=must(epoch(one, "update_time"), "update_time"),
        )
