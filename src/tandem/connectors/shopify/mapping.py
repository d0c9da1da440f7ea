"""Shopify's orders, refunds, customers and products as canonical records. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.privacy import privacy
from tandem.connectors.kit.records import (
    Identifier,
    Line,
    Status,
    customer,
    each,
    identified,
    order,
    product,
    refund,
    stock,
)
from tandem.connectors.kit.values import ident, iso, listed, member, must, one_of, whole, word, yuan
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]+")
PAID: Final = {"paid", "partially_refunded", "refunded"}
# What was paid back in full was sold and paid: its refunds, which stand in it, take it away again.
STATUS: Final[Mapping[str, Status]] = {
    "pending": "placed",
    "authorized": "placed",
    "partially_paid": "placed",
    "expired": "cancelled",
    "paid": "paid",
    "partially_refunded": "paid",
    "refunded": "paid",
    "voided": "cancelled",
}


def read_orders(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Orders, the products they name, and the refunds that stand in them."""
    return each(listed(body, "orders"), lambda one: _order(one, seen), "orders")


def _order(one: dict[str, Any], seen: Seen) -> Iterator[Mapped]:
    status = one_of(STATUS, word(one, "financial_status") or "pending", "financial_status")
    if one.get("cancelled_at"):
        status = "cancelled"
    elif status == "paid" and one.get("closed_at"):
        status = "completed"
    lines = [_line(line) for line in listed(one, "line_items")]
    for line in listed(one, "line_items"):
        yield product(product_id=_product(line), name=word(line, "name") or word(line, "title"))
    placed = must(iso(one, "created_at"), "created_at")
    paid = iso(one, "processed_at") or placed if word(one, "financial_status") in PAID else None
    yield order(
        order_id=ident(one, "id"),
        status=status,
        placed_at=placed,
        paid_at=paid,
        modified_at=iso(one, "updated_at"),
        total=yuan(one, "total_price"),
        discount=yuan(one, "total_discounts", "0"),
        currency=word(one, "currency") or "USD",
        lines=lines,
        identifiers=_identifiers(member(one, "customer"), seen),
        channel="shopify",
    )
    for returned in listed(one, "refunds"):
        yield from _refund(returned, ident(one, "id"))


def _line(line: Mapping[str, Any]) -> Line:
    quantity = whole(line, "quantity")
    off = sum((yuan(share, "amount") for share in listed(line, "discount_allocations")), Decimal(0))
    off = off or yuan(line, "total_discount", "0")
    return Line(_product(line), quantity, max(yuan(line, "price") * quantity - off, Decimal(0)), off)


def _product(line: Mapping[str, Any]) -> str:
    """A variant's id; what was typed in by hand has none and goes by its line."""
    if line.get("variant_id") or line.get("product_id"):
        return ident(line, "variant_id", "product_id")
    return f"line-{ident(line, 'id')}"


def read_refund(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """A refund that a webhook told."""
    del seen
    one = member(body, "refund")
    return each([one], lambda found: _refund(found, ident(found, "order_id")), "refund")


def _refund(one: Mapping[str, Any], order_id: str) -> Iterator[Mapped]:
    """What really went back: the successful refund transactions, not the lines."""
    amount = sum(
        (
            yuan(part, "amount")
            for part in listed(one, "transactions")
            if part.get("kind") == "refund" and part.get("status") == "success"
        ),
        Decimal(0),
    )
    if amount > 0:
        at = must(iso(one, "processed_at") or iso(one, "created_at"), "created_at")
        yield refund(refund_id=ident(one, "id"), order_id=order_id, amount=amount, at=at)


def read_customers(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """People with an account at the shop."""
    return each(listed(body, "customers"), lambda one: _customer(one, seen), "customers")


def _customer(one: Mapping[str, Any], seen: Seen) -> Mapped:
    return customer(
        customer_id=ident(one, "id"),
        identifiers=_identifiers(one, seen),
        name=_name(word(one, "first_name"), word(one, "last_name")) or None,
        city=word(member(one, "default_address"), "city") or None,
        at=iso(one, "updated_at"),
    )


def _name(given: str, family: str) -> str:
    """A name as its bearer writes it: in Chinese characters the family name comes first, without a space."""
    if given and family and _HAN.fullmatch(given) and _HAN.fullmatch(family):
        return family + given
    return " ".join(part for part in (given, family) if part)


def _identifiers(one: Mapping[str, Any], seen: Seen) -> list[Identifier]:
    """The account, and an address or number that the shop verified or that the buyer typed in full."""
    if not one.get("id"):
        return []
    found = [identified("online_account", ident(one, "id"), f"shopify:{seen.settings.get('shop', '')}")]
    if word(one, "email"):
        found.append(identified("email", word(one, "email")))
    if word(one, "phone"):
        found.append(identified("phone", word(one, "phone")))
    return found


def read_privacy(body: Mapping[str, Any], seen: Seen) -> Mapped | None:
    """The topics that every app must hear: customers/data_request, customers/redact, shop/redact. None: it is none of them."""
    who = member(body, "customer")
    if who and "data_request" in body:
        number = word(member(body, "data_request"), "id")
        return privacy(
            what="export",
            request_id=f"data:{number}" if number else None,
            reason="Shopify customers/data_request",
            identifiers=_identifiers(who, seen),
        )
    if who and "orders_to_redact" in body:
        reason = "Shopify customers/redact"
        return privacy(what="erase", request_id=None, reason=reason, identifiers=_identifiers(who, seen))
    if set(body) == {"shop_id", "shop_domain"}:
        scope = f"shopify:{seen.settings.get('shop', '')}"
        return privacy(what="erase", request_id=None, reason="Shopify shop/redact", scope=scope)
    return None


def read_products(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Every variant is a product: order lines name variants. What is left of it is told for all locations together."""
    del seen
    return each(listed(body, "products"), _variants, "products")


def _variants(one: dict[str, Any]) -> Iterator[Mapped]:
    for variant in listed(one, "variants"):
        title = word(variant, "title")
        name = word(one, "title") + (f" - {title}" if title and title != "Default Title" else "")
        price = yuan(variant, "price") if word(variant, "price") else None
        category = word(one, "product_type") or None
        yield product(product_id=ident(variant, "id"), name=name, category=category, price=price)
        if variant.get("inventory_quantity") is not None:
            listing = word(variant, "inventory_item_id")
            yield stock(product_id=ident(variant, "id"), quantity=whole(variant, "inventory_quantity"), listing=listing)
