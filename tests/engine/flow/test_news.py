"""Do browsers hear that a flow has moved, once for many turns, and only the flows that did, and of new tasks?"""

from __future__ import annotations

import json

from harness.flows import FlowHouse, block, graph
from tandem.flow.worker import Worker
from tandem.kernel.db import connect
from tandem.kernel.live import CHANNEL


def test_browsers_hear_of_the_flow_that_moved(house: FlowHouse) -> None:
    drawn = graph(
        [
            block("start", "start.event", event_type="visit.recorded"),
            block("note", "human.notice", title="来了"),
            block("out", "flow.exit"),
        ],
        ["start.entered>note", "note.done>out"],
    )
    busy, _idle = (
        house.publish(drawn, "忙"),
        house.publish(
            graph(
                [block("start", "start.event", event_type="order.paid"), block("out", "flow.exit")],
                ["start.entered>out"],
            ),
            "闲",
        ),
    )
    house.events([("visit.recorded", one, {}) for one in house.add_customers(20)])
    house.worker.close()
    with connect(house.db.url("worker"), autocommit=True) as ears:
        ears.execute(f"listen {CHANNEL}")
        worker = Worker(house.db.url("worker"), house.rooms, house.engine.worker)
        for _ in range(200):
            worker.round()
            if house.count("flow_run", "status = 1") == 20 and not worker.engine.moved:
                break
        worker.close()
        # What was said comes when the server has time to tell it; the last word is ours.
        ears.execute("select pg_notify(%s, %s)", (CHANNEL, json.dumps({"tenant": str(house.tenant), "topic": "last"})))
        topics = set[str]()
        for one in ears.notifies(timeout=120):
            told = json.loads(one.payload)
            topics |= {told["topic"]} if told["tenant"] == str(house.tenant) else set()
            if "last" in topics:
                break
    assert topics == {f"flow:{busy}", "tasks", "last"}
