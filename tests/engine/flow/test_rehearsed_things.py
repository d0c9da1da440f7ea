"""Flows about things are tried out: dry run, backtest and "why", with the things as their own events told them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.catalog.label import Label
from tandem.flow.explain.why import why
from tandem.flow.graph import parse_graph
from tandem.flow.rehearsal import pick
from tandem.flow.rehearsal.dryrun import Trial, dry_run
from tandem.flow.rehearsal.replay import Question, replay
from tandem.flow.subjects import Home, entity_of
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import new_id
from tandem.stream.things import records, types
from tandem.stream.things.catalogue import catalog_of

EXIT = block("exit", "flow.exit")


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(module_database) as opened:
        yield opened


@pytest.fixture(scope="module")
def openings(house: FlowHouse) -> dict[str, UUID]:
    """Three openings: A small 20 days ago and large since 5 days, B large all the while, C small. Today A stands in another stage."""
    fields = [types.ThingField("area", "面积", "Area", "number")]
    stages = [types.Stage("signed", "已签约", "Signed"), types.Stage("open", "已开业", "Open")]
    with house.tx() as tx:
        of = types.create(tx, house.rooms.catalog, "opening", Label("加盟开店", "Franchise opening"), fields, stages)
        ago = [timedelta(days=20), timedelta(days=5)]
        first = [
            records.Told(number, fields={"area": area}, at=tx.now - ago[0])
            for number, area in (("A", 10), ("B", 90), ("C", 10))
        ]
        rows = records.write(tx, of, first)
        records.write(tx, of, [records.Told("A", stage="open", fields={"area": 90}, at=tx.now - ago[1])])
    house.settle()
    house.owner("update thing set created_at = created_at - interval '20 days'")
    return {row.number: row.id for row in rows}


def drawn(condition: str = "") -> dict[str, Any]:
    large = block(
        "large", "decide.condition", ways=[{"name": "yes", "label": "大店", "condition": "opening.area > 50"}]
    )
    return graph(
        [
            block("start", "start.event", event_type="opening.created", condition=condition),
            block("daily", "start.each", every="day", at="00:00", condition="opening.area > 50"),
            large,
            block("set", "thing.set", stage="open"),
            block("wait", "wait.event", event_type="opening.changed", timeout={"amount": "30", "unit": "days"}),
            EXIT,
        ],
        ["start.entered>large", "daily.entered>large", "large.yes>set", "large.else>wait", "set.done>exit", "wait.happened>exit", "wait.timeout>exit"],
        subject="opening",
        reentry={"rule": "never"},
    )  # fmt: skip


def home(one: UUID) -> Home:
    return Home(one, one.bytes[15], None, None)


def test_a_dry_run_sends_things_through_and_changes_none(house: FlowHouse, openings: dict[str, UUID]) -> None:
    before = house.owner("select id, stage, data from thing order by id")
    trial = Trial([home(openings["B"]), home(openings["C"])], "start", days=90)
    asked = parse_graph(drawn("opening.area > 5"))
    tried = dry_run(
        house.db, house.rooms, house.tenant, new_id(), asked, {}, frozenset({"*"}), trial, closed=frozenset()
    )
    large, small = tried.passages
    assert (large.subject_type, large.subject_id, large.customer_id, large.block) == (
        "opening",
        openings["B"],
        None,
        "exit",
    )
    assert (small.block, small.status) == ("wait", 1)
    assert large.entry is not None
    assert large.entry.holds
    assert [one.value for one in large.entry.values] == [90]
    assert house.owner("select id, stage, data from thing order by id") == before
    assert house.count("flow_run") == 0


def test_some_are_drawn_from_the_first_things_alone(
    house: FlowHouse, openings: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.tx() as tx:
        entity = entity_of(catalog_of(tx, house.rooms.catalog), "opening")
        assert entity is not None
        asked = (tx, house.rooms.kinds, parse_graph(drawn()), entity, "random", 2, "salt")
        assert set(pick.pick_things(*asked)) < set(openings.values())
        monkeypatch.setattr(pick, "FIRST_MAX", 1)
        assert len(pick.pick_things(*asked)) == 1


def test_a_backtest_knows_the_things_as_they_were(house: FlowHouse, openings: dict[str, UUID]) -> None:
    asked = Question(new_id(), parse_graph(drawn()), {}, frozenset({"*"}), days=30)
    found = replay(house.db, house.rooms, house.tenant, asked, lambda done, total: None)
    # Made 20 days ago: A and C were small then and waited, B was large. A became large five days ago: it had waited for that.
    assert (found.result["entered"], found.result["customers"]) == (3, 3)
    assert found.result["blocks"]["large"]["ports"] == {"yes": 1, "else": 2}
    assert found.result["blocks"]["wait"]["ports"] == {"happened": 1}
    assert found.result["blocks"]["wait"]["inside"] == 1
    assert {(one.subject_type, one.customer_id) for one in found.people} == {("opening", None)}
    inside = [one.subject_id for one in found.people if "inside:wait" in one.marks]
    assert inside == [openings["C"]]
    assert any("加盟开店" in one["zh"] for one in found.result["unknown"])
    assert [row[0] for row in house.owner("select stage from thing where number = 'A'")] == ["open"]


def test_a_schedule_over_all_of_them_sees_each_from_its_first_day(house: FlowHouse, openings: dict[str, UUID]) -> None:
    only = drawn()
    only["blocks"] = [one for one in only["blocks"] if one["id"] != "start"]
    only["arrows"] = [one for one in only["arrows"] if one["from"] != "start"]
    asked = Question(new_id(), parse_graph(only), {}, frozenset({"*"}), days=30)
    found = replay(house.db, house.rooms, house.tenant, asked, lambda done, total: None)
    entered = {one["day"]: one["entered"] for one in found.result["days"] if one["entered"]}
    assert sorted(entered.values()) == [1, 1]
    first, second = sorted(entered)
    assert second > first
    assert {one.subject_id for one in found.people} == {openings["A"], openings["B"]}


def test_why_judges_a_thing_as_of_each_event(house: FlowHouse, openings: dict[str, UUID]) -> None:
    flow = house.publish(drawn("opening.area > 50"))
    house.owner(
        "update flow_version set published_at = now() - interval '60 days' where flow_id = %(flow)s", {"flow": flow}
    )
    house.owner("update event set received_at = occurred_at")
    asked = why(house.db, house.rooms, house.tenant, flow, "opening", home(openings["A"]))
    by_event = next(one for one in asked.tries if one.block == "start")
    assert by_event.condition is not None
    assert (by_event.condition.holds, [one.value for one in by_event.condition.values]) == (False, [10])
    now = next(one for one in asked.tries if one.block == "daily")
    assert now.condition is not None
    assert (now.condition.holds, [one.value for one in now.condition.values]) == (True, [90])
    with pytest.raises(NotFound):
        why(house.db, house.rooms, house.tenant, flow, "order", home(openings["A"]))
