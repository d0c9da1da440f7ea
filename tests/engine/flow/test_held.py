"""What happens to a customer whose rows are being moved waits for her, in its order, and then does what it would have done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from harness.flows import FlowHouse, block, graph
from tandem.flow import worker as room
from tandem.flow.runs import Lane, RunStatus
from tandem.flow.runtime import Engine
from tandem.flow.worker import Worker

DAY = {"amount": "1", "unit": "days"}


def test_events_of_a_held_customer_wait_for_her_and_act_afterwards(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, free = house.add_customers(2)
    flow = house.publish(
        graph(
            [
                block("start", "start.event", event_type="order.paid"),
                block("wait", "wait.event", event_type="visit.recorded", timeout=DAY),
                block("exit", "flow.exit"),
            ],
            ["start.entered>wait", "wait.happened>exit", "wait.timeout>exit"],
        )
    )
    hold(house, held, is_held=True)
    house.events([("order.paid", held, {}), ("visit.recorded", held, {}), ("order.paid", free, {})])
    assert house.turn().events == 1
    assert [run["customer_id"] for run in house.runs(flow)] == [free]
    assert (house.count("inbox"), house.turn().waits) == (2, True)
    # The worker does not ask for what waits again and again.
    turns: list[Lane] = []
    real = Engine.turn

    def turn(self: Engine, connection: Any, tenant: UUID, buckets: Any, lane: Lane, *more: Any) -> Any:
        turns.append(lane)
        return real(self, connection, tenant, buckets, lane, *more)

    monkeypatch.setattr(room, "FRUITLESS_SECONDS", 3600.0)
    monkeypatch.setattr(Engine, "turn", turn)
    house.worker.close()
    worker = Worker(house.db.url("worker"), house.rooms, house.engine.worker)
    for _ in range(20):
        worker.round()
    assert turns.count(Lane.LIVE) == 1
    assert house.count("inbox") == 2
    hold(house, held, is_held=False)
    monkeypatch.setattr(room, "FRUITLESS_SECONDS", 0.0)
    worker._fruitless.clear()
    for _ in range(20):
        worker.round()
    worker.close()
    states = {run["customer_id"]: (run["block"], run["status"]) for run in house.runs(flow)}
    assert states == {held: ("wait", RunStatus.DONE), free: ("wait", RunStatus.ACTIVE)}
    assert house.count("inbox") == 0


def hold(house: FlowHouse, customer: UUID, *, is_held: bool) -> None:
    house.owner("update customer set held = %(held)s where id = %(one)s", {"held": is_held, "one": customer})
