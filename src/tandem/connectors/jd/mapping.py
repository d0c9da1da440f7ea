"""JD's orders, after-sales cases and wares as canonical records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.records import Line, Status, each, identified, order, product, refund, share, stock
from tandem.connectors.kit.values import epoch, gmt8, ident, listed, masked, member, must, one_of, whole, word, yuan
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

STATUS: Final[Mapping[str, Status]] = {
    "NOT_PAY": "placed",
    "WAIT_SELLER_STOCK_OUT": "paid",
    "WAIT_SELLER_DELIVERY": "paid",
    "WAIT_GOODS_RECEIVE_CONFIRM": "paid",
    "PAUSE": "paid",
    "LOCKED": "paid",
    "FINISHED_L": "completed",
    "TRADE_CANCELED": "cancelled",
}
REFUNDED: Final = 20
"""`refundStatus` of money that went back."""


def read_orders(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Orders with the wares they name. A masked `pin` names nobody."""
    del seen
    return each(listed(body, "orderInfoList"), _order, "orderInfoList")


def _order(one: dict[str, Any]) -> Iterator[Mapped]:
    status = one_of(STATUS, one.get("orderState"), "orderState")
    items = listed(one, "itemInfoList")
    for item in items:
        yield product(product_id=ident(item, "skuId"), name=word(item, "skuName") or ident(item, "skuId"))
    total, freight = _total(one), yuan(one, "freightPrice", "0")
    weights = [yuan(item, "jdPrice", "0") * whole(item, "itemTotal") for item in items]
    parts = share(max(total - freight, Decimal(0)), weights)
    yield order(
        order_id=ident(one, "orderId"),
        status=status,
        placed_at=must(gmt8(one, "orderStartTime"), "orderStartTime"),
        paid_at=gmt8(one, "paymentConfirmTime"),
        modified_at=gmt8(one, "modified"),
        total=total,
        discount=yuan(one, "sellerDiscount", "0"),
        lines=[
            Line(ident(item, "skuId"), whole(item, "itemTotal"), part, max(weight - part, Decimal(0)))
            for item, weight, part in zip(items, weights, parts, strict=True)
        ],
        identifiers=_buyer(one),
        channel="jd",
    )


def _total(one: Mapping[str, Any]) -> Decimal:
    """What the buyer pays. `orderPayment` is not filled any more since October 2024; older orders have nothing else."""
    for name in ("shouldPay", "orderPayment"):
        if word(one, name):
            return yuan(one, name)
    return yuan(one, "orderSellerPrice") + yuan(one, "freightPrice", "0")


def _buyer(one: Mapping[str, Any]) -> list[dict[str, str]]:
    """The buyer's open id; `pin` only where nobody masked it."""
    for name, scope in (("open_id_buyer", "jd"), ("pin", "jd:pin")):
        value = word(one, name)
        if value and not masked(value):
            return [identified("open_id", value, scope)]
    return []


def read_refunds(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Money that went back. An amount that is not told stays untold: the estimate is never put in its place."""
    del seen
    done = [one for one in listed(body, "data") if whole(member(one, "refundInfo"), "refundStatus", 0) == REFUNDED]
    return each(done, _refund, "data")


def _refund(one: dict[str, Any]) -> Iterator[Mapped]:
    base, of_order = member(one, "afsOrderBaseInfo"), member(one, "orderInfo")
    amount = yuan(member(one, "refundInfo"), "actualRefundAmount")
    if amount > 0:
        yield refund(
            refund_id=ident(one, "afsOrderId"),
            order_id=ident(of_order if of_order.get("orderId") else one, "orderId"),
            amount=amount,
            at=must(epoch(base, "modifiedTime", 1000) or epoch(base, "applyTime", 1000), "modifiedTime"),
        )


def read_wares(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Wares on sale and what is left of each."""
    del seen
    return each(listed(body, "data"), _ware, "data")


def _ware(one: dict[str, Any]) -> Iterator[Mapped]:
    sku = ident(one, "skuId")
    price = yuan(one, "jdPrice") if word(one, "jdPrice") else None
    yield product(product_id=sku, name=word(one, "skuName") or sku, price=price)
    if one.get("stockNum") is not None:
        yield stock(product_id=sku, quantity=whole(one, "stockNum"))
