"""Events that are told late: what they changed is looked at, what they would have ended is over."""

from __future__ import annotations

from harness.flows import FlowHouse, block, graph

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")
DAY = {"amount": "1", "unit": "days"}


def test_a_condition_is_asked_again_whenever_what_it_reads_has_changed(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1, city="北京")
    until = block("until", "wait.until", condition="customer.city = '上海'", timeout=DAY)
    happens = block("happens", "wait.event", event_type="customer.updated", timeout=DAY)
    looks = house.publish(
        graph([START, until, EXIT], ["start.entered>until", "until.true>exit", "until.timeout>exit"]), "看条件"
    )
    listens = house.publish(
        graph([START, happens, EXIT], ["start.entered>happens", "happens.happened>exit", "happens.timeout>exit"]),
        "等事件",
    )
    house.event("order.paid", anna)
    house.settle()
    house.owner("update customer set city = '上海' where id = %(c)s", {"c": anna})
    house.event("customer.updated", anna, {"changes": {}}, ago=600)
    house.settle()
    assert dict(house.steps(looks))["until"] == 0
    assert "happens" not in dict(house.steps(listens)), "that happened before she came to wait for it"
