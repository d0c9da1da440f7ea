"""Douyin's orders and after-sale cases as canonical records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.records import Line, Status, each, identified, order, product, refund, stock
from tandem.connectors.kit.values import epoch, fen, ident, listed, member, must, one_of, whole, word
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

STATUS: Final[Mapping[int, Status]] = {
    1: "placed",
    103: "placed",  # partly paid (a deposit)
    105: "paid",
    2: "paid",
    101: "paid",
    3: "paid",
    4: "cancelled",
    5: "completed",
    21: "cancelled",
    22: "cancelled",
    39: "cancelled",
}
LIVE_ROOM: Final = "1"


def read_orders(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Orders with the products they name."""
    del seen
    return each(listed(body, "shop_order_list"), _order, "shop_order_list")


def _order(one: dict[str, Any]) -> Iterator[Mapped]:
    status = one_of(STATUS, whole(one, "order_status"), "order_status")
    skus = listed(one, "sku_order_list")
    for sku in skus:
        yield product(product_id=ident(sku, "sku_id", "product_id"), name=word(sku, "product_name"))
    lines = [
        Line(
            ident(sku, "sku_id", "product_id"),
            whole(sku, "item_num"),
            # What the buyer pays for the goods: the pay channel's own discount is money that the shop still gets.
            fen(sku, "pay_amount") - fen(sku, "post_amount", 0),
            fen(sku, "promotion_amount", 0),
        )
        for sku in skus
    ]
    buyer = word(one, "doudian_open_id")
    live = any(word(sku, "theme_type") == LIVE_ROOM and word(sku, "room_id") not in {"", "0"} for sku in skus)
    yield order(
        order_id=ident(one, "order_id"),
        status=status,
        placed_at=must(epoch(one, "create_time"), "create_time"),
        paid_at=epoch(one, "pay_time"),
        modified_at=epoch(one, "update_time"),
        total=fen(one, "pay_amount"),
        discount=sum((line.discount for line in lines), Decimal(0)),
        lines=lines,
        identifiers=[identified("open_id", buyer, "douyin")] if buyer else [],
        channel="douyin.live" if live else "douyin",
    )


def read_aftersales(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Money that went back: `refund_status` 3, the amount from the detail."""
    del seen
    return each(listed(body, "items"), _aftersale, "items")


def _aftersale(one: dict[str, Any]) -> Iterator[Mapped]:
    info = member(member(one, "process_info"), "after_sale_info") or member(one, "aftersale_info")
    if word(info, "refund_status") != "3":
        return
    amount = fen(info, "real_refund_amount" if info.get("real_refund_amount") is not None else "refund_amount")
    if amount <= 0:
        return
    order_id = ident(member(one, "order_info") or info, "shop_order_id", "order_id")
    at = epoch(info, "refund_time") or must(epoch(info, "update_time"), "update_time")
    yield refund(refund_id=ident(info, "after_sale_id", "aftersale_id"), order_id=order_id, amount=amount, at=at)


def read_items(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Every variant on sale, its price and what is left of it."""
    del seen
    return each(listed(body, "items"), _item, "items")


def _item(item: dict[str, Any]) -> Iterator[Mapped]:
    for one in listed(item, "skus"):
        number = ident(one, "id")
        yield product(product_id=number, name=word(item, "name") or number, price=fen(one, "price", 0) or None)
        if one.get("stock_num") is not None:
            yield stock(product_id=number, quantity=whole(one, "stock_num"), listing=ident(item, "product_id"))
