"""What a human step guards, and which redrawing lets somebody past it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.flows import block, graph
from tandem.assembly import system
from tandem.flow.graph import Graph, parse_graph
from tandem.flow.life.bypass import bypassed, guarded, led


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
    assert bypassed(before, drawn(*STRAIGHT, "g.q>x", "x.p>x"), ["s"], ["s"]) == [], "behind it one may go round"
    assert bypassed(before, drawn(*STRAIGHT, "x.p>g"), ["s"], ["s"]) == ["h"], "whoever was refused too"


def test_an_answer_that_is_led_elsewhere_is_found() -> None:
    before = drawn(*STRAIGHT)
    assert bypassed(before, drawn("s.p>a", "a.p>h", "h.yes>g", "h.no>g", "g.p>x"), ["s"], ["s"]) == ["h"]
    assert bypassed(before, drawn(*STRAIGHT[:-1]), ["s"], ["s"]) == [], "less is always allowed"
    asked_again = drawn("s.p>a", "a.p>h", "h.yes>g", "h.no>a", "g.p>x")
    assert bypassed(before, asked_again, ["s"], ["s"]) == [], "whoever is asked again is answered by a person"
    assert bypassed(asked_again, drawn("s.p>a", "a.p>h", "h.yes>g", "h.no>g", "g.p>x"), ["s"], ["s"]) == ["h"]


def test_a_port_without_an_arrow_and_a_jump_lead_where_runs_go() -> None:
    def sent(*arrows: str) -> Graph:
        message = block("h", "messaging.send", template="00000000-0000-0000-0000-000000000001") | {"human": True}
        jump = block("x", "flow.go_to", target="g")
        return led(
            parse_graph(graph([block("s", "flow.exit"), message, block("g", "flow.exit"), jump], arrows)),
            system().kinds,
        )

    before = sent("s.p>h", "h.sent>g")
    assert bypassed(before, sent("s.p>h", "h.sent>g", "h.skipped>g"), ["s"], ["s"]) == ["h"], "failed ones too"
    refused = sent("s.p>h", "h.sent>g", "h.skipped>g")
    assert bypassed(refused, sent("s.p>h", "h.sent>g", "h.skipped>g", "h.failed>g"), ["s"], ["s"]) == []
    assert bypassed(before, sent("s.p>h", "h.sent>g", "h.held>x"), ["s"], ["s"]) == ["h"]


@given(st.lists(st.tuples(st.sampled_from("sahgx"), st.sampled_from("ahgx")), max_size=10))
def test_redrawing_nothing_never_asks_and_unguarded_steps_never_bind(pairs: list[tuple[str, str]]) -> None:
    one = drawn(*(f"{a}.p{index}>{b}" for index, (a, b) in enumerate(pairs)))
    assert bypassed(one, one, ["s"], ["s"]) == []
