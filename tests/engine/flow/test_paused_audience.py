"""The audience of a flow that is paused: it waits, blocks nobody, and goes on where it stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from harness.flows import ALL_BUCKETS, FlowHouse, block, graph
from tandem.flow import lookout, service
from tandem.flow.module import KindRegistry
from tandem.flow.runs import Lane
from tandem.flow.runtime import Engine
from tandem.kernel.ids import new_id

EXIT = block("exit", "flow.exit")


def audience(house: FlowHouse, people: list[UUID]) -> dict[str, Any]:
    """A flow that takes in these people as a segment."""
    segment = new_id()
    house.owner(
        "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at) values (%(tenant)s, %(id)s, %(id)s::text, 'static', 1, now(), now())",
        {"id": segment},
    )
    house.owner(
        "insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)"
        " select tandem_bucket(c), %(tenant)s, %(id)s, c, c, now() - interval '1 day', 1 from unnest(%(ids)s::uuid[]) c",
        {"id": segment, "ids": people},
    )
    return graph([block("start", "start.segment", segment_id=str(segment)), EXIT], ["start.entered>exit"])


def sliced(house: FlowHouse) -> bool:
    """Does a worker hear of slices to be taken?"""
    return any(one.lane == Lane.BULK and one.buckets for one in lookout.look(house.worker, ALL_BUCKETS))


def test_a_paused_audience_waits_in_nobodys_way_and_goes_on(house: FlowHouse) -> None:
    people = house.add_customers(300)
    flow = house.publish(audience(house, people))
    house.turn(Lane.BULK)
    begun = len(house.runs(flow))
    with house.tx() as tx:
        service.pause(tx, flow)
    house.settle()
    assert begun < 300
    assert len(house.runs(flow)) == begun
    assert house.count("flow_fanout") > 0
    assert not sliced(house), "a worker that hears of it would turn and turn"
    other = house.publish(audience(house, people[:40]), "另一个")
    house.settle()
    assert len(house.runs(other)) == 40, "it was filed later, and goes on"
    with house.tx() as tx:
        service.resume(tx, flow)
    assert sliced(house)
    house.settle()
    assert len(house.runs(flow)) == 300
    assert house.count("flow_fanout") == 0


def test_an_audience_of_a_paused_flow_that_is_stopped_never_enters(house: FlowHouse) -> None:
    flow = house.publish(audience(house, house.add_customers(30)))
    with house.tx() as tx:
        service.pause(tx, flow)
    house.settle()
    with house.tx() as tx:
        service.stop(tx, flow)
    house.settle()
    assert house.runs(flow) == []
    assert house.count("flow_fanout") == 0


def test_an_audience_of_a_version_that_this_process_cannot_run_waits_for_one_that_can(house: FlowHouse) -> None:
    flow = house.publish(audience(house, house.add_customers(30)))
    newer = house.rooms.kinds
    older = KindRegistry([kind for kind in newer.newest() if kind.kind != "flow.exit"])
    house.engine = Engine(replace(house.rooms, kinds=older), house.engine.worker)
    house.settle()
    assert house.runs(flow) == []
    assert house.count("flow_fanout") > 0, "not its own: it is left to another"
    house.engine = Engine(house.rooms, house.engine.worker)
    house.settle()
    assert len(house.runs(flow)) == 30
