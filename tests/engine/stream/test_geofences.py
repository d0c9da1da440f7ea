"""Do segments over a region and over a geofence follow a changed address and a changed shape?"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.stream.apply_world import NOON, World
from engine.stream.test_segments import differences, make, members, run_fill
from harness.database import Database
from tandem.kernel.errors import Conflict, InvalidInput
from tandem.stream.places import service
from tandem.stream.profile import recorded
from tandem.stream.segment.explain import explain
from tandem.stream.segment.service import read

SHANGHAI, BEIJING = "121.47,31.23", "116.4,39.9"


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def draw(world: World, name: str, area: dict[str, Any]) -> None:
    with world.tx("web") as tx:
        service.create(tx, name, name, area)


def redraw(world: World, name: str, area: dict[str, Any]) -> None:
    with world.tx("web") as tx:
        service.change(tx, world.catalog, name, None, area)


def say(world: World, customer: UUID, minutes: int, **fields: object) -> None:
    payload = {"source": "shop", "fields": fields}
    world.file([world.event(customer, recorded.RECORDED, at=NOON + timedelta(minutes=minutes), payload=payload)])
    world.settle()


def town(database: Database) -> World:
    world = World(database)
    world.projections = (*world.projections, recorded.PROJECTION)
    return world


def test_a_segment_over_a_region_follows_a_changed_address(database: Database) -> None:
    world = town(database)
    anna, bela = world.customers(2)
    region = make(world, "上海客户", "in_region(customer.division, '310000')")
    say(world, anna, 1, city="上海", district="黄浦区")
    say(world, bela, 1, division="310101")
    assert members(world, region) == {anna, bela}
    assert world.rows("select division from customer order by id") == [("310101",), ("310101",)]
    said = world.rows("select source, at from customer_field where field = 'division' and customer_id = %s", anna)
    assert said == [("shop", NOON + timedelta(minutes=1))]
    say(world, anna, 2, city="北京", district="朝阳区")
    assert members(world, region) == {bela}
    say(world, bela, 0, city="北京")
    assert members(world, region) == {bela}, "an older saying moved her"
    assert differences(world, region) == []


def test_a_segment_over_a_geofence_follows_a_changed_place_and_a_changed_shape(database: Database) -> None:
    world = town(database)
    anna, bela, cora = world.customers(3)
    draw(world, "east-china", box(118, 28, 123, 33))
    east = make(world, "华东", "within(customer.location, 'geofence:east-china')")
    asks = make(world, "华东也在", f"in_segment('{east}') and customer.order_count = 0")
    still = make(world, "华东静态", "within(customer.location, 'geofence:east-china')", kind="static")
    say(world, anna, 1, location=SHANGHAI)
    say(world, bela, 1, location=BEIJING)
    assert members(world, east) == members(world, asks) == {anna}
    say(world, anna, 2, location=BEIJING)
    assert members(world, east) == set()
    redraw(world, "east-china", box(115, 38, 118, 41))
    assert members(world, east) == set(), "before the fill nobody has moved"
    run_fill(world)
    assert members(world, east) == members(world, asks) == {anna, bela}
    assert members(world, still) == set()
    assert differences(world, east) == []
    assert cora not in members(world, east)


def test_a_new_label_refills_nothing_and_the_same_shape_neither(database: Database) -> None:
    world = town(database)
    draw(world, "a", box(0, 0, 1, 1))
    make(world, "甲", "within(customer.location, 'geofence:a')")
    with world.tx("web") as tx:
        service.change(tx, world.catalog, "a", "新名", box(0, 0, 1, 1))
    assert world.value("select count(*) from stream_fanout where done_at is null") == 0
    redraw(world, "a", box(0, 0, 2, 1))
    assert world.value("select count(*) from stream_fanout where done_at is null") == 256


def test_what_is_asked_must_exist_and_what_is_asked_stays(database: Database) -> None:
    world = town(database)
    draw(world, "east-china", box(0, 0, 1, 1))
    with pytest.raises(InvalidInput, match="east-china"):
        make(world, "错", "within(customer.location, 'geofence:east-chna')")
    make(world, "对", "within(customer.location, 'geofence:east-china')")
    with world.tx("web") as tx, pytest.raises(Conflict, match="对"):
        service.delete(tx, world.catalog, "east-china")


def test_why_somebody_is_inside_an_area_names_the_place(database: Database) -> None:
    world = town(database)
    (anna,) = world.customers(1, location=SHANGHAI, division="310101")
    draw(world, "east-china", box(118, 28, 123, 33))
    text = "within(customer.location, 'geofence:east-china') and in_region(customer.division, '310000')"
    with world.tx("web") as tx:
        why = explain(tx, read(world.catalog, text), anna)
    assert why.holds
    assert [(part.holds, part.values[0].value) for part in why.parts] == [(True, [121.47, 31.23]), (True, "310101")]
