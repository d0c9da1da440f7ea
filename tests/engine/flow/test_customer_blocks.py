"""Do the tag blocks set, prolong and tell as a person's own tagging would, and is a loop seen?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from harness.flows import FlowHouse, block, graph
from tandem.kernel.ids import new_id
from tandem.stream.events import MAX_HOPS

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")


def tag_known(house: FlowHouse, tag: str = "vip") -> None:
    house.owner(
        "insert into tag (tenant_id, name, label, created_at) values (%(tenant)s, %(tag)s, %(tag)s, now())",
        {"tag": tag},
    )


def adding(house: FlowHouse, keep: int | None, name: str = "加标签") -> UUID:
    more: dict[str, Any] = {"keep_for": {"amount": str(keep), "unit": "days"}} if keep else {}
    return house.publish(
        graph(
            [START, block("tag", "customer.add_tag", tag="vip", **more), EXIT],
            ["start.entered>tag", "tag.done>exit"],
            reentry={"rule": "always", "concurrent": True},
        ),
        name,
    )


def enter(house: FlowHouse, *customers: UUID, **more: Any) -> None:
    house.events([("order.paid", one, {}) for one in customers], **more)
    house.settle()


def kept(house: FlowHouse) -> list[timedelta | None]:
    return [
        row[0] for row in house.owner("select date_trunc('day', until - set_at + interval '1 hour') from customer_tag")
    ]


def told(house: FlowHouse, kind: str = "tag.added") -> int:
    return house.count("event", f"type = '{kind}'")


def test_adding_again_prolongs_and_never_shortens(house: FlowHouse) -> None:
    tag_known(house)
    (anna,) = house.add_customers(1)
    adding(house, 30)
    enter(house, anna)
    assert kept(house) == [timedelta(days=30)]
    house.forward(days=20)
    enter(house, anna)
    assert kept(house) == [timedelta(days=50)]
    house.forward(days=25)
    house.settle()
    assert house.count("customer_tag") == 1
    assert told(house) == 1, "what is kept longer has not come anew"
    adding(house, None, "永久")
    enter(house, anna)
    assert house.owner("select until from customer_tag") == [(None,)]
    enter(house, anna)
    assert house.owner("select until from customer_tag") == [(None,)], "for ever is the latest end"
    assert told(house, "tag.removed") == 0


def test_several_runs_of_a_customer_in_a_batch_tell_once(house: FlowHouse) -> None:
    tag_known(house)
    (anna,) = house.add_customers(1)
    adding(house, 3)
    enter(house, anna, anna, anna)
    assert (house.count("customer_tag"), told(house)) == (1, 1)


@pytest.mark.parametrize("kind", ["customer.add_tag", "customer.remove_tag"])
def test_a_tag_says_for_whom_it_was_made(house: FlowHouse, kind: str) -> None:
    """A run of somebody merged in since: an undo must find what belongs to her."""
    tag_known(house)
    (anna,) = house.add_customers(1)
    lender = new_id()
    if kind == "customer.remove_tag":
        adding(house, None)
        enter(house, anna)
    span = {"amount": "1", "unit": "hours"}
    house.publish(
        graph(
            [START, block("wait", "wait.duration", span=span), block("tag", kind, tag="vip"), EXIT],
            ["start.entered>wait", "wait.done>tag", "tag.done>exit"],
        ),
        "第二个流程",
    )
    enter(house, anna)
    # A merge leaves a run so: its customer is the survivor, its origin whom it was made for.
    for table in ("flow_run", "flow_due"):
        house.owner(f"update {table} set origin_id = %(lender)s", {"lender": lender})
    house.owner("delete from event where type like 'tag.%%'")
    house.forward(hours=2)
    house.settle()
    if kind == "customer.add_tag":
        assert house.owner("select customer_id, origin_id from customer_tag") == [(anna, lender)]
    event = "tag.added" if kind == "customer.add_tag" else "tag.removed"
    assert house.owner("select customer_id, origin_id from event where type = %(type)s", {"type": event}) == [
        (anna, lender)
    ]


@pytest.mark.parametrize(
    ("tested", "event"),
    [
        (block("tested", "customer.add_tag", tag="vip"), "tag.added"),
        (block("tested", "customer.remove_tag", tag="vip"), "tag.removed"),
        (block("tested", "marketing.add_points", points=5, reason="t"), "points.earned"),
    ],
)
@pytest.mark.parametrize("hops", [MAX_HOPS - 1, MAX_HOPS])
def test_an_event_too_many_causes_deep_is_parked_with_its_reason(
    house: FlowHouse, tested: dict[str, Any], event: str, hops: int
) -> None:
    tag_known(house)
    (anna,) = house.add_customers(1)
    if event == "tag.removed":
        adding(house, None)
        enter(house, anna)
    house.publish(graph([START, tested, EXIT], ["start.entered>tested", "tested.done>exit"]), "第二个流程")
    enter(house, anna, hops=hops)
    parked = house.owner("select type, hops, customer_id, root_id is not null, reason from inbox_failed")
    if hops < MAX_HOPS:
        assert parked == []
        assert house.owner("select hops from event where type = %(type)s", {"type": event})[-1] == (hops + 1,)
        return
    mine = [row for row in parked if row[0] == event]
    assert [row[:4] for row in mine] == [(event, MAX_HOPS + 1, anna, True)]
    assert "flows set each other off" in mine[0][4]
    assert told(house, event) == 0
