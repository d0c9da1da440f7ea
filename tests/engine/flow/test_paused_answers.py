"""Answers that people give while a flow is paused: they count when it goes on."""

from __future__ import annotations

from uuid import UUID

from harness.flows import FlowHouse, block, graph
from tandem.flow import people, service
from tandem.flow.runs import RunStatus

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")
HOUR = {"amount": "1", "unit": "hours"}


def answered(house: FlowHouse, port: str, values: dict[str, object] | None = None) -> None:
    with house.tx() as tx:
        (task,) = people.tasks(tx, is_open=True, after=None, limit=2)
        people.decide(tx, task.id, port, "", values)


def paused_at(house: FlowHouse, customer: UUID) -> UUID:
    """A flow that asks somebody for an approval within the hour, and is paused when the hour is over."""
    asks = block("t", "human.approval", role="clerk", stand_in="manager", due=HOUR, more=HOUR)
    kind = house.rooms.kinds.get("human.approval", 1)
    assert kind is not None
    ports = [one.name for one in kind.ports(kind.config.model_validate(asks["config"]))]
    flow = house.publish(graph([START, asks, EXIT], ["start.entered>t", *(f"t.{one}>exit" for one in ports)]))
    house.event("order.paid", customer)
    house.settle()
    with house.tx() as tx:
        service.pause(tx, flow)
    house.forward(hours=1, minutes=1)
    house.settle()
    return flow


def test_an_answer_to_a_held_run_counts_when_the_flow_goes_on(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    flow = paused_at(house, anna)
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.HELD]
    answered(house, "refused")
    house.settle()
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.HELD], "an answer does not end the pause"
    assert house.count("flow_due") == 0
    with house.tx() as tx:
        service.resume(tx, flow)
    house.settle()
    assert dict(house.steps(flow))["t"] == 1
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.DONE]
    assert house.count("flow_due") == 0
