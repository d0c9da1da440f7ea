"""What an order's record means: its steps, each once, and nothing for what contradicts itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.domains.commerce.door import OrderIn, OrderLineIn, RefundIn, json_number, normalise_order, normalise_refund
from tandem.stream.door.kinds import Envelope, Refused

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ENVELOPE = Envelope(UUID(int=1), "pos", "B-1", "order", AT)


def order(**changes: object) -> OrderIn:
    line = OrderLineIn(line_no=1, product_id="p1", quantity=Decimal(2), amount=Decimal("12.50"))
    given = {
        "order_id": "A-1",
        "status": "paid",
        "placed_at": AT,
        "paid_at": AT,
        "total": Decimal("12.50"),
        "lines": [line],
    }
    return OrderIn(**(given | changes))


def steps(given: OrderIn) -> list[tuple[str, str | None]]:
    return [(event.type, event.once) for event in normalise_order(ENVELOPE, given).events]


def test_a_till_sale_is_one_happening() -> None:
    assert steps(order()) == [("order.paid", "paid")]


def test_an_order_paid_later_was_placed_first() -> None:
    assert steps(order(paid_at=AT + timedelta(hours=1))) == [("order.placed", "placed"), ("order.paid", "paid")]


def test_a_completed_order_passed_every_step_in_time_order() -> None:
    events = normalise_order(
        ENVELOPE, order(status="completed", paid_at=AT + timedelta(hours=1), modified_at=AT + timedelta(days=2))
    ).events
    assert [event.once for event in events] == ["placed", "paid", "completed"]
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_an_unpaid_order_can_be_cancelled() -> None:
    cancelled = order(status="cancelled", paid_at=None, modified_at=AT + timedelta(minutes=30))
    assert steps(cancelled) == [("order.placed", "placed"), ("order.cancelled", "cancelled")]


def test_a_record_newer_than_its_status_is_a_correction() -> None:
    assert steps(order(modified_at=AT + timedelta(minutes=5))) == [("order.paid", "paid"), ("order.changed", None)]


def test_every_event_carries_the_whole_record() -> None:
    for event in normalise_order(ENVELOPE, order(paid_at=AT + timedelta(hours=1))).events:
        assert event.payload["lines"][0]["amount"] == 12.5
        assert event.payload["source"] == "pos"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"total": Decimal(-1)}, "total"),
        ({"total": Decimal("NaN")}, "total"),
        ({"total": Decimal("1e13")}, "total"),
        ({"total": Decimal("99999999999.999999")}, "total"),
        ({"paid_at": None}, "paid_at"),
        ({"paid_at": AT - timedelta(seconds=1)}, "paid_at"),
        ({"lines": [OrderLineIn(1, "p", Decimal(1), Decimal(-3))]}, "lines[0].amount"),
        ({"lines": [OrderLineIn(1, "p", Decimal(1), Decimal(1))] * 2}, "lines[1].line_no"),
    ],
)
def test_a_contradiction_is_refused_with_its_place(changes: dict[str, object], where: str) -> None:
    with pytest.raises(Refused) as refused:
        normalise_order(ENVELOPE, order(**changes))
    assert refused.value.where == where


def test_amounts_arrive_as_text_or_number_without_losing_a_cent() -> None:
    raw = (
        b'{"order_id":"A","status":"paid","placed_at":"2026-05-01T12:00:00Z","paid_at":"2026-05-01T12:00:00Z","total":"0.10",'
        b'"lines":[{"line_no":1,"product_id":"p","quantity":1,"amount":0.1}]}'
    )
    decoded = msgspec.json.decode(raw, type=OrderIn)
    assert decoded.total == Decimal("0.10")
    assert decoded.lines[0].amount == Decimal("0.1")


def test_a_refund_belongs_to_its_order() -> None:
    refund = RefundIn(refund_id="R-1", order_id="A-1", amount=Decimal(3), at=AT)
    meant = normalise_refund(ENVELOPE, refund)
    assert meant.about is not None
    assert (meant.about.kind, meant.about.id) == ("order", "A-1")
    assert [event.once for event in meant.events] == ["created"]
    with pytest.raises(Refused):
        normalise_refund(ENVELOPE, msgspec.structs.replace(refund, amount=Decimal(0)))


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_amounts_in_events_are_exact(amount: Decimal) -> None:
    assert Decimal(repr(json_number(amount))) == amount
