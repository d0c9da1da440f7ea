"""Does the look ahead at publishing say what publishing then does?"""

from __future__ import annotations

from uuid import UUID

import pytest

from harness.flows import EVERYTHING, FlowHouse, block, graph
from tandem.domains.messaging import service as messaging
from tandem.flow import service
from tandem.flow.graph import parse_graph
from tandem.flow.preview import Inside, preview
from tandem.kernel.ids import new_id

EXIT = block("exit", "flow.exit")
HOUR = {"amount": "1", "unit": "hours"}


@pytest.fixture
def segment(house: FlowHouse) -> UUID:
    """Three members, one of them just being merged."""
    made = new_id()
    members = house.add_customers(4)[:3]
    house.owner("update customer set held = true where id = %(one)s", {"one": members[2]})
    house.owner(
        "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at)"
        " values (%(tenant)s, %(id)s, '会员', 'static', 1, now(), now())",
        {"id": made},
    )
    house.owner(
        "insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)"
        " select tandem_bucket(c), %(tenant)s, %(id)s, c, c, now() - interval '1 day', 1 from unnest(%(ids)s::uuid[]) c",
        {"id": made, "ids": members},
    )
    return made


def sends(house: FlowHouse, *names: str) -> list[dict[str, object]]:
    with house.tx() as tx:
        text = messaging.create_template(
            tx, house.rooms.catalog, name=str(new_id()), body="您好", message_class="marketing"
        )
    return [block(name, "messaging.send", template=str(text)) for name in names]


def drawn(house: FlowHouse, segment: UUID, *, loops: bool = False) -> dict[str, object]:
    """Two messages on one way, one on the other; looping, the last message leads back to the wait."""
    ways = [{"name": "y", "label": "是", "condition": "customer.city = '上海'"}]
    return graph(
        [
            block("start", "start.segment", segment_id=str(segment)),
            block("seen", "start.event", event_type="visit.recorded"),
            block("way", "decide.condition", ways=ways),
            block("wait", "wait.duration", span=HOUR),
            *sends(house, "m1", "m2"),
            EXIT,
        ],
        [
            "start.entered>way",
            "seen.entered>way",
            "way.y>m1",
            "way.else>wait",
            "m1.sent>wait",
            "wait.done>m2",
            f"m2.sent>{'wait' if loops else 'exit'}",
        ],
    )


def test_it_names_who_enters_and_how_many_messages_that_may_mean(house: FlowHouse, segment: UUID) -> None:
    with house.tx() as tx:
        flow = service.create_flow(tx, "流程", parse_graph(drawn(house, segment)))
        found = preview(tx, house.rooms, flow)
        (entry,) = found.entries
        assert (entry.block, entry.segment, entry.people, entry.at, entry.messages) == ("start", "会员", 2, None, 4)
        assert (found.listens, found.inside) == (True, [])
        service.publish(tx, house.rooms, flow, EVERYTHING)
    house.settle()
    assert len(house.runs(flow)) == 2, "as it said"
    with house.tx() as tx:
        again = preview(tx, house.rooms, flow)
    assert [one.people for one in again.entries] == [0], "who is inside does not enter again"
    assert again.inside == [Inside(1, 2)]


def test_a_loop_that_sends_has_no_bound(house: FlowHouse, segment: UUID) -> None:
    with house.tx() as tx:
        flow = service.create_flow(tx, "流程", parse_graph(drawn(house, segment, loops=True)))
        (entry,) = preview(tx, house.rooms, flow).entries
    assert (entry.people, entry.messages) == (2, None)


def test_a_schedule_names_its_next_time(house: FlowHouse, segment: UUID) -> None:
    start = block("start", "start.schedule", segment_id=str(segment), every="day", at="10:00:00")
    with house.tx() as tx:
        flow = service.create_flow(tx, "流程", parse_graph(graph([start, EXIT], ["start.entered>exit"])))
        (entry,) = preview(tx, house.rooms, flow).entries
        assert entry.at is not None
        assert entry.at > tx.now
    assert (entry.people, entry.messages) == (2, 0)


def test_a_question_goes_with_its_block(house: FlowHouse) -> None:
    """Found by the reference interpreter: who was moved past a task left it open for ever."""
    (anna,) = house.add_customers(1)
    start = block("start", "start.event", event_type="order.paid")
    ways = ["task.approved>exit", "task.refused>exit", "task.timeout>exit"]
    flow = house.publish(
        graph([start, block("task", "human.task", title="问", due=HOUR), EXIT], ["start.entered>task", *ways])
    )
    house.event("order.paid", anna)
    house.settle()
    next_one = parse_graph(graph([start, EXIT], ["start.entered>exit"]))
    with house.tx() as tx:
        heirs = {"task": "exit"}
        service.publish(tx, house.rooms, flow, EVERYTHING, running="move", successors=heirs, graph=next_one)
    house.settle()
    assert house.owner("select state from human_task") == [("cancelled",)]
    assert house.count("flow_run", "status = 1") == 1
