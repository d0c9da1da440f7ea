"""Amazon's orders (2026-01-01), refund events and listings as canonical records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.records import Identifier, Line, Status, each, identified, order, product, refund, stock
from tandem.connectors.kit.values import first, ident, iso, listed, member, must, one_of, whole, word, yuan
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

STATUS: Final[Mapping[str, Status]] = {
    "PENDING_AVAILABILITY": "placed",
    "PENDING": "placed",
    "UNSHIPPED": "paid",
    "PARTIALLY_SHIPPED": "paid",
    "SHIPPED": "completed",
    "INVOICE_UNCONFIRMED": "paid",
    "CANCELLED": "cancelled",
    "UNFULFILLABLE": "cancelled",
}
"""An order that left the house is completed: the platform never tells of its arrival here."""


def read_orders(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Orders with the products they name. One whose payment is pending has neither amounts nor a buyer yet, and waits."""
    told = [one for one in listed(body, "orders") if _told(one)]
    return each(told, lambda one: _order(one, seen), "orders")


def _told(one: Mapping[str, Any]) -> bool:
    return bool(member(member(one, "proceeds"), "grandTotal"))


def _order(one: dict[str, Any], seen: Seen) -> Iterator[Mapped]:
    status = one_of(STATUS, member(one, "fulfillment").get("fulfillmentStatus"), "fulfillment.fulfillmentStatus")
    lines = [_line(item) for item in listed(one, "orderItems")]
    for item in listed(one, "orderItems"):
        yield product(product_id=_sku(item), name=word(member(item, "product"), "title") or _sku(item))
    total = member(member(one, "proceeds"), "grandTotal")
    placed = must(iso(one, "createdTime"), "createdTime")
    yield order(
        order_id=ident(one, "orderId"),
        status=status,
        placed_at=placed,
        # When it was paid is not told: the platform charges what it takes on.
        paid_at=placed if status in {"paid", "completed"} else None,
        modified_at=iso(one, "lastUpdatedTime"),
        total=yuan(total, "amount"),
        discount=sum((line.discount for line in lines), Decimal(0)),
        currency=word(total, "currencyCode"),
        lines=lines,
        identifiers=_identifiers(member(one, "buyer"), seen),
        channel="amazon",
    )


def _line(item: Mapping[str, Any]) -> Line:
    """What the line brought: its items, less promotions. Tax and shipping stand in the order's total alone."""
    parts = {word(part, "type"): part for part in listed(item, "proceeds", "breakdowns")}
    amount = _subtotal(parts.get("ITEM"))
    off = abs(_subtotal(parts.get("DISCOUNT")))
    return Line(_sku(item), whole(item, "quantityOrdered"), max(amount - off, Decimal(0)), off)


def _subtotal(part: Mapping[str, Any] | None) -> Decimal:
    return Decimal(0) if part is None else yuan(member(part, "subtotal"), "amount", "0")


def _sku(item: Mapping[str, Any]) -> str:
    return ident(member(item, "product"), "sellerSku", "asin")


def _identifiers(buyer: Mapping[str, Any], seen: Seen) -> list[Identifier]:
    """The address that the platform made up for this buyer and this seller: a key of theirs, nobody's mailbox."""
    relay = word(buyer, "buyerEmail").lower()
    seller = seen.settings.get("seller_id", "")
    return [identified("online_account", relay, f"amazon:{seller}")] if "@marketplace.amazon." in relay else []


def read_refunds(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Money that went back to buyers, as the ledger of the platform has it."""
    del seen
    return each(listed(body, "RefundEventList"), _refund, "RefundEventList")


def _refund(one: dict[str, Any]) -> Iterator[Mapped]:
    items = listed(one, "ShipmentItemAdjustmentList")
    charges = [part for item in items for part in listed(item, "ItemChargeAdjustmentList")]
    promotions = [part for item in items for part in listed(item, "PromotionAdjustmentList")]
    back = sum((yuan(member(part, "ChargeAmount"), "CurrencyAmount") for part in charges), Decimal(0))
    # Promotions are taken back with the goods: they make the amount smaller again.
    back += sum((yuan(member(part, "PromotionAmount"), "CurrencyAmount") for part in promotions), Decimal(0))
    if back < 0:
        order_id, posted = ident(one, "AmazonOrderId"), word(one, "PostedDate")
        named = "+".join(
            sorted(word(item, "OrderAdjustmentItemId") for item in items if item.get("OrderAdjustmentItemId"))
        )
        yield refund(
            refund_id=f"{order_id}:{named or posted}"[:150],
            order_id=order_id,
            amount=-back,
            at=must(iso(one, "PostedDate"), "PostedDate"),
        )


def read_listings(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """What the seller lists, and what is left where the seller sends it."""
    del seen
    return each(listed(body, "items"), _listing, "items")


def _listing(one: dict[str, Any]) -> Iterator[Mapped]:
    sku = ident(one, "sku")
    summary = first(one, "summaries")
    price = member(first(one, "offers"), "price")
    yield product(
        product_id=sku,
        name=word(summary, "itemName") or sku,
        price=yuan(price, "amount") if word(price, "amount") else None,
    )
    for left in listed(one, "fulfillmentAvailability"):
        if left.get("quantity") is not None:
            yield stock(product_id=sku, place=word(left, "fulfillmentChannelCode"), quantity=whole(left, "quantity"))
