"""Why did she (not) get it: is every reason found, with the values of its moment?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.flow import asking
from tandem.flow.explain.why import Try, why
from tandem.flow.rehearsal.things import person
from tandem.flow.service import pause
from tandem.kernel.ids import new_id

EXIT = block("exit", "flow.exit")
DAY = 86_400


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(module_database) as opened:
        yield opened


def tries(house: FlowHouse, flow: object, customer: object) -> list[Try]:
    return why(house.db, house.rooms, house.tenant, flow, "customer", person(customer)).tries  # type: ignore[arg-type]


def test_every_reason_is_told_with_its_values(house: FlowHouse) -> None:
    start = block(
        "start", "start.event", event_type="order.paid", condition="event.total >= 100 and count(visits) >= 1"
    )
    wait = block("wait", "wait.duration", span={"amount": "9", "unit": "days"})
    rich, poor, early, nobody = house.add_customers(4)
    house.event("order.paid", early, {"total": 500})
    house.event("visit.recorded", rich, {}, ago=DAY)
    house.settle()
    flow = house.publish(graph([start, wait, EXIT], ["start.entered>wait", "wait.done>exit"]))
    assert [one.code for one in tries(house, flow, nobody)] == ["no_event"]

    house.event("order.paid", rich, {"total": 120})
    house.event("order.paid", poor, {"total": 120})
    house.event("order.paid", poor, {"total": 120}, ago=3 * DAY)
    house.event("order.paid", poor, {"total": 120}, mode=1, ago=DAY)
    house.settle()
    house.event("order.paid", rich, {"total": 300})
    # What comes later must not change what was true then.
    house.event("visit.recorded", poor, {})
    house.settle()

    second, first = tries(house, flow, rich)
    assert (first.code, second.code) == ("entered", "reentry")
    assert first.run_id == second.run_id is not None
    assert "离开后" in second.said.zh
    assert [one.code for one in tries(house, flow, early)] == ["not_published"]
    now, backfilled, late = tries(house, flow, poor)
    assert (now.code, backfilled.code, late.code) == ("condition", "backfill", "late")
    assert now.condition is not None
    assert [(part.text, part.holds, [one.value for one in part.values]) for part in now.condition.parts] == [
        ("event.total >= 100", True, [120]),
        ("count(visits) >= 1", False, [0]),
    ]


def test_who_was_asked_into_another_flow_was_not_asked_into_this_one(house: FlowHouse) -> None:
    drawn = graph([block("start", "start.hand"), EXIT], ["start.entered>exit"])
    one, other = house.publish(drawn), house.publish(drawn)
    (asked,) = house.add_customers(1)
    with house.tx() as tx:
        assert asking.ask_in(tx, other, [asked]) == 1
    house.settle()
    assert [each.code for each in tries(house, one, asked)] == ["no_event"]
    assert [each.code for each in tries(house, other, asked)] == ["entered"]


def test_control_group_segment_and_a_paused_flow_are_told(house: FlowHouse) -> None:
    start = block("start", "start.event", event_type="order.paid")
    # By the flow's own id each is in the control group or not: of so many, some are, and some are not.
    people = house.add_customers(60)
    flow = house.publish(graph([start, EXIT], ["start.entered>exit"], holdout_percent=50))
    house.events([("order.paid", one, {}) for one in people])
    house.settle()
    codes = {tries(house, flow, one)[0].code for one in people}
    assert codes == {"entered", "held_out"}
    segment = new_id()
    house.owner(
        "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at)"
        " values (%(tenant)s, %(segment)s, '上海客户', 'live', 1, now(), now())",
        {"segment": segment},
    )
    house.owner(
        "insert into segment_version (tenant_id, segment_id, number, text, tree, created_at)"
        " values (%(tenant)s, %(segment)s, 1, 'customer.city = ''上海''', '{}', now())",
        {"segment": segment},
    )
    joins = block("join", "start.segment", segment_id=str(segment))
    flow = house.publish(graph([joins, EXIT], ["join.entered>exit"]))
    (one,) = tries(house, flow, people[0])
    assert one.code == "not_member"
    assert "上海客户" in one.said.zh
    assert one.condition is not None
    assert not one.condition.holds
    with house.tx() as tx:
        pause(tx, flow)
    assert [bar.en for bar in why(house.db, house.rooms, house.tenant, flow, "customer", person(people[0])).bars] == [
        "The flow is paused; nobody enters now"
    ]


def test_a_tag_that_came_later_was_not_there_and_she_lived_elsewhere(house: FlowHouse) -> None:
    house.owner(
        "insert into tag (tenant_id, name, label, kind, created_at) values (%(tenant)s, 'gold', '金卡', 'manual', now())"
    )
    start = block(
        "start", "start.event", event_type="order.paid", condition="has_tag('gold') and customer.city = '上海'"
    )
    flow = house.publish(graph([start, EXIT], ["start.entered>exit"]))
    (one,) = house.add_customers(1, city="上海")
    house.event("order.paid", one, {"total": 1})
    house.settle()
    house.owner("update customer set city = '杭州' where id = %(one)s", {"one": one})
    house.event("customer.updated", one, {"source": "crm", "changes": {"city": {"old": "上海", "new": "杭州"}}})
    house.owner(
        "insert into customer_tag (bucket, customer_id, origin_id, tenant_id, tag, source, set_at)"
        " values (tandem_bucket(%(one)s), %(one)s, %(one)s, %(tenant)s, 'gold', 'manual', now())",
        {"one": one},
    )
    house.event("tag.added", one, {"tag": "gold", "source": "manual"})
    house.settle()
    (told,) = tries(house, flow, one)
    assert told.condition is not None
    assert (told.code, [part.holds for part in told.condition.parts]) == ("condition", [False, True])
