"""Do the intervals and words of results hold what they promise?"""

from __future__ import annotations

import random

import pytest

from tandem.flow.experiments.adopt import winner
from tandem.flow.experiments.statistics import Group, compare, newcombe


def test_newcombe_gives_the_published_interval() -> None:
    # Newcombe 1998, table II (a): 56/70 and 48/80, method 10.
    found = newcombe(Group(70, 56), Group(80, 48))
    assert found == pytest.approx((0.0524, 0.3339), abs=5e-4)


@pytest.mark.parametrize(
    ("one", "other", "word"),
    [
        (Group(1000, 150), Group(1000, 100), "better"),
        (Group(1000, 100), Group(1000, 150), "worse"),
        (Group(40, 3), Group(40, 1), "too_few"),
        (Group(400, 44), Group(400, 40), "too_few"),
        (Group(50_000, 5000), Group(50_000, 5010), "none"),
        (Group(0, 0), Group(10, 1), "too_few"),
    ],
)
def test_what_the_numbers_allow_to_say(one: Group, other: Group, word: str) -> None:
    found = compare(one, other)
    assert found.word == word
    assert found.said.zh
    assert found.said.en


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    drawn = random.Random(7)
    held = 0
    for _ in range(400):
        one = Group(300, sum(drawn.random() < 0.15 for _ in range(300)))
        other = Group(300, sum(drawn.random() < 0.10 for _ in range(300)))
        found = newcombe(one, other)
        assert found is not None
        held += found[0] <= 0.05 <= found[1]
    assert 0.92 <= held / 400 <= 0.98


def test_a_winner_is_beyond_doubt_against_every_other_arm() -> None:
    clear = {"a": Group(1000, 200), "b": Group(1000, 100), "c": Group(1000, 110)}
    assert winner(clear, 200) == "a"
    assert winner(clear, 1001) is None
    assert winner({**clear, "c": Group(1000, 185)}, 200) is None
    assert winner({"a": Group(1000, 200)}, 10) is None
