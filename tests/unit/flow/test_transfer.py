"""What a flow's file names outside itself is found in lists of parts, too."""

from __future__ import annotations

from uuid import uuid4

from tandem.assembly import system
from tandem.flow.graph import parse_graph
from tandem.flow.life.transfer import referring, renamed, said


def test_a_lotterys_prizes_are_found_and_named_anew() -> None:
    first, second, message = (str(uuid4()) for _ in range(3))
    prizes = [
        {"name": "a", "label": "一等奖", "odds": "1", "coupon_template": first},
        {"name": "b", "label": "谢谢参与", "odds": "9"},
        {"name": "c", "label": "三等奖", "odds": "20", "coupon_template": second},
    ]
    blocks = [
        {"id": "draw", "kind": "marketing.lottery", "config": {"prizes": prizes}},
        {"id": "send", "kind": "messaging.send", "config": {"template": message}},
    ]
    graph = parse_graph({"blocks": blocks, "arrows": [], "settings": {}})
    kinds = system().kinds
    found = [(block.id, said(path), what, old) for block, path, what, old in referring(graph, kinds)]
    assert found == [
        ("draw", "prizes[0].coupon_template", "coupon_template", first),
        ("draw", "prizes[2].coupon_template", "coupon_template", second),
        ("send", "template", "message_template", message),
    ]
    here = str(uuid4())
    moved = renamed(graph, kinds, {second: here})
    assert [one[3] for one in referring(moved, kinds)] == [first, here, message]
    assert [one[3] for one in referring(graph, kinds)] == [first, second, message]
