"""What flows did with a customer stands in her history, each thing once, however the pages are cut."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from harness.flows import FlowHouse, block, graph
from tandem.flow import people
from tandem.flow.timeline import runs
from tandem.flow.timeline import tasks as asked
from tandem.stream.customer import chapters
from tandem.stream.customer.chapters import Told

TASK = block("task", "human.task", title="电话回访", due={"amount": "9", "unit": "days"})
DRAWN = graph(
    [block("start", "start.event", event_type="order.paid"), TASK, block("exit", "flow.exit")],
    ["start.entered>task", "task.approved>exit", "task.refused>exit", "task.timeout>exit"],
)


def test_runs_and_tasks_are_told_to_whom_they_may_be(house: FlowHouse) -> None:
    one, other = house.add_customers(2)
    house.publish(DRAWN, "回访")
    house.events([("order.paid", one, {}), ("order.paid", other, {})])
    house.settle()
    with house.tx() as tx:
        ((mine,),) = house.owner("select id from human_task where customer_id = %(one)s", {"one": one})
        people.decide(tx, mine, "approved", "")
    house.forward(hours=1)
    house.settle()

    def told(customer: UUID, *may: str, kind: str | None = None) -> list[Told]:
        with house.tx() as tx:
            found = chapters.told(tx, customer, kind=kind, may=lambda name: name in may, before=None, limit=50)
            return sorted(found, key=lambda line: (line.at, line.id), reverse=True)

    every = told(one, "flow.read", "task.read")
    assert {line.type for line in every} == {"flow.entered", "task.asked", "task.done", "flow.left"}
    assert len({line.id for line in every}) == 4
    assert {line.type for line in told(other, "flow.read", "task.read")} == {"flow.entered", "task.asked"}
    assert {line.type for line in told(one, "task.read")} == {"task.asked", "task.done"}
    assert told(one) == []
    assert told(one, "flow.read", kind="order") == []
    assert {line.summary.zh for line in told(one, "flow.read")} == {"回访"}
    with house.tx() as tx:
        for read in (runs, asked):
            paged: list[Told] = []
            before: tuple[datetime, UUID] | None = None
            while page := read(tx, one, before, 1):
                paged += page
                before = (page[-1].at, page[-1].id)
            assert paged == read(tx, one, None, 50)
