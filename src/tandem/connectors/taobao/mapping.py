"""TOP's trades, refunds and messages as canonical records. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final, Literal

from tandem.connectors.kit.platform import Seen, want
from tandem.connectors.kit.records import Line, Status, chat, each, identified, order, product, refund, stock
from tandem.connectors.kit.values import gmt8, ident, listed, must, one_of, whole, word, yuan
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

STATUS: Final[Mapping[str, Status]] = {
    "TRADE_NO_CREATE_PAY": "placed",
    "WAIT_BUYER_PAY": "placed",
    "PAY_PENDING": "placed",
    "WAIT_SELLER_SEND_GOODS": "paid",
    "PAID_FORBID_CONSIGN": "paid",
    "SELLER_CONSIGNED_PART": "paid",
    "WAIT_BUYER_CONFIRM_GOODS": "paid",
    "TRADE_BUYER_SIGNED": "paid",
    "TRADE_FINISHED": "completed",
    "TRADE_CLOSED": "cancelled",
    "TRADE_CLOSED_BY_TAOBAO": "cancelled",
}


def read_trades(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Trades with the products they name."""
    del seen
    return each(listed(body, "trades"), _trade, "trades")


def _trade(trade: Mapping[str, Any]) -> Iterator[Mapped]:
    status = one_of(STATUS, trade.get("status"), "status")
    orders = listed(trade, "orders", "order") or listed(trade, "orders")
    lines = [_line(trade, one, alone=len(orders) == 1) for one in orders]
    for one in orders:
        yield product(product_id=_product(one), name=word(one, "title") or _product(one))
    buyer = word(trade, "buyer_open_uid")
    yield order(
        order_id=ident(trade, "tid_str", "tid"),
        status=status,
        placed_at=must(gmt8(trade, "created"), "created"),
        paid_at=gmt8(trade, "pay_time"),
        modified_at=gmt8(trade, "modified"),
        total=yuan(trade, "payment"),
        discount=sum((line.discount for line in lines), Decimal(0)),
        lines=lines,
        identifiers=[identified("open_id", buyer, "taobao")] if buyer else [],
        channel="taobao",
    )


def _line(trade: Mapping[str, Any], one: Mapping[str, Any], *, alone: bool) -> Line:
    """`divide_order_fee` is what was paid for the line. Without it, a lone line's `payment` holds the freight, others' does not."""
    if word(one, "divide_order_fee"):
        amount = yuan(one, "divide_order_fee")
    else:
        amount = yuan(one, "payment") - (yuan(trade, "post_fee", "0") if alone else 0)
    discount = yuan(one, "discount_fee", "0") + yuan(one, "part_mjz_discount", "0")
    return Line(_product(one), whole(one, "num"), max(amount, Decimal(0)), max(discount, Decimal(0)))


def _product(one: Mapping[str, Any]) -> str:
    return ident(one, "sku_id", "num_iid")


def read_refunds(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Money that went back; what is asked for, refused or closed moves none."""
    del seen
    return each(
        [one for one in listed(body, "refunds") if one.get("status") == "SUCCESS" and yuan(one, "refund_fee", "0") > 0],
        lambda one: refund(
            refund_id=ident(one, "refund_id"),
            order_id=ident(one, "tid"),
            amount=yuan(one, "refund_fee"),
            at=must(gmt8(one, "modified"), "modified"),
        ),
        "refunds",
    )


def read_items(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Every variant on sale, its price and what is left of it; an item without variants is its own."""
    del seen
    of: dict[str, list[dict[str, Any]]] = {}
    for sku in listed(body, "skus"):
        of.setdefault(word(sku, "num_iid"), []).append(sku)

    def read(item: dict[str, Any]) -> Iterator[Mapped]:
        for one in of.get(ident(item, "num_iid")) or [item | {"quantity": item.get("num")}]:
            number = _product(one)
            price = yuan(one, "price") if word(one, "price") else None
            yield product(product_id=number, name=word(item, "title") or number, price=price)
            if one.get("quantity") is not None:
                yield stock(product_id=number, quantity=whole(one, "quantity"), listing=ident(item, "num_iid"))

    return each(listed(body, "items"), read, "items")


def read_messages(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """What messages name: trades and refunds to fetch. Other topics say nothing to us."""
    del seen
    return each(listed(body, "messages"), _message, "messages")


def _message(message: Mapping[str, Any]) -> Iterator[Mapped]:
    topic, number = word(message, "topic"), ident(message, "id")
    if not topic.startswith(("taobao_trade_", "taobao_refund_")):
        return
    try:
        content = json.loads(word(message, "content"))
    except ValueError as error:
        raise Refused("content", "内容不是 JSON", "not JSON") from error
    yield want("orders", ident(content, "tid"), stamp=number)
    if topic.startswith("taobao_refund_") and content.get("refund_id"):
        yield want("refunds", ident(content, "refund_id"), stamp=number)


#: Who wrote a refund's message: 1 the buyer, 2 the seller, 3 the platform.
_BY: Final[Mapping[str, Literal["customer", "staff"]]] = {"1": "customer", "2": "staff"}


def read_refund_words(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """What buyer and shop wrote to each other about refunds; the platform's own words say nothing of her."""
    del seen
    return each(listed(body, "refunds"), _words, "refunds")


def _words(refund_: dict[str, Any]) -> Iterator[Mapped]:
    buyer = word(refund_, "buyer_open_uid")
    for one in listed(refund_, "words") if buyer else ():
        by = _BY.get(word(one, "owner_role"))
        if by is None or not word(one, "content"):
            continue
        yield chat(
            message_id=f"refund:{ident(one, 'id')}",
            identifiers=[identified("open_id", buyer, "taobao")],
            at=must(gmt8(one, "created"), "created"),
            text=word(one, "content"),
            through="taobao.refund",
            by=by,
            conversation=word(refund_, "refund_id"),
            about=word(refund_, "tid"),
        )
