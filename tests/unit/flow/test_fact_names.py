"""Does a reader learn from the catalogue what a step was decided from?"""

from __future__ import annotations

from harness.flows import block, graph
from tandem.assembly import system
from tandem.flow.explain.named import FactNames


def test_facts_are_called_as_the_catalogue_calls_them() -> None:
    rooms = system()
    drawn = graph(
        [
            block("start", "start.event", event_type="order.paid"),
            block("if", "decide.if", condition="event.total > 10 and customer.city = '上海'"),
            block("wait", "wait.event", event_type="refund.created", timeout={"amount": "1", "unit": "days"}),
            block("exit", "flow.exit"),
        ],
        ["start.entered>if", "if.yes>wait", "if.no>exit", "wait.happened>exit", "wait.timeout>exit"],
    )
    names = FactNames(rooms.catalog, drawn, rooms.kinds)
    told = {
        "event.total": 12,
        "customer.city": "上海",
        "exists(orders)": True,
        "reason": "quiet_hours",
        "event.gone": 1,
    }
    found = names.of("if", told)
    field = next(one for one in rooms.catalog.event_types["order.paid"].fields if one.name == "total")
    assert field.label.zh in found["event.total"].zh
    assert field.label.en.lower() in found["event.total"].en.lower()
    assert found["customer.city"].zh != "customer.city"
    assert found["exists(orders)"].en != "exists(orders)"
    assert not {"reason", "event.gone"} & found.keys(), (
        "words of our own are named on the screen, what is gone by its path"
    )
    # A block after a wait may decide from what it waited for.
    of_refund = next(one for one in rooms.catalog.event_types["refund.created"].fields)
    assert f"event.{of_refund.name}" in names.of("exit", {f"event.{of_refund.name}": 1})
    assert names.of("nowhere", None) == {}
