"""The first N and never one more, N a minute and never one more, in order of arrival, whoever serves the gate."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from harness.flows import ALL_BUCKETS, FlowHouse, block, graph
from tandem.flow import lookout
from tandem.flow.gates import KEEP
from tandem.flow.runs import Lane, RunStatus
from tandem.flow.runtime import Engine
from tandem.kernel.db import connect
from tandem.kernel.ids import new_id
from tandem.kernel.turn import lease

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")


def gated(kind: str, **config: Any) -> dict[str, Any]:
    ports = ["in", "full"] if kind == "decide.first" else ["done"]
    return graph(
        [START, {"id": "gate", "kind": kind, "config": config}, EXIT],
        ["start.entered>gate", *(f"gate.{port}>exit" for port in ports)],
    )


def taken(house: FlowHouse, flow: UUID) -> dict[int, int]:
    counted: dict[int, int] = {}
    for name, port in house.steps(flow):
        if name == "gate":
            counted[port] = counted.get(port, 0) + 1
    return counted


def test_exactly_so_many_come_in_whoever_serves_the_gate(house: FlowHouse) -> None:
    crowd = house.add_customers(120)
    flow = house.publish(gated("decide.first", most=37))
    other = Engine(house.rooms, new_id())
    connection = connect(house.db.url("worker"))
    try:
        house.events([("order.paid", one, {}) for one in crowd])
        # Two workers with half the buckets each; either answers tickets of both.
        lease(connection, other.worker, seconds=3600)
        connection.commit()
        lease(house.worker, house.engine.worker, seconds=3600)
        house.worker.commit()
        lease(connection, other.worker, seconds=3600)
        connection.commit()
        for _ in range(12):
            for engine, worker in ((house.engine, house.worker), (other, connection)):
                for lane in (0, 1):
                    engine.turn(worker, house.tenant, ALL_BUCKETS, lane)  # type: ignore[arg-type]
                engine.steps(worker, house.tenant, ALL_BUCKETS, live_only=False)
    finally:
        connection.close()
    assert taken(house, flow) == {0: 37, 1: 83}
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert house.count("flow_ticket") == 0


def test_only_the_steps_that_are_due_are_done(house: FlowHouse) -> None:
    """A worker asks which; an event that arrives meanwhile waits behind none of the others."""
    flow = house.publish(gated("decide.first", most=1))
    house.events([("order.paid", one, {}) for one in house.add_customers(1)])
    for lane in (Lane.LIVE, Lane.NORMAL):
        house.turn(lane)
    with house.tx("worker") as tx:
        first, due = lookout.due_steps(tx, ALL_BUCKETS, house.rooms.steps)
        assert (first is not None, due) == (True, {"flow.gates"})
    steps = house.engine.steps
    assert not steps(
        house.worker, house.tenant, ALL_BUCKETS, live_only=False, only=frozenset({"marketing.issue"})
    ).anything
    assert steps(house.worker, house.tenant, ALL_BUCKETS, live_only=False, only=due).anything
    house.settle()
    assert taken(house, flow) == {0: 1}
    with house.tx("worker") as tx:
        assert not lookout.due_steps(tx, ALL_BUCKETS, house.rooms.steps)[1]


def test_never_more_than_so_many_a_minute_and_all_in_the_end(house: FlowHouse) -> None:
    crowd = house.add_customers(10)
    flow = house.publish(gated("wait.rate", most=4))
    house.events([("order.paid", one, {}) for one in crowd])
    done: list[int] = []
    for _ in range(3):
        house.settle()
        done.append(taken(house, flow).get(0, 0))
        house.forward(seconds=61)
    assert done == [4, 8, 10]
    assert house.count("flow_ticket") == 0


def test_who_is_taken_out_while_waiting_uses_no_place(house: FlowHouse) -> None:
    from tandem.flow import service

    first, second = house.add_customers(2)
    left = house.publish(gated("decide.first", most=1, name="shared"), "甲")
    stays = house.publish(gated("decide.first", most=1, name="shared"), "乙")
    house.event("order.paid", first)
    house.turn()
    house.turn()
    with house.tx() as tx:
        service.stop(tx, left)
        service.stop(tx, stays)
    from tandem.flow.runs import Lane

    for _ in range(14):
        house.turn(Lane.BULK)
    again = house.publish(gated("decide.first", most=1, name="shared"), "丙")
    house.event("order.paid", second)
    house.settle()
    assert taken(house, again) == {0: 1}


@pytest.mark.parametrize("answered", [False, True], ids=["before the answer", "after it"])
def test_nobody_is_lost_at_a_gate_while_her_rows_are_moved(house: FlowHouse, answered: bool) -> None:
    """In a large merge a ticket's run may still stand in the bucket that the ticket has left."""
    anna, bert = house.add_customers(2)
    flow = house.publish(gated("decide.first", most=2))
    house.events([("order.paid", one, {}) for one in (anna, bert)])
    house.turn()
    house.turn()
    assert house.count("flow_ticket", "port is null") == 2
    if answered:
        house.owner("update flow_ticket set port = 0")
    house.owner("update customer set held = true where id = %(one)s", {"one": anna})
    home = anna.bytes[15]
    house.owner("update flow_run set bucket = (bucket + 1) %% 256 where customer_id = %(one)s", {"one": anna})
    house.settle()
    states = {run["customer_id"]: run["status"] for run in house.runs(flow)}
    assert states == {anna: RunStatus.ACTIVE, bert: RunStatus.DONE}
    assert house.count("flow_ticket") == 1
    with house.tx("worker") as tx:
        assert lookout.due_steps(tx, ALL_BUCKETS, [KEEP])[0] is None, "nobody looks again and again meanwhile"
    house.owner("update flow_run set bucket = %(home)s where customer_id = %(one)s", {"home": home, "one": anna})
    house.owner("update customer set held = false where id = %(one)s", {"one": anna})
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert taken(house, flow) == {0: 2}
    assert house.count("flow_ticket") == 0
