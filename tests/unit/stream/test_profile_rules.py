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
from tandem.stream.profile.priority import Priority, rank
from tandem.stream.profile.sayings import Known, Said, SealedName, Standing, settle

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
    standing = {} if minutes is None else {"city": [Standing("shop", NOON + timedelta(minutes=minutes))]}
    return {ANNA: Known({"city": value}, standing)}  # type: ignore[dict-item]


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


def by(source: str, value: str | None, minutes: int, field: str = "city") -> Said:
    return Said(ANNA, field, value, NOON + timedelta(minutes=minutes), source)


def holding(sayings: list[Said], priority: Priority | None = None, *, at_once: bool) -> str | None:
    """What holds after these sayings, heard together or one after another."""
    person = Known({}, {})
    for batch in [sayings] if at_once else [[one] for one in sayings]:
        for changed in settle(batch, {ANNA: person}, priority):
            one = changed.said
            person = Known({one.field: one.value}, {one.field: [Standing(one.source, one.at, empty=one.value is None)]})
    return person.values.get(sayings[0].field)  # type: ignore[return-value]


SOURCES = ("manual", "crm", "pos", "import")


@given(
    st.lists(st.tuples(st.sampled_from(SOURCES), st.integers(0, 9)), min_size=1, unique=True).flatmap(
        lambda told: st.tuples(st.just(told), st.permutations(told))
    ),
    st.booleans(),
)
def test_the_strongest_source_s_latest_word_holds_in_any_order(
    orders: tuple[list[tuple[str, int]], list[tuple[str, int]]], at_once: bool
) -> None:
    told, heard = orders
    expected = min(told, key=lambda one: (SOURCES.index(one[0]), -one[1]))
    assert (
        holding([by(source, f"{source}{at}", at) for source, at in heard], at_once=at_once)
        == f"{expected[0]}{expected[1]}"
    )


def test_a_tenant_s_own_order_holds_for_a_field() -> None:
    told = [by("manual", "杭州", 1), by("pos", "上海", 2)]
    assert holding(told, at_once=False) == "杭州"
    assert holding(told, Priority({"city": ("pos", "manual")}), at_once=False) == "上海"
    assert holding(told, Priority({"birthday": ("pos", "manual")}), at_once=False) == "杭州"


def test_a_wish_to_be_left_alone_is_never_outranked() -> None:
    told = [by("manual", "no", 1, "do_not_contact"), by("import", "yes", 2, "do_not_contact")]
    assert holding(told, at_once=False) == "yes"


def test_a_field_cleared_by_hand_takes_a_later_word_and_no_earlier_one() -> None:
    cleared = [by("pos", "上海", 1), by("manual", None, 5)]
    assert holding(cleared, at_once=False) is None
    assert holding([*cleared, by("pos", "北京", 3)], at_once=False) is None
    assert holding([*cleared, by("pos", "杭州", 9)], at_once=False) == "杭州"


def test_a_source_s_own_name_comes_before_a_pattern() -> None:
    order = ("shop*", "*", "shop.tmall", "shop.t*")
    assert [rank(order, one) for one in ("shop.tmall", "shop.tx", "shop.jd", "pos")] == [2, 3, 0, 1]
    assert rank(("pos",), "crm") == 1


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
