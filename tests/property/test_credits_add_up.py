"""Whatever happens to an order, in whatever order we hear of it, its credits add up to what it is worth, to the cent."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tandem.domains.contact.ownership.booking import (
    Cents,
    Entry,
    Key,
    Refund,
    Standing,
    missing_entries,
    open_period,
    split,
)

START = datetime(2026, 3, 10, tzinfo=UTC)
PEOPLE = [UUID(int=number) for number in range(1, 5)]


@st.composite
def shares(draw: st.DrawFn) -> list[tuple[UUID, int]]:
    """Fixed parts that add up, or nobody."""
    parts = draw(st.lists(st.integers(1, 9_999), max_size=3, unique=True))
    cuts = sorted({0, *parts, 10_000})
    sizes = [right - left for left, right in itertools.pairwise(cuts)]
    users = draw(st.permutations(PEOPLE))
    return list(zip(users, sizes, strict=False)) if draw(st.integers(0, 5)) else []


step = st.one_of(
    st.tuples(st.just("refund"), st.integers(1, 40_000)),
    st.tuples(st.just("total"), st.integers(0, 100_000)),
    st.tuples(st.just("cancel"), st.integers(0, 1)),
    st.tuples(st.just("shares"), shares()),
    st.tuples(st.just("hear"), st.none()),
)


def add(booked: dict[Key, Cents], entries: list[Entry]) -> None:
    for one in entries:
        part = booked.setdefault((one.cause, one.cause_id), {})
        part[one.user_id] = part.get(one.user_id, 0) + one.cents


def sums(booked: dict[Key, Cents]) -> Cents:
    found: Cents = {}
    for part in booked.values():
        for user, cents in part.items():
            found[user] = found.get(user, 0) + cents
    return {user: cents for user, cents in found.items() if cents}


def worth(order: Standing) -> int:
    left = order.cents - sum(one.cents for one in order.refunds)
    return 0 if order.cancelled_at is not None else max(0, left)


@given(st.integers(0, 100_000), shares(), st.lists(step, max_size=12))
@settings(max_examples=150, deadline=None)
def test_credits_add_up_to_the_order(cents: int, first: list[tuple[UUID, int]], steps: list[tuple[str, Any]]) -> None:
    order, parts, booked = Standing(START, cents, [], None), first, {}
    for number, (what, value) in enumerate([*steps, ("hear", None)], 1):
        at = START + timedelta(days=3 * number)
        if what == "refund":
            order = replace(order, refunds=[*order.refunds, Refund(UUID(int=100 + number), at, value)])
        elif what == "total":
            order = replace(order, cents=value)
        elif what == "cancel":
            order = replace(order, cancelled_at=at if value else None)
        elif what == "shares":
            parts = value
        else:
            add(booked, missing_entries(order, parts, booked))
            expected = split(worth(order), parts)
            assert sums(booked) == {user: part for user, part in expected.items() if part}
            # What was heard is booked once.
            assert missing_entries(order, parts, booked) == []
    assert sum(sums(booked).values()) == (worth(order) if parts else 0)


@given(st.integers(0, 10**12), shares())
def test_shares_add_up_and_nobody_is_a_cent_off(cents: int, parts: list[tuple[UUID, int]]) -> None:
    found = split(cents, parts)
    assert sum(found.values()) == (cents if parts else 0)
    assert all(abs(found[user] * 10_000 - cents * bp) < 10_000 for user, bp in parts)


@given(st.integers(1, 100_000), shares(), st.lists(st.integers(1, 50_000), max_size=6))
def test_each_entry_of_a_refund_is_the_refund(cents: int, parts: list[tuple[UUID, int]], given_back: list[int]) -> None:
    refunds = [Refund(UUID(int=100 + n), START + timedelta(days=n), part) for n, part in enumerate(given_back, 1)]
    entries = missing_entries(Standing(START, cents, refunds, None), parts, {})
    left = cents
    for one in refunds:
        taken = min(one.cents, left)
        left -= taken
        assert -sum(e.cents for e in entries if e.cause_id == one.id) == (taken if parts else 0)
        assert all(e.at == one.at for e in entries if e.cause_id == one.id)


def test_what_belongs_to_a_closed_month_counts_in_the_next_open_one() -> None:
    closed = frozenset({date(2026, 11, 1), date(2026, 12, 1)})
    assert open_period(date(2026, 11, 30), closed) == date(2027, 1, 1)
    assert open_period(date(2026, 10, 2), closed) == date(2026, 10, 1)
