"""Canonical records as connectors make them: what the door takes, with times and amounts written exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

Status = Literal["placed", "paid", "completed", "cancelled"]
Identifier = dict[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order; `amount` is what was paid for all its pieces."""

    product_id: str
    quantity: int | Decimal
    amount: Decimal
    discount: Decimal = Decimal(0)


def order(
    *,
    order_id: str,
    status: Status,
    placed_at: datetime,
    total: Decimal,
    lines: Sequence[Line],
    identifiers: Sequence[Identifier] = (),
    paid_at: datetime | None = None,
    modified_at: datetime | None = None,
    currency: str = "CNY",
    discount: Decimal = Decimal(0),
    channel: str | None = None,
    place: int = 0,
) -> Mapped:
    """An order as it stands. What is paid or completed without a time of payment was paid when it was placed."""
    if status in {"paid", "completed"} and paid_at is None:
        paid_at = placed_at
    if paid_at is not None and paid_at < placed_at:
        # Clocks of a platform's order and payment systems differ by moments; the payment is the later fact.
        placed_at = paid_at
    payload: dict[str, Any] = {
        "order_id": order_id,
        "status": status,
        "placed_at": placed_at.isoformat(),
        "paid_at": None if paid_at is None else paid_at.isoformat(),
        "modified_at": None if modified_at is None else modified_at.isoformat(),
        "total": str(total),
        "discount": str(discount),
        "currency": currency,
        "channel": channel,
        "identifiers": list(identifiers),
        "lines": [
            {
                "line_no": number,
                "product_id": line.product_id,
                "quantity": str(line.quantity),
                "amount": str(line.amount),
                "discount": str(line.discount),
            }
            for number, line in enumerate(lines, 1)
        ],
    }
    kept = {name: value for name, value in payload.items() if value is not None}
    return Mapped(place, "order", f"order:{order_id}", modified_at or paid_at or placed_at, kept)


def refund(*, refund_id: str, order_id: str, amount: Decimal, at: datetime, place: int = 0) -> Mapped:
    """Money that went back."""
    payload = {"refund_id": refund_id, "order_id": order_id, "amount": str(amount), "at": at.isoformat()}
    return Mapped(place, "refund", f"refund:{refund_id}", at, payload)


def product(*, product_id: str, name: str, price: Decimal | None = None, category: str | None = None) -> Mapped:
    """A product or one of its variants: what order lines name."""
    payload: dict[str, Any] = {"product_id": product_id, "name": name[:500]}
    if price is not None:
        payload["price"] = str(price)
    if category:
        payload["category"] = category[:200]
    return Mapped(0, "product", f"product:{product_id}", None, payload)


def stock(
    *, product_id: str, quantity: int | Decimal, place: str = "", listing: str = "", at: datetime | None = None
) -> Mapped:
    """How many pieces of a product are for sale at a place (a warehouse, a location; empty: the shop as a whole).

    `listing`: the platform's number of what holds this variant, where a count can only be set by both.
    """
    payload: dict[str, Any] = {"product_id": product_id, "quantity": str(quantity)}
    payload |= {name: value for name, value in (("place", place), ("listing", listing)) if value}
    return Mapped(0, "stock", f"stock:{product_id}:{place}"[:200], at, payload)


def customer(
    *,
    customer_id: str,
    identifiers: Sequence[Identifier],
    name: str | None = None,
    city: str | None = None,
    at: datetime | None = None,
    attrs: Mapping[str, Any] | None = None,
) -> Mapped:
    """A person whom the platform names."""
    payload: dict[str, Any] = {"identifiers": list(identifiers), "attrs": dict(attrs or {})}
    payload |= {key: value[:200] for key, value in (("name", name), ("city", city)) if value}
    return Mapped(0, "customer", f"customer:{customer_id}", at, payload)


def behaviour(
    *, name: str, behaviour_id: str, identifiers: Sequence[Identifier], at: datetime, **properties: Any
) -> Mapped:
    """Something a person did there."""
    payload = {"name": name, "identifiers": list(identifiers), "at": at.isoformat(), "properties": properties}
    return Mapped(0, "behaviour", f"behaviour:{behaviour_id}", at, payload)


TEXT_MAX = 2000


def chat(
    *,
    message_id: str,
    identifiers: Sequence[Identifier],
    at: datetime,
    text: str,
    through: str,
    by: Literal["customer", "staff"] = "customer",
    conversation: str = "",
    about: str = "",
) -> Mapped:
    """A message of a conversation, hers or the shop's answer. `through` names the way (`youzan`, `taobao.refund`), `about` an order."""
    payload: dict[str, Any] = {
        "identifiers": list(identifiers),
        "at": at.isoformat(),
        "text": text[:TEXT_MAX],
        "through": through,
    }
    payload |= {"by": by} if by != "customer" else {}
    payload |= {name: value[:200] for name, value in (("conversation", conversation), ("about", about)) if value}
    return Mapped(0, "chat_message", f"chat:{message_id}"[:200], at, payload)


def identified(kind: str, value: str, scope: str = "") -> Identifier:
    """An identifier."""
    return {"kind": kind, "value": value, "scope": scope} if scope else {"kind": kind, "value": value}


def share(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Divide an amount in cents by weights, largest remainder first, earlier lines before later ones: the parts add up."""
    cents, whole = int(total * 100), sum(weights)
    if not weights or whole <= 0:
        return [total, *([Decimal(0)] * (len(weights) - 1))] if weights else []
    exact = [cents * weight / whole for weight in weights]
    parts = [int(one) for one in exact]
    order_ = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in order_[: cents - sum(parts)]:
        parts[index] += 1
    return [Decimal(one) / 100 for one in parts]


def numbered(found: Iterable[Mapped | Refused]) -> Iterator[Mapped | Refused]:
    """Records with their places."""
    for place, one in enumerate(found):
        yield one if isinstance(one, Refused) else Mapped(place, one.kind, one.external_id, one.time, one.payload)


def each(
    items: Iterable[dict[str, Any]], read: Callable[[dict[str, Any]], Mapped | Iterable[Mapped]], where: str
) -> Iterator[Mapped | Refused]:
    """Read records one by one; what is wrong with one is told at its place and spoils no other."""
    for index, item in enumerate(items):
        try:
            found = read(item)
            whole = [found] if isinstance(found, Mapped) else list(found)
        except Refused as refused:
            yield Refused(f"{where}[{index}].{refused.where}", refused.zh, refused.en)
        else:
            yield from whole


__all__ = [
    "Line",
    "behaviour",
    "chat",
    "customer",
    "each",
    "identified",
    "numbered",
    "order",
    "product",
    "refund",
    "share",
    "stock",
]
