"""A call whose sender died and for which nobody waits any more is put away, and one still being asked is left alone."""

from __future__ import annotations

from harness.flows import FlowHouse, block, graph
from tandem.flow import http_calls
from tandem.stream.webhooks.post import Answer

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")
ASKED = block(
    "t",
    "integrate.http",
    url="https://erp.example.com/v1/check",
    body=[{"name": "city", "value": "customer.city"}],
    timeout={"amount": "1", "unit": "hours"},
)


def test_what_a_dead_sender_left_is_late_when_its_time_is_over(house: FlowHouse) -> None:
    dead, alive = house.add_customers(2, city="上海")
    ports = ("ok", "refused", "failed", "timeout")
    house.publish(graph([START, ASKED, EXIT], ["start.entered>t", *(f"t.{port}>exit" for port in ports)]))
    house.events([("order.paid", one, {}) for one in (dead, alive)])
    house.settle()
    house.owner(
        "update http_call set state = 'sending', attempts = 1,"
        " next_at = now() + case when customer_id = %(dead)s then -1 else 1 end * interval '1 minute'",
        {"dead": dead},
    )
    house.forward(hours=2)
    http_calls.ask_due(house.db, house.tenant, asker=lambda call: Answer(200, 1))
    states = dict(house.owner("select customer_id, state from http_call"))
    assert states == {dead: "late", alive: "sending"}
    assert house.count("http_call", "body is not null") == 1
