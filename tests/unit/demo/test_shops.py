"""Does the demo's dollar have a rate on every day on which an order of its foreign shop can lie?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tandem.demo.shops import dollar_rates


def test_every_day_of_the_shops_past_has_its_rate() -> None:
    first, last = date(2026, 5, 1), date(2026, 6, 10)
    rates = dollar_rates(first, last)
    days = {one.day for one in rates}
    assert len(days) == len(rates)
    assert days == {first - timedelta(days=100) + timedelta(days=after) for after in range(len(rates))}
    assert max(days) == last
    assert all(Decimal(7) < one.rate < Decimal("7.2") for one in rates)
