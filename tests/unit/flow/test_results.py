"""Is what we say of an experiment right, and silent where it should be?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tandem.catalog.label import Label
from tandem.flow.results import ArmCount, port_counts, verdict, wilson
from tandem.flow.runs import Leaving


def arm(name: str, entered: int, converted: int) -> ArmCount:
    return ArmCount(name, Label(name, name), entered, converted)


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_the_interval_holds_the_rate_and_stays_a_rate(entered: int, converted: int) -> None:
    converted = min(entered, converted)
    found = wilson(converted, entered)
    if entered == 0:
        assert found is None
        return
    assert found is not None
    low, high = found
    assert 0 <= low <= converted / entered + 1e-12
    assert converted / entered - 1e-12 <= high <= 1
    assert low < high


def test_the_interval_is_wilsons() -> None:
    # 10 of 100: 0.0552 to 0.1744 (Brown, Cai, DasGupta 2001, and any statistics package).
    found = wilson(10, 100)
    assert found is not None
    assert [round(one, 4) for one in found] == [0.0552, 0.1744]


def test_few_people_give_no_winner() -> None:
    found = verdict([arm("a", 20, 10), arm("b", 20, 1)])
    assert found is not None
    assert found.en.startswith("Too few")


def test_a_clear_difference_names_the_winner() -> None:
    found = verdict([arm("coupon", 1000, 250), arm("points", 1000, 150)])
    assert found is not None
    assert "coupon" in found.en


def test_a_small_difference_may_be_chance_and_more_arms_ask_for_more() -> None:
    close = verdict([arm("a", 1000, 105), arm("b", 1000, 100)])
    assert close is not None
    assert "chance" in close.en
    # p = 0.03 decides between two, not among six.
    two = verdict([arm("a", 1000, 132), arm("b", 1000, 100)])
    six = verdict([arm("a", 1000, 132), *(arm(name, 1000, 100) for name in "bcdef")])
    assert two is not None
    assert six is not None
    assert "clearly better" in two.en
    assert "chance" in six.en


def test_one_arm_is_no_experiment() -> None:
    assert verdict([arm("a", 1000, 132)]) is None


def test_failures_stand_still_and_other_ways_of_leaving_count_as_having_come() -> None:
    rows = [
        (1, 0, 5),
        (1, 1, 3),
        (1, int(Leaving.FAILED), 2),
        (1, int(Leaving.RETRIED), 1),
        (1, int(Leaving.GOAL), 4),
        (9, 0, 7),
    ]
    found = port_counts(rows, {1: ("b1", ["yes", "no"])})
    assert set(found) == {"b1"}
    assert found["b1"].ports == {"yes": 5, "no": 3}
    assert found["b1"].entered == 12
