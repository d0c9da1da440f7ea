"""A version that serves nobody any more is retired by itself, and not a moment sooner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from harness.flows import EVERYTHING, FlowHouse, block, graph
from tandem.flow import service
from tandem.flow.graph import parse_graph
from tandem.flow.retire import Retiring, retire
from tandem.flow.runs import RunStatus

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")


def drawn(hours: int, **settings: Any) -> dict[str, Any]:
    wait = block("wait", "wait.duration", span={"amount": str(hours), "unit": "hours"})
    return graph([START, wait, EXIT], ["start.entered>wait", "wait.done>exit"], **settings)


def publish_again(house: FlowHouse, flow: UUID, hours: int) -> None:
    with house.tx() as tx:
        service.save_draft(tx, flow, parse_graph(drawn(hours)).stored(), service.get_flow(tx, flow).draft_etag)
        service.publish(tx, house.rooms, flow, EVERYTHING)


def stati(house: FlowHouse, flow: UUID) -> list[tuple[int, str, bool]]:
    with house.tx() as tx:
        return [(one.number, one.status, one.current) for one in service.versions(tx, flow)]


def long_ago(house: FlowHouse) -> None:
    house.owner("update flow_version set published_at = published_at - interval '1 hour'")


def test_a_version_is_retired_when_the_last_run_has_left_it(house: FlowHouse) -> None:
    (anna, bert) = house.add_customers(2)
    flow = house.publish(drawn(1))
    house.event("order.paid", anna)
    house.settle()
    publish_again(house, flow, 2)
    long_ago(house)
    assert retire(house.db, house.tenant) == 0, "somebody still waits in it"
    house.forward(hours=1, minutes=1)
    house.settle()
    epoch = house.owner("select epoch from flow_epoch")
    assert Retiring()(house.db) > 0
    assert stati(house, flow) == [(2, "published", True), (1, "retired", False)]
    assert house.owner("select epoch from flow_epoch") != epoch, "workers let its plan go"
    house.event("order.paid", bert)
    house.settle()
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.DONE, RunStatus.ACTIVE]


def test_just_replaced_it_stays_for_turns_that_began_before(house: FlowHouse) -> None:
    flow = house.publish(drawn(1))
    publish_again(house, flow, 2)
    assert retire(house.db, house.tenant) == 0
    long_ago(house)
    assert retire(house.db, house.tenant) == 1
    assert retire(house.db, house.tenant) == 0


def test_a_control_group_keeps_the_version_it_is_measured_against(house: FlowHouse) -> None:
    customers = house.add_customers(40)
    flow = house.publish(drawn(1, holdout_percent=50, goal={"event_type": "visit.recorded"}))
    house.events([("order.paid", one, {}) for one in customers])
    house.settle()
    house.forward(hours=2)
    house.settle()
    publish_again(house, flow, 2)
    long_ago(house)
    assert retire(house.db, house.tenant) == 0
    house.events([("visit.recorded", one, {}) for one in customers])
    house.settle()
    assert retire(house.db, house.tenant) == 1
