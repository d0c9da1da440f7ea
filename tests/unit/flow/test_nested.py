"""Which arms of earlier splits has a run taken that stands in one of a later split?"""

from __future__ import annotations

import operator
from typing import Any

from tandem.flow.nested import above, folded
from tandem.flow.runs import arm_number

PORTS = {"hold": ["treated", "held_out"], "ab": ["w1", "w2"]}
NUMBERS = {"start": 1, "hold": 2, "ab": 3, "send": 4, "end": 5}
KINDS = {"hold": "decide.holdout", "ab": "decide.split"}


def drawn(*arrows: str, **config: dict[str, str]) -> dict[str, Any]:
    """`drawn("start.entered>hold")`, with the configurations of blocks by their names."""
    told = [(left.split("."), to) for left, to in (one.split(">") for one in arrows)]
    names = {name for (block, _), to in told for name in (block, to)}
    return {
        "blocks": [{"id": one, "kind": KINDS.get(one, "x"), "config": config.get(one, {})} for one in sorted(names)],
        "arrows": [{"from": block, "port": port, "to": to} for (block, port), to in told],
    }


def behind(graph: dict[str, Any]) -> dict[int, frozenset[int]]:
    jumps = {one["id"]: one["config"]["target"] for one in graph["blocks"] if "target" in one["config"]}
    return dict(above(graph, PORTS, NUMBERS, {"decide.holdout", "decide.split"}, jumps))


TREATED, HELD_OUT = arm_number(2, 0), arm_number(2, 1)
W1, W2 = arm_number(3, 0), arm_number(3, 1)


def test_who_takes_a_later_arm_took_the_way_that_leads_there() -> None:
    found = behind(drawn("start.entered>hold", "hold.treated>send", "send.done>ab", "hold.held_out>end", "ab.w1>end"))
    assert found == {W1: {TREATED}, W2: {TREATED}}
    assert folded({W1: 60, W2: 40, HELD_OUT: 20}, found, operator.add) == {W1: 60, W2: 40, HELD_OUT: 20, TREATED: 100}


def test_a_jump_leads_on_as_an_arrow_does() -> None:
    found = behind(
        drawn("start.entered>hold", "hold.treated>jump", "hold.held_out>end", "ab.w1>end", jump={"target": "ab"})
    )
    assert found[W1] == {TREATED}


def test_nothing_is_said_where_either_way_or_none_may_have_been_taken() -> None:
    assert behind(drawn("start.entered>hold", "hold.treated>ab", "hold.held_out>ab", "ab.w1>end")) == {}
    assert behind(drawn("start.entered>hold", "hold.treated>ab", "other.entered>ab", "ab.w1>end")) == {}
    assert behind(drawn("start.entered>ab", "ab.w1>end", "other.entered>hold", "hold.treated>end")) == {}
