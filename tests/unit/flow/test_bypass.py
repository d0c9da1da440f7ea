"""What a human step guards, and which redrawing lets somebody past it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.flows import block, graph
from tandem.flow.graph import Graph, parse_graph
from tandem.flow.life.bypass import bypassed, guarded


def drawn(*arrows: str, human: bool = True, **config: str) -> Graph:
    names = ["s", "a", "h", "g", "x"]
    blocks = [block(name, "flow.exit") | ({"human": human, "config": config} if name == "h" else {}) for name in names]
    return parse_graph(graph(blocks, arrows))


STRAIGHT = ("s.p>a", "a.p>h", "h.yes>g", "h.no>x", "g.p>x")


def test_what_stands_behind_a_human_step_is_guarded() -> None:
    assert guarded(drawn(*STRAIGHT), ["s"], "h") == {"g", "x"}
    assert guarded(drawn(*STRAIGHT, "a.q>x"), ["s"], "h") == {"g"}


def test_a_way_past_dropping_unmarking_and_asking_otherwise_are_found() -> None:
    before = drawn(*STRAIGHT)
    assert bypassed(before, drawn(*STRAIGHT, "a.q>g"), ["s"], ["s"]) == ["h"]
    assert bypassed(before, drawn("s.p>a", "a.p>g", "g.p>x"), ["s"], ["s"]) == ["h"]
    assert bypassed(before, drawn(*STRAIGHT, human=False), ["s"], ["s"]) == ["h"]
    assert bypassed(before, drawn(*STRAIGHT, role="agent"), ["s"], ["s"]) == ["h"]
    assert bypassed(before, drawn(*STRAIGHT, "x.p>g"), ["s"], ["s"]) == [], "behind it one may go round"


@given(st.lists(st.tuples(st.sampled_from("sahgx"), st.sampled_from("ahgx")), max_size=10))
def test_redrawing_nothing_never_asks_and_unguarded_steps_never_bind(pairs: list[tuple[str, str]]) -> None:
    one = drawn(*(f"{a}.p{index}>{b}" for index, (a, b) in enumerate(pairs)))
    assert bypassed(one, one, ["s"], ["s"]) == []
