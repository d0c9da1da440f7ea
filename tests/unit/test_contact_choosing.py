"""Who gets the next friend: hours over midnight, caps, weights, backups, and when it must be looked at again. Pure."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tandem.domains.contact.choosing import Choice, Hours, Seat, choose, hours_of, minutes
from tandem.domains.contact.saying import Arrival, Rule, first, fitting, said, unknown_names

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY = frozenset(range(1, 8))


def at(text: str) -> datetime:
    """2026-03-02 is a Monday."""
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=SHANGHAI)


def duty(begin: str, until: str, *days: int) -> tuple[Hours, ...]:
    return (Hours(frozenset(days) or EVERY, minutes(begin), minutes(until)),)


def chosen(*seats: Seat, now: str, single: bool = False) -> Choice:
    return choose(seats, at(now), SHANGHAI, single=single)


def test_hours_end_and_begin_over_midnight() -> None:
    night, day = Seat("night", hours=duty("22:00", "06:00", 1)), Seat("day", hours=duty("06:00", "22:00"))
    assert chosen(night, day, now="02T21:59").members == ("day",)
    assert chosen(night, day, now="02T21:59").next_at == at("02T22:00")
    assert chosen(night, day, now="02T23:00").members == ("night",)
    # Tuesday at five still belongs to Monday's night; Wednesday's does not.
    assert chosen(night, day, now="03T05:00") == Choice(("night",), "regular", at("03T06:00"))
    assert chosen(night, day, now="04T05:00").reason == "nobody"
    # From Sunday into Monday.
    assert chosen(Seat("n", hours=duty("22:00", "06:00", 7)), now="09T01:00").reason == "regular"


def test_nobody_free_leads_to_backups_and_then_to_all() -> None:
    full, away = Seat("full", daily_cap=2, today=2), Seat("away", active=False)
    assert chosen(full, away, Seat("b", backup=True), now="02T12:00") == Choice(("b",), "backup", at("03T00:00"))
    assert chosen(full, away, Seat("b", backup=True, daily_cap=1, today=1), now="02T12:00").members == ("full",)
    assert chosen(away, now="02T12:00") == Choice((), "nobody", None)
    assert chosen(Seat("a"), Seat("b"), now="02T12:00") == Choice(("a", "b"), "regular", None)


def test_weights_hold_over_a_day_and_follow_the_heaviest_first() -> None:
    counts = {"a": 0, "b": 0, "c": 0}
    weights = {"a": 5, "b": 3, "c": 2}
    for number in range(100):
        seats = [Seat(name, weight=weights[name], today=counts[name]) for name in counts]
        (member,) = chosen(*seats, now="02T12:00").members
        counts[member] += 1
        assert all(abs(counts[name] - (number + 1) * weights[name] / 10) <= 1 for name in counts)
    assert counts == {"a": 50, "b": 30, "c": 20}


def test_a_day_that_is_an_hour_shorter_ends_at_its_own_midnight() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 3, 28, 23, 30, tzinfo=berlin)
    found = choose([Seat("a", daily_cap=1, today=1)], now, berlin)
    assert found.next_at == datetime(2026, 3, 29, 0, 0, tzinfo=berlin)


def test_hours_are_read_as_they_are_stored() -> None:
    assert hours_of([{"days": [1], "from": "09:00", "until": "24:00"}]) == (Hours(frozenset({1}), 540, 1440),)
    for bad in ("9:00", "24:01", "12:60", "noon", ""):
        with pytest.raises(ValueError, match=r"time of day|invalid literal"):
            minutes(bad)


def test_the_first_welcome_that_fits_is_said() -> None:
    night = Rule(UUID(int=1), "夜", from_time="21:00", until_time="09:00")
    core = Rule(UUID(int=2), "核心", tags=["核心"])
    code = Rule(UUID(int=3), "码", live_codes=[UUID(int=9)])
    rest = Rule(UUID(int=4), "余")
    came = Arrival("lin", None, "", at("02T12:00"))
    assert fitting([night, core, code, rest], came) == [core, rest]
    assert first([core, rest], frozenset({"核心", "新"})) is core
    assert first([core, rest], frozenset()) is rest
    assert first([core], frozenset()) is None
    assert fitting([night, rest], Arrival("lin", None, "", at("02T23:00"))) == [night]


def test_words_are_filled_in_and_never_too_long() -> None:
    assert said("您好{{客户昵称|朋友}}，我是{{ 员工姓名 }}", customer=None, adviser="林") == "您好朋友，我是林"
    assert said("{{customer.name}}", customer="{{员工姓名}}", adviser="林") == "{{员工姓名}}"
    assert len(said("长" * 2000, customer=None, adviser="")) == 1333
    assert unknown_names("{{客户昵称}}{{积分}}") == ["积分"]
