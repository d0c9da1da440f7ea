"""Sorts of things that a company defines: what is kept of them, who may tell of them, and what becomes of fields that go."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.catalog.label import Label
from tandem.kernel.errors import InvalidInput
from tandem.stream.door.kinds import Envelope
from tandem.stream.things import door, records, types

EXIT = block("exit", "flow.exit")
DAY = {"amount": "9", "unit": "days"}
WAITING = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    """A house with a sort of things of the company's own."""
    with open_flow_house(module_database, whole=True) as opened:
        fields = [
            types.ThingField("city", "城市", "City", "text"),
            types.ThingField("area", "面积", "Area", "number"),
            types.ThingField("rent", "租金", "Rent", "number"),
        ]
        stages = [types.Stage("signed", "已签约", "Signed"), types.Stage("open", "已开业", "Open")]
        with opened.tx() as tx:
            types.create(tx, opened.rooms.catalog, "opening", Label("加盟开店", "Franchise opening"), fields, stages)
        yield opened


def tell(
    house: FlowHouse, number: str, *, stage: str | None = None, ago: int = 0, mode: int = 0, **fields: Any
) -> None:
    """The door takes a record of an opening, of so many days ago."""
    with house.tx("door") as tx:
        at = tx.now - timedelta(days=ago)
        envelope = Envelope(house.tenant, "crm", number, "thing", at, mode)
        said = door.THING.normalise(envelope, door.ThingIn("opening", number, None, stage, fields))
        assert door.THING.upsert is not None
        door.THING.upsert(tx, [said.reference])


def keep_fields(house: FlowHouse, *fields: types.ThingField) -> None:
    """The sort has these fields from now on."""
    with house.tx() as tx:
        of = types.kind(tx, "opening")
        types.change(tx, "opening", of.label, fields, of.stages)


def test_days_and_times_are_kept_in_one_form_and_others_are_refused() -> None:
    fields = (types.ThingField("day", "日", "Day", "date"), types.ThingField("at", "时间", "At", "timestamp"))
    of = types.ThingKind("opening", Label("开店", "Opening"), fields, (), datetime.now(UTC))
    assert of.fitting({"day": "2026-W01-1", "at": None}) == {"day": "2025-12-29", "at": None}
    assert of.fitting({"day": "20260101"}) == {"day": "2026-01-01"}
    assert of.fitting({"at": "2026-01-01T08:00:00+20:00:00.5"}) == {"at": "2025-12-31T11:59:59.500000+00:00"}
    for name, value in (("day", "9999-12-31"), ("day", "0001-01-01"), ("at", "9999-12-31T23:00:00-05:00")):
        with pytest.raises(InvalidInput) as refused:
            of.fitting({name: value})
        assert [one.where for one in refused.value.details] == [f"fields.{name}"]


def test_a_removed_field_still_answers_flows_and_comes_back_as_what_it_was(house: FlowHouse) -> None:
    with house.tx() as tx:
        city, area, rent = types.kind(tx, "opening").fields
    start = block("start", "start.event", event_type="opening.created", condition="event.area > 2")
    wait = block("wait", "wait.until", condition="opening.area > 50", timeout=DAY)
    arrows = ["start.entered>wait", "wait.true>exit", "wait.timeout>exit"]
    flow = house.publish(graph([start, wait, EXIT], arrows, subject="opening"))
    keep_fields(house, city, rent)
    tell(house, "F1", area=3)
    house.settle()
    assert [run["block"] for run in house.runs(flow)] == ["wait"]
    with house.tx() as tx:
        assert [one.name for one in types.kind(tx, "opening").fields] == ["city", "rent"]
    with pytest.raises(InvalidInput):
        keep_fields(house, city, rent, types.ThingField("area", "面积", "Area", "date"))
    keep_fields(house, city, area, rent)
    with house.tx() as tx:
        of = types.kind(tx, "opening")
    assert ([one.name for one in of.fields], of.retired) == (["city", "area", "rent"], ())


def test_a_condition_that_fails_on_somebodys_data_holds_no_other_audience_up(house: FlowHouse) -> None:
    for number in range(3):
        tell(house, f"P{number}", area=1, rent=number + 1)
    house.owner("update thing set data = jsonb_set(data, '{rent}', '\"dear\"') where number = 'P1'")
    wait = block("wait", "wait.event", event_type="opening.changed", timeout=DAY)
    arrows = ["daily.entered>wait", "wait.happened>exit", "wait.timeout>exit"]
    flows: list[Any] = []
    for condition in ("opening.rent > 0", "opening.area = 1"):
        daily = block("daily", "start.each", every="day", at="00:00", condition=condition)
        flows.append(house.publish(graph([daily, wait, EXIT], arrows, subject="opening")))
    house.forward(days=1)
    house.settle()
    assert house.count("flow_fanout") == 0
    assert len(house.runs(flows[0])) < 3
    assert len(house.runs(flows[1])) == 3
    house.owner("delete from thing where number like 'P_'")


def test_an_older_record_overwrites_nothing_and_is_not_told(house: FlowHouse) -> None:
    tell(house, "O1", ago=3, stage="signed", city="上海")
    tell(house, "O1", ago=1, stage="open", area=9)
    tell(house, "O1", ago=2, stage="signed", area=1)
    tell(house, "O1", mode=1, area=10)
    ((stage, since, data),) = house.owner(
        "select stage, modified_at - stage_at between interval '20 hours' and interval '28 hours', data from thing where number = 'O1'"
    )
    assert (stage, since, data) == ("open", True, {"city": "上海", "area": 10})
    told = "select type, mode from inbox where payload ->> 'number' = 'O1' order by 1, 2"
    assert house.owner(told) == [
        ("opening.changed", 0),
        ("opening.changed", 1),
        ("opening.created", 0),
        ("opening.stage_changed", 0),
    ]
    house.settle()


def test_two_who_make_a_thing_at_the_same_time_make_it_once_and_lose_nothing(house: FlowHouse) -> None:
    def other() -> None:
        tell(house, "R1", city="x")

    with ThreadPoolExecutor(1) as pool:
        with house.tx("door") as tx:
            records.write(tx, types.kind(tx, "opening"), [records.Told("R1", fields={"area": 5})])
            at_once = pool.submit(other)
            while not house.owner(WAITING):
                assert not at_once.done()
        at_once.result()
    assert house.owner("select data from thing where number = 'R1'") == [({"area": 5, "city": "x"},)]
    told = house.owner("select type from inbox where payload ->> 'number' = 'R1' order by 1")
    assert told == [("opening.changed",), ("opening.created",)]
    house.settle()


def test_a_refused_key_says_which_it_is_and_why(house: FlowHouse) -> None:
    taken = types.ThingField("owner", "负责人", "Owner", "text")
    with house.tx() as tx, pytest.raises(InvalidInput) as refused:
        types.create(tx, house.rooms.catalog, "check", Label("巡检", "Check"), [taken], [])
    (detail,) = refused.value.details
    assert detail.where == "fields.owner"
    assert "owner" in detail.what_zh
    assert "owner" in detail.what_en
