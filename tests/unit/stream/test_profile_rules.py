"""Are scores, sayings and masks right by themselves?"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.catalog.dependencies import ANY
from tandem.stream.customer.personal import mask
from tandem.stream.profile import rfm
from tandem.stream.profile.sayings import Known, Said, SealedName, settle

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ANNA = (7, UUID(int=7))


def test_quintiles_of_a_hundred_are_twenty_each() -> None:
    cuts = rfm.quintiles([Decimal(one) for one in range(1, 101)], rfm.FREQUENCY_STEP)
    assert cuts == [21, 41, 61, 81]
    assert [rfm.score(Decimal(one), cuts) for one in (1, 20, 21, 60, 80, 81, 1000)] == [1, 1, 2, 3, 4, 5, 5]


def test_the_many_who_bought_once_share_the_lowest_score() -> None:
    cuts = rfm.quintiles([Decimal(1)] * 70 + [Decimal(2)] * 20 + [Decimal(9)] * 10, rfm.FREQUENCY_STEP)
    assert [rfm.score(Decimal(one), cuts) for one in (1, 2, 9)] == [1, 4, 5]


def test_nobody_gives_no_cuts() -> None:
    assert rfm.quintiles([], rfm.MONEY_STEP) == []


@given(st.lists(st.integers(0, 50).map(Decimal), min_size=1, max_size=200))
def test_scores_rise_with_the_value_and_stay_in_range(values: list[Decimal]) -> None:
    cuts = rfm.quintiles(values, rfm.FREQUENCY_STEP)
    scores = [rfm.score(value, cuts) for value in sorted(values)]
    assert scores == sorted(scores)
    assert set(scores) <= {1, 2, 3, 4, 5}
    assert scores[0] == 1


def said(value: object, minutes: int = 0, field: str = "city") -> Said:
    return Said(ANNA, field, value, NOON + timedelta(minutes=minutes), "shop")  # type: ignore[arg-type]


def known(value: object = None, minutes: int | None = None) -> dict[tuple[int, UUID], Known]:
    at = {} if minutes is None else {"city": NOON + timedelta(minutes=minutes)}
    return {ANNA: Known({"city": value}, at)}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("sayings", "before", "expected"),
    [
        ([said("上海")], known(), "上海"),
        ([said("上海", 5), said("杭州", 1)], known(), "上海"),
        ([said("上海"), said("杭州")], known(), "杭州"),
        ([said("上海", 1)], known("杭州", 2), None),
        ([said("上海", 2)], known("杭州", 2), "上海"),
        ([said("上海", 3)], {}, None),
    ],
)
def test_the_latest_saying_holds(
    sayings: list[Said], before: dict[tuple[int, UUID], Known], expected: str | None
) -> None:
    changed = settle(sayings, before)
    assert [one.said.value for one in changed] == ([] if expected is None else [expected])


def test_an_equal_value_renews_its_time_and_is_no_change() -> None:
    (one,) = settle([said("杭州", 9)], known("杭州", 2))
    assert not one.is_new


def test_equal_names_are_told_by_their_hash() -> None:
    before = {ANNA: Known({"name": SealedName(b"other bytes", b"same")}, {})}
    (one,) = settle([said(SealedName(b"bytes", b"same"), field="name")], before)
    assert not one.is_new


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("上杭苏"))), st.randoms())
def test_the_order_of_arrival_does_not_matter_but_for_ties(pairs: list[tuple[int, str]], random: object) -> None:
    distinct = list({minutes: said(city, minutes) for minutes, city in pairs}.values())
    forwards = settle(distinct, known())
    backwards = settle(list(reversed(distinct)), known())
    assert [one.said for one in forwards] == [one.said for one in backwards]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "+8613912345678", "139****5678"),
        ("phone", "+14155550123", "+14****0123"),
        ("email", "lilei@example.org", "li**@example.org"),
        ("member_no", "M0042", "M0042"),
        ("open_id", "oABCDEFGH", "****EFGH"),
        ("device", "abc", "****"),
    ],
)
def test_identifiers_are_masked(kind: str, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


def test_the_catalog_s_word_for_any_tag_is_the_one_we_read() -> None:
    assert ANY == "*"
