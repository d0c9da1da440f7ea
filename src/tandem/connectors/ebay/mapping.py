"""eBay's orders with the refunds that stand in them, and inventory items, as canonical records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.records import (
    Identifier,
    Line,
    Status,
    chat,
    each,
    identified,
    order,
    product,
    refund,
    stock,
)
from tandem.connectors.kit.values import ident, iso, listed, masked, member, must, one_of, whole, word, yuan
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

# What was paid back in full was sold and paid: its refunds, which stand in it, take it away again.
PAYMENT: Final[Mapping[str, Status]] = {
    "PENDING": "placed",
    "FAILED": "cancelled",
    "PAID": "paid",
    "PARTIALLY_REFUNDED": "paid",
    "FULLY_REFUNDED": "paid",
}
FULFILMENT: Final = {"NOT_STARTED": False, "IN_PROGRESS": False, "FULFILLED": True}
CANCELLED: Final = "CANCELED"
REFUNDED: Final = "REFUNDED"


def read_orders(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Orders, the products they name, and the refunds that stand in them."""
    del seen
    return each(listed(body, "orders"), _order, "orders")


def _order(one: dict[str, Any]) -> Iterator[Mapped]:
    status = one_of(PAYMENT, one.get("orderPaymentStatus"), "orderPaymentStatus")
    sent = one_of(FULFILMENT, one.get("orderFulfillmentStatus"), "orderFulfillmentStatus")
    if word(member(one, "cancelStatus"), "cancelState") == CANCELLED:
        status = "cancelled"
    elif status == "paid" and sent:
        status = "completed"
    items, payment = listed(one, "lineItems"), member(one, "paymentSummary")
    for item in items:
        yield product(product_id=_product(item), name=word(item, "title") or _product(item))
    total, order_id = member(member(one, "pricingSummary"), "total"), ident(one, "orderId")
    lines = [_line(item) for item in items]
    yield order(
        order_id=order_id,
        status=status,
        placed_at=must(iso(one, "creationDate"), "creationDate"),
        paid_at=_paid(payment),
        modified_at=iso(one, "lastModifiedDate"),
        total=_own(total),
        discount=sum((line.discount for line in lines), Decimal(0)),
        currency=word(total, "convertedFromCurrency") or word(total, "currency"),
        lines=lines,
        identifiers=_identifiers(member(one, "buyer")),
        channel="ebay",
    )
    for back in listed(payment, "refunds"):
        if word(back, "refundStatus") == REFUNDED:
            yield refund(
                refund_id=ident(back, "refundId", "refundReferenceId"),
                order_id=order_id,
                amount=_own(member(back, "amount")),
                at=must(iso(back, "refundDate"), "refundDate"),
            )


def _own(amount: Mapping[str, Any]) -> Decimal:
    """An amount in the currency in which it was bought: what was converted for the seller's site stands beside it."""
    return yuan(amount, "convertedFromValue" if word(amount, "convertedFromValue") else "value")


def _line(item: Mapping[str, Any]) -> Line:
    full = _own(member(item, "lineItemCost"))
    discounted = member(item, "discountedLineItemCost")
    amount = _own(discounted) if discounted else full
    return Line(_product(item), whole(item, "quantity"), amount, max(full - amount, Decimal(0)))


def _product(item: Mapping[str, Any]) -> str:
    """The seller's own number; what was listed without one goes by its listing."""
    return ident(item, "sku", "legacyItemId")


def _paid(payment: Mapping[str, Any]) -> Any:
    """When the first payment that was taken was made."""
    moments = [iso(one, "paymentDate") for one in listed(payment, "payments") if word(one, "paymentStatus") == "PAID"]
    return min((one for one in moments if one is not None), default=None)


def _identifiers(buyer: Mapping[str, Any]) -> list[Identifier]:
    """The buyer's account. The address beside it is the platform's relay and gone after two weeks: nobody goes by it."""
    account = word(buyer, "username")
    return [identified("online_account", account, "ebay")] if account and not masked(account) else []


def read_items(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """What the seller has, and how much of it."""
    del seen
    return each(listed(body, "inventoryItems"), _item, "inventoryItems")


def _item(one: dict[str, Any]) -> Iterator[Mapped]:
    sku = ident(one, "sku")
    yield product(product_id=sku, name=word(member(one, "product"), "title") or sku)
    left = member(member(one, "availability"), "shipToLocationAvailability")
    if left.get("quantity") is not None:
        yield stock(product_id=sku, quantity=whole(left, "quantity"))


def read_conversations(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """What buyers wrote and what the seller answered. Who wrote is told by name alone: a message between two others is nobody's."""
    del seen
    seller = word(body, "seller")
    return each(listed(body, "conversations"), lambda one: _conversation(one, seller), "conversations")


def _conversation(one: dict[str, Any], seller: str) -> Iterator[Mapped]:
    for said in listed(one, "messages"):
        ends = (word(said, "senderUsername"), word(said, "recipientUsername"))
        if not seller or seller not in ends or not word(said, "messageBody"):
            continue
        buyer = ends[0] if ends[1] == seller else ends[1]
        if not buyer or masked(buyer):
            continue
        yield chat(
            message_id=f"ebay:{ident(said, 'messageId')}",
            identifiers=[identified("online_account", buyer, "ebay")],
            at=must(iso(said, "createdDate"), "createdDate"),
            text=word(said, "messageBody"),
            through="ebay",
            by="customer" if ends[0] == buyer else "staff",
            conversation=ident(one, "conversationId"),
            about=word(one, "referenceId") if word(one, "referenceType") == "ORDER" else "",
        )
