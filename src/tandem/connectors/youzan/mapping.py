"""Youzan's trades (yuan) and refunds (fen) as canonical records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.records import Line, Status, chat, each, identified, order, product, refund, stock
from tandem.connectors.kit.values import epoch, fen, gmt8, ident, listed, member, must, one_of, whole, word, yuan
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

STATUS: Final[Mapping[str, Status]] = {
    "WAIT_BUYER_PAY": "placed",
    "TRADE_PAID": "paid",
    "WAIT_CONFIRM": "paid",
    "WAIT_SELLER_SEND_GOODS": "paid",
    "WAIT_BUYER_CONFIRM_GOODS": "paid",
    "TRADE_SUCCESS": "completed",
    "TRADE_CLOSED": "cancelled",
}
REFUNDED: Final = "SUCCESS"


def read_trades(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Trades with the products they name."""
    del seen
    return each(listed(body, "full_order_info_list"), _trade, "full_order_info_list")


def _trade(one: dict[str, Any]) -> Iterator[Mapped]:
    whole_ = member(one, "full_order_info") or one
    info, pay, orders = member(whole_, "order_info"), member(whole_, "pay_info"), listed(whole_, "orders")
    status = one_of(STATUS, info.get("status"), "status")
    for line in orders:
        yield product(product_id=ident(line, "sku_id", "item_id"), name=word(line, "title"))
    lines = [
        Line(
            ident(line, "sku_id", "item_id"),
            whole(line, "num"),
            yuan(line, "payment"),
            max(yuan(line, "total_fee", "0") - yuan(line, "payment"), Decimal(0)),
        )
        for line in orders
    ]
    buyer = word(member(whole_, "buyer_info"), "yz_open_id")
    yield order(
        order_id=ident(info, "tid"),
        status=status,
        placed_at=must(gmt8(info, "created"), "created"),
        paid_at=gmt8(info, "pay_time"),
        modified_at=gmt8(info, "update_time"),
        total=yuan(pay, "payment"),
        discount=sum((line.discount for line in lines), Decimal(0)),
        lines=lines,
        identifiers=[identified("open_id", buyer, "youzan")] if buyer else [],
        channel="youzan",
    )


def read_refunds(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Money that went back: fen, where trades are yuan."""
    del seen
    return each([one for one in listed(body, "refunds") if word(one, "status") == REFUNDED], _refund, "refunds")


def _refund(one: dict[str, Any]) -> Iterator[Mapped]:
    amount = sum((fen(fund, "refund_fee") for fund in listed(one, "refund_fund_list")), Decimal(0))
    if amount > 0:
        at = must(gmt8(one, "modified"), "modified")
        yield refund(refund_id=ident(one, "refund_id"), order_id=ident(one, "tid"), amount=amount, at=at)


BY_BUYER: Final = "customer"
"""`from` of a message. The names of these fields are in no public source: the platform's pages tell what is read, not how it is called."""
TEXT: Final = "text"


def read_consultations(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """What buyers asked and what the shop's desk answered, in words; pictures say nothing that could be recognised."""
    del seen
    return each(listed(body, "consultations"), _consultation, "consultations")


def _consultation(one: dict[str, Any]) -> Iterator[Mapped]:
    buyer, number = word(one, "yz_open_id"), ident(one, "consultation_id")
    for said in listed(one, "messages") if buyer else ():
        if word(said, "msg_type") != TEXT:
            continue
        yield chat(
            message_id=ident(said, "msg_id"),
            identifiers=[identified("open_id", buyer, "youzan")],
            at=must(epoch(said, "send_time", 1000), "send_time"),
            text=word(said, "content"),
            through="youzan",
            by="customer" if word(said, "from") == BY_BUYER else "staff",
            conversation=number,
            about=word(one, "tid"),
        )


def read_items(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Every variant on sale, its price (fen here, where trades are yuan) and what is left of it."""
    del seen
    return each(listed(body, "items"), _item, "items")


def _item(item: dict[str, Any]) -> Iterator[Mapped]:
    for one in listed(item, "skus") or [item]:
        number = ident(one, "sku_id", "item_id")
        name = word(item, "title") or number
        yield product(product_id=number, name=name, price=fen(one, "price") if word(one, "price") else None)
        if one.get("quantity") is not None:
            yield stock(product_id=number, quantity=whole(one, "quantity"), listing=ident(item, "item_id"))
