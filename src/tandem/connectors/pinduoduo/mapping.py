"""Pinduoduo's orders and refunds as canonical records. Pure. Orders are in yuan, whatever one public catalogue says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.records import Line, Status, each, order, product, refund, share, stock
from tandem.connectors.kit.values import gmt8, ident, listed, must, one_of, whole, word, yuan
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

STATUS: Final[Mapping[int, Status]] = {1: "paid", 2: "paid", 3: "completed"}
REFUNDED: Final = 4
CANCELLED: Final = 2
REFUND_DONE: Final = {10, 21}
"""`after_sales_status` of money that went back."""


def read_orders(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Orders with the products they name. The buyer is sealed throughout and names nobody."""
    del seen
    return each(listed(body, "order_list"), _order, "order_list")


def _order(one: dict[str, Any]) -> Iterator[Mapped]:
    status = one_of(STATUS, whole(one, "order_status"), "order_status")
    if whole(one, "refund_status", 1) == REFUNDED or whole(one, "confirm_status", 1) == CANCELLED:
        status = "cancelled"
    items = listed(one, "item_list")
    for item in items:
        yield product(product_id=ident(item, "sku_id", "goods_id"), name=word(item, "goods_name"))
    total, freight = yuan(one, "pay_amount"), yuan(one, "postage", "0")
    weights = [yuan(item, "goods_price", "0") * whole(item, "goods_count") for item in items]
    lines = [
        Line(ident(item, "sku_id", "goods_id"), whole(item, "goods_count"), part, max(weight - part, Decimal(0)))
        for item, weight, part in zip(items, weights, share(max(total - freight, Decimal(0)), weights), strict=True)
    ]
    created = gmt8(one, "created_time")
    yield order(
        order_id=ident(one, "order_sn"),
        status=status,
        placed_at=must(created, "created_time"),
        paid_at=gmt8(one, "pay_time") or gmt8(one, "confirm_time"),
        modified_at=gmt8(one, "updated_at"),
        total=total,
        discount=yuan(one, "discount_amount", "0"),
        lines=lines,
        channel="pinduoduo",
    )


def read_goods(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Every variant on sale, and what is left of it. Prices stand with the group's and the single's; neither is the one."""
    del seen
    return each(listed(body, "goods_list"), _goods, "goods_list")


def _goods(one: dict[str, Any]) -> Iterator[Mapped]:
    for sku in listed(one, "sku_list"):
        name = " ".join(part for part in (word(one, "goods_name"), word(sku, "spec")) if part)
        yield product(product_id=ident(sku, "sku_id"), name=name)
        if sku.get("sku_quantity") is not None:
            listing = word(one, "goods_id")
            yield stock(product_id=ident(sku, "sku_id"), quantity=whole(sku, "sku_quantity"), listing=listing)


def read_refunds(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Money that went back."""
    del seen
    done = [one for one in listed(body, "refund_list") if whole(one, "after_sales_status", 0) in REFUND_DONE]
    return each(done, _refund, "refund_list")


def _refund(one: dict[str, Any]) -> Iterator[Mapped]:
    amount = yuan(one, "refund_amount")
    if amount > 0:
        yield refund(
            refund_id=ident(one, "id"),
            order_id=ident(one, "order_sn"),
            amount=amount,
            at=must(gmt8(one, "updated_time"), "updated_time"),
        )
