"""Do suggestions only suggest what changes something, can be drawn, and disturbs nobody at night?"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.flows import block, graph
from tandem.flow.alerts import figures, redraw, suggestions
from tandem.flow.kinds import KINDS
from tandem.flow.kinds.span import Span
from tandem.flow.module import KindRegistry
from tandem.kernel.ids import new_id

KINDRED = KindRegistry(KINDS)
HOUR = timedelta(hours=1)


def shorter(span: Span, within: timedelta) -> list[str]:
    found = figures.Answers(answered=100, within=within, missed=0, late=0)
    return [one.title.en for one in suggestions._shorter("wait", span, found)]


def test_a_wait_is_not_shortened_to_what_it_is() -> None:
    two = Span.model_validate({"amount": "2", "unit": "hours"})
    assert shorter(two, HOUR) == []
    assert shorter(Span.model_validate({"amount": "119", "unit": "minutes"}), 0.9 * HOUR) == []
    assert shorter(two, 0.5 * HOUR) == ["Wait 1 hour only"]
    assert shorter(Span.model_validate({"amount": "4", "unit": "hours"}), 2 * HOUR) == ["Wait 3 hours only"]


@pytest.mark.parametrize(
    ("amount", "unit", "said"), [("2", "weeks", 1), ("3", "days", 1), ("1000", "days", 0), ("600000", "seconds", 0)]
)
def test_a_wait_is_not_made_longer_than_may_be(amount: str, unit: str, said: int) -> None:
    found = figures.Answers(answered=0, within=HOUR, missed=100, late=50)
    span = Span.model_validate({"amount": amount, "unit": unit})
    assert len(list(suggestions._longer("wait", span, found))) == said


@pytest.mark.parametrize(
    ("best", "said"), [((0, 7), []), ((22, 24), []), ((17, 22), ["Send it between 17:00 and 22:00"])]
)
def test_nobody_is_told_to_write_at_night(
    monkeypatch: pytest.MonkeyPatch, best: tuple[int, int], said: list[str]
) -> None:
    parts = [
        figures.Part(1, start, until, 200, 150 if (start, until) == best else 20) for start, until in figures.PARTS
    ]
    monkeypatch.setattr(figures, "hours", lambda *_: parts)
    monkeypatch.setattr(suggestions, "_reaches", lambda *_: True)
    flow = cast("Any", SimpleNamespace(id=new_id(), numbers={"m": 1}))
    drawing = {
        "settings": {"goal": {"event_type": "order.paid"}},
        "blocks": [block("m", "messaging.send")],
        "arrows": [],
    }
    assert [one.title.en for one in suggestions._hours(cast("Any", None), KINDRED, flow, drawing)] == said


def test_what_only_the_other_ways_led_to_goes_with_the_condition() -> None:
    drawn = graph(
        [
            block("s", "start.event"),
            block("gate", "decide.filter", condition="true"),
            block("a", "flow.note"),
            block("round", "flow.note"),
            block("jump", "flow.go_to", target="far"),
            block("far", "flow.note"),
            block("kept", "flow.note"),
            block("x", "flow.exit"),
        ],
        [
            *("s.entered>gate", "gate.passed>a", "a.done>x", "gate.left>round"),
            *("round.done>jump", "far.done>round", "far.else>kept", "a.else>kept", "kept.done>x"),
        ],
    )
    after, look = redraw.removed(drawn, KINDRED, "gate", "passed")
    assert ([one["id"] for one in after["blocks"]], look) == (["s", "a", "kept", "x"], "a")
    arrows = {f"{one['from']}.{one['port']}>{one['to']}" for one in after["arrows"]}
    assert arrows == {"s.entered>a", "a.done>x", "a.else>kept", "kept.done>x"}


def test_what_still_is_jumped_to_stays() -> None:
    drawn = graph(
        [
            block("s", "start.event"),
            block("gate", "decide.filter", condition="true"),
            block("jump", "flow.go_to", target="far"),
            block("half", "flow.go_to"),
            block("far", "flow.exit"),
        ],
        ["s.entered>gate", "gate.passed>jump", "gate.left>far"],
    )
    after, _ = redraw.removed(drawn, KINDRED, "gate", "passed")
    assert [one["id"] for one in after["blocks"]] == ["s", "jump", "half", "far"]
