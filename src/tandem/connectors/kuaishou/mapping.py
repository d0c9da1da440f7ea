"""Kuaishou's orders and refunds as canonical records. Pure."""

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
    10: "placed",
    30: "paid",
    40: "paid",
    50: "paid",
    70: "completed",
    80: "cancelled",
}
REFUNDED: Final = 60
LIVE: Final = {"2", "7"}
MS: Final = 1000


def read_orders(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Orders: one item each, as the platform sells."""
    del seen
    return each(listed(body, "orderList"), _order, "orderList")


def _order(one: dict[str, Any]) -> Iterator[Mapped]:
    base, item = member(one, "orderBaseInfo"), member(one, "orderItemInfo")
    status = one_of(STATUS, whole(base, "status"), "status")
    total, freight, off = fen(base, "totalFee"), fen(base, "expressFee", 0), fen(base, "discountFee", 0)
    lines: list[Line] = []
    if item:
        product_id = ident(item, "skuId", "itemId")
        yield product(product_id=product_id, name=word(item, "itemTitle"))
        lines.append(Line(product_id, whole(item, "num"), max(total - freight, Decimal(0)), off))
    buyer = word(base, "buyerOpenId")
    yield order(
        order_id=ident(base, "oid"),
        status=status,
        placed_at=must(epoch(base, "createTime", MS), "createTime"),
        paid_at=epoch(base, "payTime", MS),
        modified_at=epoch(base, "updateTime", MS),
        total=total,
        discount=off,
        lines=lines,
        identifiers=[identified("open_id", buyer, "kuaishou")] if buyer else [],
        channel="kuaishou.live" if word(base, "carrierType") in LIVE else "kuaishou",
    )


def read_refunds(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Money that went back: status 60."""
    del seen
    done = [one for one in listed(body, "refundOrderInfoList") if whole(one, "status", 0) == REFUNDED]
    return each(done, _refund, "refundOrderInfoList")


def _refund(one: dict[str, Any]) -> Iterator[Mapped]:
    amount = fen(one, "refundFee")
    if amount > 0:
        at = epoch(one, "endTime", MS) or must(epoch(one, "updateTime", MS), "updateTime")
        yield refund(refund_id=ident(one, "refundId"), order_id=ident(one, "oid"), amount=amount, at=at)


def read_items(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Every variant on sale, its price and what is left of it."""
    del seen
    return each(listed(body, "items"), _item, "items")


def _item(item: dict[str, Any]) -> Iterator[Mapped]:
    listing = ident(item, "kwaiItemId")
    for one in listed(item, "skuList"):
        number = ident(one, "kwaiSkuId")
        name = " ".join(part for part in (word(item, "title"), word(one, "specification")) if part)
        yield product(product_id=number, name=name or number, price=fen(one, "skuSalePrice", 0) or None)
        if one.get("skuStock") is not None:
            yield stock(product_id=number, quantity=whole(one, "skuStock"), listing=listing)
