"""A customer's history in words."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tandem.domains.commerce.events import EVENT_TYPES, ORDER_PAID
from tandem.stream.customer.timeline import facts


@pytest.mark.parametrize(("currency", "told"), [("CNY", "12.50 元"), ("USD", "12.50 USD"), (None, "12.50 元")])
def test_an_amount_is_called_by_the_currency_it_was_paid_in(currency: str | None, told: str) -> None:
    catalog = cast("Any", SimpleNamespace(event_types={one.name: one for one in EVENT_TYPES}))
    payload = {"order_id": "A1", "total": "12.50", "currency": currency}
    happening = cast(
        "Any", SimpleNamespace(type=ORDER_PAID, payload=payload, occurred_at=datetime(2026, 1, 1, tzinfo=UTC))
    )
    words = {label.en: value.zh for label, value in facts(catalog, happening)}
    assert words["Total"] == told
