"""Whatever is earned, spent and expired in whatever order, no point appears or vanishes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.domains.marketing.points import InsufficientPoints, Lot, after, balance, expired, first_out, spend

START = datetime(2026, 1, 1, tzinfo=UTC)
days = st.integers(0, 400)


@st.composite
def lot_lists(draw: st.DrawFn) -> list[Lot]:
    rows = draw(st.lists(st.tuples(st.integers(0, 500), days, st.none() | days), max_size=12))
    return [
        Lot(
            UUID(int=index + 1),
            remaining,
            START + timedelta(days=earned),
            None if expiry is None else START + timedelta(days=expiry),
        )
        for index, (remaining, earned, expiry) in enumerate(rows)
    ]


@given(lot_lists(), days, st.integers(1, 3000))
def test_spending_takes_exactly_the_amount_or_nothing(lots: list[Lot], day: int, amount: int) -> None:
    now = START + timedelta(days=day)
    before = balance(lots, now)
    if amount > before:
        with pytest.raises(InsufficientPoints):
            spend(lots, amount, now)
        return
    taken = spend(lots, amount, now)
    assert sum(part for _, part in taken) == amount
    assert all(part > 0 for _, part in taken)
    left = after(lots, taken)
    assert balance(left, now) == before - amount
    assert all(lot.remaining >= 0 for lot in left)


@given(lot_lists(), days, st.integers(1, 3000))
def test_no_lot_is_touched_while_an_earlier_expiry_has_points_left(lots: list[Lot], day: int, amount: int) -> None:
    now = START + timedelta(days=day)
    if amount > balance(lots, now):
        return
    left = {lot.id: lot.remaining for lot in after(lots, spend(lots, amount, now))}
    order = first_out(lots, now)
    touched = [left[lot.id] < lot.remaining for lot in order]
    emptied = [left[lot.id] == 0 for lot in order]
    assert touched == sorted(touched, reverse=True)
    assert all(emptied[: max(0, sum(touched) - 1)])
    expiries = [lot.expires_at or datetime.max.replace(tzinfo=UTC) for lot in order]
    assert expiries == sorted(expiries)


@given(lot_lists(), days)
def test_live_and_expired_points_are_all_the_points(lots: list[Lot], day: int) -> None:
    now = START + timedelta(days=day)
    assert balance(lots, now) + sum(part for _, part in expired(lots, now)) == sum(lot.remaining for lot in lots)
