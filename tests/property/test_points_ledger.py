"""Whatever is earned, spent and expires, in whatever order: the database agrees with the model, and the ledger sums to the lots."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.database import Database
from harness.flows import FlowHouse, open_flow_house
from tandem.domains.marketing import ledger
from tandem.domains.marketing.points import InsufficientPoints, Lot, after, balance, expired, spend
from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn, in_bucket

add = st.tuples(st.just("add"), st.integers(1, 300), st.none() | st.integers(1, 40))
take = st.tuples(st.just("take"), st.integers(1, 400), st.sampled_from(["spent", "adjusted"]))
wait = st.tuples(st.just("wait"), st.integers(1, 20), st.none())
expire = st.tuples(st.just("expire"), st.integers(1, 50), st.none())


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(module_database) as opened:
        yield opened


def later(tx: Tx, days: int) -> Turn:
    """A turn at a moment ahead: time is a parameter."""
    return Turn(replace(tx, now=tx.now + timedelta(days=days)), list(range(256)))


def totals(tx: Tx, customer: UUID) -> tuple[int, int]:
    """(what the lots hold, what the ledger says)."""
    found = tx.cursor(
        "select (select coalesce(sum(remaining), 0) from points_lot where customer_id = %(c)s),"
        " (select coalesce(sum(case when to_account = 'balance' then amount else -amount end), 0) from points_entry where customer_id = %(c)s)",
        {"c": customer},
    ).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(add, take, wait, expire), max_size=14))
def test_the_database_agrees_with_the_model(house: FlowHouse, steps: list[tuple[str, int, object]]) -> None:
    (customer,) = house.add_customers(1)
    lots: list[Lot] = []
    day = 0
    with house.tx() as tx:
        in_bucket(tx, customer)
        for kind, number, extra in steps:
            turn = later(tx, day)
            if kind == "wait":
                day += number
            elif kind == "add":
                days = extra if isinstance(extra, int) else None
                lot_id = ledger.add(turn, customer, number, "赠送", valid_days=days)
                lots.append(Lot(lot_id, number, turn.now, None if days is None else turn.now + timedelta(days=days)))
            elif kind == "take":
                lots = taken(turn, customer, lots, number, str(extra))
            else:
                ledger.expire(turn, 1000)
                lots = after(lots, expired(lots, turn.now))
            check(tx, customer, lots, later(tx, day).now)


def taken(turn: Turn, customer: UUID, lots: list[Lot], amount: int, account: str) -> list[Lot]:
    if amount > balance(lots, turn.now):
        with pytest.raises(InsufficientPoints):
            ledger.take(turn, customer, amount, "使用", account=account)  # type: ignore[arg-type]
        return lots
    ledger.take(turn, customer, amount, "使用", account=account)  # type: ignore[arg-type]
    return after(lots, spend(lots, amount, turn.now))


def check(tx: Tx, customer: UUID, lots: list[Lot], now: datetime) -> None:
    held, said = totals(tx, customer)
    assert held == said == sum(lot.remaining for lot in lots)
    stored = {lot.id: lot.remaining for lot in ledger.lots_of(Turn(tx, list(range(256))), customer)}
    assert stored == {lot.id: lot.remaining for lot in lots if lot.remaining > 0}
    assert balance(lots, now) <= held
