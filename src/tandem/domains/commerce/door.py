"""What outside systems may tell of commerce, and what each record means: pure, no database, no clock."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

from tandem.catalog.label import Label
from tandem.domains.commerce import events as happenings
from tandem.domains.commerce.reference import ProductIn, StoreIn, upsert_products, upsert_stores
from tandem.domains.commerce.stock import StockIn, normalise_stock, upsert_stock
from tandem.domains.commerce.words import STATUS_LABELS, Status
from tandem.stream.door.kinds import DoorKind, EntityRef, Envelope, EventOut, Identifier, Key, Normalised, Refused, Text

AMOUNT_MAX: Final = Decimal(10) ** 12
LINES_MAX: Final = 2_000
REFUNDS_APART: Final = timedelta(days=3660)

Time = Annotated[datetime, msgspec.Meta(tz=True)]


class OrderLineIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line; `amount` is what was paid for all its pieces, after `discount`."""

    line_no: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    product_id: Key
    quantity: Decimal
    amount: Decimal
    discount: Decimal = Decimal(0)


class OrderIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order as it stands now. `modified_at` is the platform's; without it the record is as of its latest step."""

    order_id: Key
    status: Status
    placed_at: Time
    total: Decimal
    lines: Annotated[list[OrderLineIn], msgspec.Meta(max_length=LINES_MAX)]
    identifiers: list[Identifier] = []
    store: Text | None = None
    paid_at: Time | None = None
    modified_at: Time | None = None
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "CNY"
    discount: Decimal = Decimal(0)
    channel: Text | None = None
    adviser: Text | None = None
    """Who sold it: the staff number that the till knows her by."""


class RefundLineIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of an order was given back."""

    line_no: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    quantity: Decimal
    amount: Decimal


class RefundIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money given back; it belongs to whom the order belongs."""

    refund_id: Key
    order_id: Key
    amount: Decimal
    at: Time
    lines: Annotated[list[RefundLineIn], msgspec.Meta(max_length=LINES_MAX)] = []


def normalise_order(envelope: Envelope, order: OrderIn) -> Normalised:
    """An order's steps as events, each once, and a correction where the record is newer than its status. Raises Refused."""
    _check_amount("total", order.total)
    _check_amount("discount", order.discount)
    _check_lines(order)
    if order.status in ("paid", "completed") and order.paid_at is None:
        raise Refused(
            "paid_at", "已付款或已完成的订单必须有付款时间。", "An order that is paid or completed needs paid_at."
        )
    if order.paid_at is not None and order.paid_at < order.placed_at:
        raise Refused("paid_at", "付款时间早于下单时间。", "paid_at is before placed_at.")
    reached = step_moments(order)
    modified_at = order.modified_at or max(reached.values())
    snapshot = _snapshot(envelope, order, modified_at, reached)
    out = [EventOut(f"order.{step}", moment, snapshot, once=step) for step, moment in reached.items()]
    if modified_at > reached[order.status]:
        out.append(EventOut(happenings.ORDER_CHANGED, modified_at, snapshot))
    return Normalised(
        events=out,
        identifiers=order.identifiers,
        entity=EntityRef("order", order.order_id),
        modified_at=modified_at,
    )


def step_moments(order: OrderIn) -> dict[Status, datetime]:
    """When each step was reached, in order. An order paid as it is placed (a till sale) has one step: it is paid."""
    moments: dict[Status, datetime] = {}
    latest = order.modified_at or order.paid_at or order.placed_at
    if order.paid_at is None or order.placed_at < order.paid_at:
        moments["placed"] = order.placed_at
    if order.paid_at is not None:
        moments["paid"] = order.paid_at
    if order.status in ("completed", "cancelled"):
        moments[order.status] = max(latest, *moments.values())
    return moments


def _snapshot(
    envelope: Envelope, order: OrderIn, modified_at: datetime, reached: dict[Status, datetime]
) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "source": envelope.source,
        "status": order.status,
        "store": order.store,
        "channel": order.channel,
        **({"adviser": order.adviser} if order.adviser else {}),
        "placed_at": order.placed_at,
        "paid_at": order.paid_at,
        "completed_at": reached.get("completed"),
        "cancelled_at": reached.get("cancelled"),
        "modified_at": modified_at,
        "currency": order.currency,
        "total": json_number(order.total),
        "discount": json_number(order.discount),
        "line_count": len(order.lines),
        "lines": [
            {
                "line_no": line.line_no,
                "product_id": line.product_id,
                "quantity": json_number(line.quantity),
                "amount": json_number(line.amount),
                "discount": json_number(line.discount),
            }
            for line in order.lines
        ],
    }


def _check_lines(order: OrderIn) -> None:
    seen: set[int] = set()
    for index, line in enumerate(order.lines):
        where = f"lines[{index}]"
        if line.line_no in seen:
            raise Refused(
                f"{where}.line_no", f"行号 {line.line_no} 重复。", f"Line number {line.line_no} occurs twice."
            )
        seen.add(line.line_no)
        _check_amount(f"{where}.amount", line.amount)
        _check_amount(f"{where}.discount", line.discount)
        _check_amount(f"{where}.quantity", line.quantity)


_DOUBLES_WHOLE_MAX: Final = 2**53


def json_number(amount: Decimal) -> int | float:
    """An amount as the JSON number an event carries, so that expressions read it as one.

    A double writes back any decimal of at most 15 digits unchanged, and PostgreSQL reads that text exactly; `_check_amount` refuses more.
    """
    number = float(amount)
    if abs(number) < _DOUBLES_WHOLE_MAX:
        return int(number) if number.is_integer() else number
    return int(amount) if amount == amount.to_integral_value() else number


def _check_amount(where: str, amount: Decimal) -> None:
    if not amount.is_finite() or not 0 <= amount <= AMOUNT_MAX:
        raise Refused(where, f"金额或数量 {amount} 应在 0 与一万亿之间。", f"{amount} is not between 0 and 10^12.")
    number = json_number(amount)
    if (number if isinstance(number, int) else Decimal(repr(number))) != amount:
        raise Refused(where, f"{amount} 的位数超过 15 位。", f"{amount} has more than 15 digits.")


def normalise_refund(envelope: Envelope, refund: RefundIn) -> Normalised:
    """A refund, once, for the owner of its order. Raises Refused."""
    _check_amount("amount", refund.amount)
    if refund.amount == 0:
        raise Refused("amount", "退款金额应大于 0。", "A refund's amount must be above 0.")
    if abs(envelope.time - refund.at) > REFUNDS_APART:
        raise Refused("at", "退款时间与记录时间相差超过十年。", "The refund is ten years away from its record.")
    payload: dict[str, Any] = {
        "refund_id": refund.refund_id,
        "refund_uuid": envelope.entity_uuid("refund", refund.refund_id),
        "order_id": refund.order_id,
        "source": envelope.source,
        "amount": json_number(refund.amount),
        "at": refund.at.astimezone(UTC),
    }
    return Normalised(
        events=[EventOut(happenings.REFUND_CREATED, refund.at, payload, once="created")],
        entity=EntityRef("refund", refund.refund_id),
        about=EntityRef("order", refund.order_id),
    )


def _as_reference(envelope: Envelope, record: ProductIn | StoreIn) -> Normalised:
    del envelope
    if isinstance(record, ProductIn) and record.price is not None:
        _check_amount("price", record.price)
    return Normalised(reference=record)


DOOR_KINDS: Final = (
    DoorKind("order", Label("订单", "Order"), OrderIn, normalise_order),
    DoorKind("refund", Label("退款", "Refund"), RefundIn, normalise_refund),
    DoorKind("store", Label("门店", "Store"), StoreIn, _as_reference, upsert_stores),
    DoorKind("product", Label("商品", "Product"), ProductIn, _as_reference, upsert_products),
    DoorKind("stock", Label("库存", "Stock level"), StockIn, normalise_stock, upsert_stock),
)


def statuses() -> Iterable[tuple[Status, Label]]:
    """The statuses an order can have, with their labels, for lists and forms."""
    return STATUS_LABELS.items()
