"""Are orders of other currencies worth what the day's rate says, and does a corrected rate correct all that follows?"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.domains.test_commerce import order, products
from harness.flows import FlowHouse
from tandem.domains.commerce import rates
from tandem.domains.commerce.rates import Rate
from tandem.kernel.errors import InvalidInput

DAY = timedelta(days=1)


def set_rates(house: FlowHouse, *given: tuple[str, date, str]) -> tuple[int, int]:
    with house.tx("worker") as tx:
        return rates.write(tx, [Rate(currency, day, Decimal(rate)) for currency, day, rate in given])


def day_of(house: FlowHouse, order_id: str) -> date:
    ((day,),) = house.owner(
        f"select (paid_at at time zone 'Asia/Shanghai')::date from sales_order where external_id = '{order_id}'"
    )
    return day


def worth(house: FlowHouse) -> list[tuple[Any, ...]]:
    return house.owner("select external_id, total, rate, rate_day, home_total from sales_order order by external_id")


def spend(house: FlowHouse) -> tuple[Any, ...]:
    return house.owner("select order_count, spend_total, refund_total from customer_profile")[0]


def test_an_order_without_a_rate_is_held_out_and_comes_in_with_it(house: FlowHouse, send: Any, ago: Any) -> None:
    products(send)
    send(order("A1", ago(days=3)), order("A2", ago(days=2), currency="USD"))
    house.settle()
    assert spend(house) == (2, Decimal(60), Decimal(0))
    with house.tx("worker") as tx:
        (held,) = rates.missing(tx)
        assert (held.currency, held.orders, held.total) == ("USD", 1, Decimal(60))
    paid = day_of(house, "A2")
    assert set_rates(house, ("USD", paid, "7.1234"), ("USD", paid - DAY, "7")) == (2, 1)
    house.settle()
    assert worth(house)[1] == ("A2", Decimal(60), Decimal("7.1234"), paid, Decimal("427.40"))
    assert spend(house) == (2, Decimal("487.40"), Decimal(0))
    assert house.owner("select sum(amount) from customer_fact_day where fact = 'orders'") == [(Decimal("487.40"),)]
    lines = house.owner(
        "select home_amount, category_amount from order_line l join sales_order o on o.id = l.order_id"
        " where o.external_id = 'A2' order by line_no"
    )
    assert lines == [
        (Decimal("284.94"), Decimal("284.94")),
        (Decimal("85.48"), Decimal("142.47")),
        (Decimal("56.99"), None),
    ]
    with house.tx("worker") as tx:
        assert rates.missing(tx) == []
        assert rates.stale(tx) == []


def test_the_nearest_earlier_rate_stands_in_and_is_marked(house: FlowHouse, send: Any, ago: Any) -> None:
    products(send)
    send(order("A1", ago(days=3)))
    house.settle()
    paid = day_of(house, "A1")
    set_rates(house, ("USD", paid - 2 * DAY, "7"), ("USD", paid + DAY, "9"))
    send(order("A2", ago(days=3), currency="USD"))
    house.settle()
    assert worth(house)[1][2:] == (Decimal(7), paid - 2 * DAY, Decimal(420))
    with house.tx("worker") as tx:
        (one,) = rates.stale(tx)
        assert (one.currency, one.orders, one.days_most) == ("USD", 1, 2)


def test_a_corrected_rate_corrects_refunds_days_and_totals(house: FlowHouse, send: Any, ago: Any) -> None:
    products(send)
    send(order("A1", ago(days=9), currency="EUR"))
    house.settle()
    paid = day_of(house, "A1")
    set_rates(house, ("EUR", paid, "8"))
    house.settle()
    send(("refund", {"refund_id": "R1", "order_id": "A1", "amount": "10.00", "at": ago(days=2)}))
    house.settle()
    assert spend(house) == (1, Decimal(480), Decimal(80))
    assert set_rates(house, ("EUR", paid, "7.5")) == (1, 1)
    assert set_rates(house, ("EUR", paid, "7.5")) == (0, 0)
    house.settle()
    assert spend(house) == (1, Decimal(450), Decimal(75))
    assert house.owner(
        "select fact, amount from customer_fact_day where fact in ('orders', 'refunds') order by fact"
    ) == [
        ("orders", Decimal(450)),
        ("refunds", Decimal(75)),
    ]
    # A rate of another day, or of another currency, moves nobody.
    assert set_rates(house, ("EUR", paid + DAY, "6"), ("JPY", paid, "0.05")) == (2, 0)


def test_a_csv_is_read_or_its_line_is_named() -> None:
    text = "\ufeff币种,日期,汇率\nusd,2026-11-22,7.1\n\nEUR,2026/11/21, 8.2\n"
    assert rates.parse_csv(text) == [
        Rate("USD", date(2026, 11, 22), Decimal("7.1")),
        Rate("EUR", date(2026, 11, 21), Decimal("8.2")),
    ]
    for wrong in ("USD,2026-11-22", "DOLLAR,2026-11-22,7", "USD,yesterday,7", "USD,2026-11-22,seven"):
        with pytest.raises(InvalidInput) as told:
            rates.parse_csv(f"currency,day,rate\n{wrong}")
        assert "2" in told.value.zh


def test_the_tenant_s_own_currency_and_nonsense_are_refused(house: FlowHouse) -> None:
    for currency, rate in (("CNY", "1"), ("USD", "NaN"), ("USD", "0")):
        with pytest.raises(InvalidInput):
            set_rates(house, (currency, date(2026, 11, 22), rate))
