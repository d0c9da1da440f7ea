"""Titles and notes of tasks that name what their flow is about: filled in for a whole batch, plain data only, checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.catalog.label import Label
from tandem.flow.checks import check_graph
from tandem.flow.graph import parse_graph
from tandem.flow.node import Finding
from tandem.flow.wording import Named, is_open, parts
from tandem.stream.door.kinds import Envelope
from tandem.stream.things import door, types

DAY = {"amount": "9", "unit": "days"}
ENDS = ["t.approved>exit", "t.refused>exit", "t.timeout>exit"]


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    """A house with a sort of things of the company's own."""
    with open_flow_house(module_database, whole=True) as opened:
        fields = [
            types.ThingField("city", "城市", "City", "text"),
            types.ThingField("area", "面积", "Area", "number"),
            types.ThingField("agreed", "已同意", "Agreed", "bool"),
            types.ThingField("visit", "看店", "Visit", "timestamp"),
        ]
        with opened.tx() as tx:
            types.create(tx, opened.rooms.catalog, "opening", Label("加盟开店", "Franchise opening"), fields, [])
        yield opened


def tell(house: FlowHouse, number: str, **fields: Any) -> None:
    """The door takes a record of an opening."""
    with house.tx("door") as tx:
        envelope = Envelope(house.tenant, "crm", number, "thing", tx.now, 0)
        said = door.THING.normalise(envelope, door.ThingIn("opening", number, None, None, fields))
        assert door.THING.upsert is not None
        door.THING.upsert(tx, [said.reference])


def asking(kind: str, outs: list[str], subject: str, **config: Any) -> dict[str, Any]:
    """A flow in which a block that asks colleagues is all there is."""
    if subject == "customer":
        start = block("s", "start.event", event_type="customer.created")
    else:
        start = block("s", "start.event", event_type=f"{subject}.created")
    made = [start, block("t", kind, **config), block("exit", "flow.exit")]
    return graph(made, ["s.entered>t", *(f"t.{one}>exit" for one in outs)], subject=subject)


def findings(house: FlowHouse, drawn: dict[str, Any]) -> dict[str, Finding]:
    """What is wrong with the texts, by their place."""
    with house.tx() as tx:
        found = check_graph(parse_graph(drawn), house.rooms.kinds, house.rooms.catalog, tx, frozenset({"*"}))
    return {one.finding.where or "": one.finding for one in found if one.finding.code.startswith("placeholder")}


def test_a_text_falls_into_what_it_says_and_what_it_names() -> None:
    assert list(parts("去 {{ opening.city | 某地 }}！")) == ["去 ", Named("opening.city", "某地"), "！"]
    assert [is_open(one) for one in ("{{a.b}}", "{{a.b}", "a}}", "{a}")] == [False, True, True, False]


def test_tasks_of_a_batch_each_say_what_their_thing_is(house: FlowHouse) -> None:
    title = "去{{opening.city|某地}}看 {{opening.area}} 平，{{opening.agreed}}，{{event.number}}"
    task = asking(
        "human.task", ["approved", "refused", "timeout"], "opening", title=title, note="{{opening.visit}}", due=DAY
    )
    notice = asking(
        "human.notice", ["done"], "opening", title="{{opening.city}}", note="Agreed: {{opening.agreed}}", due=DAY
    )
    levels = [{"title": "一：{{opening.city}}"}, {"title": "二", "note": "{{opening.area}}"}]
    steps = asking("human.levels", ["done", "timeout"], "opening", levels=levels, due=DAY)
    flows = [house.publish(one) for one in (task, notice, steps)]
    tell(house, "W1", city="杭|州 {{opening.area}}", area=12.5, agreed=True, visit="2026-01-01T01:00:00+00:00")
    tell(house, "W2", area=120, agreed=False)
    house.settle()
    said = [
        sorted(house.owner("select title, note from human_task where flow_id = %(flow)s", {"flow": one}))
        for one in flows
    ]
    assert said[0] == [
        ("去杭｜州 {{opening.area}}看 12.5 平，是，W1", "2026-01-01 09:00"),
        ("去某地看 120 平，否，W2", "—"),
    ]
    assert said[1] == [("—", "Agreed: no"), ("杭｜州 {{opening.area}}", "Agreed: yes")]
    assert said[2] == [("一：—", ""), ("一：杭｜州 {{opening.area}}", ""), ("二", "12.5"), ("二", "120")]


def test_a_name_that_is_not_there_is_found_with_the_nearest(house: FlowHouse) -> None:
    wrong = findings(
        house,
        asking(
            "human.approval",
            ["approved", "refused", "timeout"],
            "opening",
            title="{{opening.citi}}",
            note="{{run.x}} {{y",
            due=DAY,
        ),
    )
    assert {where: one.severity for where, one in wrong.items()} == {"title": "error", "note": "error"}
    assert "{{opening.city}}" in wrong["title"].mend.en
    levels = [{"title": "{{opening.city}}"}, {"title": "x", "note": "{{客户}}"}]
    drawn = asking("human.levels", ["done", "timeout"], "opening", levels=levels, due=DAY)
    assert list(findings(house, drawn)) == ["levels[1].note"]


def test_what_not_everybody_may_read_is_refused_and_never_written(house: FlowHouse) -> None:
    texts = {"title": "{{customer.phone}}", "note": "{{customer.birthday}} {{customer.city}}"}
    drawn = asking("human.task", ["approved", "refused", "timeout"], "customer", **texts, due=DAY)
    wrong = findings(house, drawn)
    assert {where: one.code for where, one in wrong.items()} == {
        "title": "placeholder_personal",
        "note": "placeholder_personal",
    }
    fine = {"title": "{{customer.gender}}", "note": "{{customer.city}}"}
    assert findings(house, asking("human.task", ["approved", "refused", "timeout"], "customer", **fine, due=DAY)) == {}


def test_what_was_made_from_personal_data_is_personal_too(house: FlowHouse) -> None:
    """A remembered value has the class of what it was computed from, by however many steps."""
    kept = [
        {"name": "born", "type": "date", "value": "customer.birthday"},
        {"name": "town", "type": "text", "value": "customer.city"},
    ]
    again = [{"name": "since", "type": "date", "value": "run.born"}]
    drawn = asking(
        "human.task",
        ["approved", "refused", "timeout"],
        "customer",
        title="{{run.since}}",
        note="{{run.town}}",
        due=DAY,
    )
    drawn["blocks"] += [block("a", "flow.remember", values=kept), block("b", "flow.remember", values=again)]
    arrows = [one for one in drawn["arrows"] if one["from"] != "s"]
    way = (("s", "entered", "a"), ("a", "done", "b"), ("b", "done", "t"))
    drawn["arrows"] = [*arrows, *({"from": start, "port": port, "to": to} for start, port, to in way)]
    assert {where: one.code for where, one in findings(house, drawn).items()} == {"title": "placeholder_personal"}
