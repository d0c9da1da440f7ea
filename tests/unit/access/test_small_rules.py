"""Throttling, passwords, tokens, cursors, the trail's values, the board's periods."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from harness.hashing import STRONG
from tandem.access import audit, passwords
from tandem.access.identity import csrf_fits, csrf_of, fingerprint, new_key, new_token
from tandem.access.paging import from_cursor, to_cursor
from tandem.access.throttle import WAIT_MAX, wait_after
from tandem.domains.insight.board import period_of
from tandem.kernel.errors import InvalidInput


def test_waits_double_from_one_second_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(failures, 5).total_seconds() for failures in range(20)]
    assert waits[:5] == [0] * 5
    assert waits[5:9] == [1, 2, 4, 8]
    assert all(before <= after for before, after in pairwise(waits))
    assert wait_after(10**6, 5) == WAIT_MAX == timedelta(minutes=15)


@pytest.fixture(autouse=True)
def strong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests of this process may have weakened it."""
    monkeypatch.setattr(passwords, "_HASHER", STRONG)


def test_a_password_fits_itself_only_and_nobody_has_none() -> None:
    stored = passwords.hash_password("大 secret 🔐")
    assert stored.startswith("$argon2id$")
    assert passwords.fits(stored, "大 secret 🔐")
    assert not passwords.fits(stored, "大 secret 🔓")
    assert not passwords.fits(None, "nobody has this password")
    assert not passwords.fits("not a hash", "x")
    assert not passwords.fits(stored, "x" * 10**6)
    assert not passwords.outdated(stored)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("x")
    assert passwords.outdated(weak)
    assert passwords.fits(weak, "x")


def test_a_hash_costs_what_owasp_asks() -> None:
    assert "$argon2id$v=19$m=47104,t=1,p=1$" in passwords.hash_password("大 secret 🔐")


@pytest.mark.parametrize("length", [0, 7, 257, 100_000])
def test_passwords_have_a_sensible_length(length: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        passwords.hash_password("x" * length)
    assert refused.value.code == "password_length"


def test_tokens_are_never_alike_and_bind_their_csrf_token() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    one, other = sorted(tokens)[:2]
    assert csrf_fits(one, csrf_of(one))
    assert not csrf_fits(one, csrf_of(other))
    assert not csrf_fits(one, "")
    assert not csrf_fits(one, "\ud800")
    key, prefix = new_key()
    assert key.startswith(prefix)
    assert len(fingerprint(key)) == 32


@given(st.lists(st.one_of(st.none(), st.text()), min_size=1, max_size=4))
def test_cursors_come_back_as_they_went(keys: list[str | None]) -> None:
    assert from_cursor(to_cursor(*keys), len(keys)) == keys


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused_politely(text: str) -> None:
    refusals: list[InvalidInput] = []
    try:
        assert len(from_cursor(text, 2)) == 2
    except InvalidInput as error:
        refusals.append(error)
    assert {one.code for one in refusals} <= {"bad_cursor"}


def test_the_trail_holds_plain_values() -> None:
    given_values = {
        "id": UUID(int=1),
        "at": datetime(2026, 1, 2, tzinfo=UTC),
        "amount": Decimal("1.50"),
        "list": [Decimal(1), {"x": date(2026, 1, 2)}],
        "none": None,
        "yes": True,
    }
    assert audit.plain(given_values) == {
        "id": "00000000-0000-0000-0000-000000000001",
        "at": "2026-01-02T00:00:00+00:00",
        "amount": "1.50",
        "list": ["1", {"x": "2026-01-02"}],
        "none": None,
        "yes": True,
    }
    assert audit.changes({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == ({"b": 2, "c": None}, {"b": 3, "c": 4})


@given(
    st.datetimes(min_value=datetime(2015, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Europe/Berlin", "UTC"]),
    st.integers(1, 366),
)
def test_a_board_compares_equal_periods_that_meet(now: datetime, zone: str, days: int) -> None:
    period = period_of(now, zone, days)
    assert period.start.hour == period.before_start.hour == 0
    assert period.start <= period.now == now
    assert (period.first_day - period.before_first_day).days == days
    assert (period.now.date() - period.first_day).days == days - 1
    assert period.before_start < period.before_end <= period.start + timedelta(days=1)
    assert (period.before_end.hour, period.before_end.minute) == (period.now.hour, period.now.minute)
