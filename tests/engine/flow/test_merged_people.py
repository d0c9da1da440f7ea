"""Runs of people who are being merged, were merged, and are split again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from harness.flows import FlowHouse, block, graph
from tandem.flow.runs import RunStatus
from tandem.kernel.ids import new_id
from tandem.stream.identity import commands

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")
WAIT = block("wait", "wait.duration", span={"amount": "1", "unit": "hours"})


def waiting_flow(house: FlowHouse) -> UUID:
    return house.publish(
        graph(
            [START, WAIT, EXIT],
            ["start.entered>wait", "wait.done>exit"],
            reentry={"rule": "always", "concurrent": True},
        )
    )


def command(house: FlowHouse, verb: str, **columns: Any) -> None:
    names = "".join(f", {name}" for name in columns)
    values = "".join(f", %({name})s" for name in columns)
    with house.tx("worker") as tx:
        tx.execute(
            f"insert into merge_command (tenant_id, id, verb, reason, filed_at{names})"
            f" values (%(tenant)s, %(id)s, %(verb)s, 'test', now(){values})",
            {"tenant": house.tenant, "id": new_id(), "verb": verb, **columns},
        )
    while (outcome := commands.step(house.db, house.tenant, house.rooms)) is not None:
        assert outcome.status == "done", outcome
    house.settle()


def test_a_run_started_by_the_merged_persons_identifier_goes_back_with_her(house: FlowHouse) -> None:
    older, younger = sorted(house.add_customers(2))
    flow = waiting_flow(house)
    command(house, "merge", survivor_id=older, loser_id=younger)
    # Both events are the survivor's; one came by an identifier that the other person had brought along.
    house.event("order.paid", older)
    house.event("order.paid", older, {"by": "hers"}, origin_id=younger)
    house.settle()
    assert {(run["customer_id"], run["origin_id"]) for run in house.runs(flow)} == {(older, older), (older, younger)}
    ((merge,),) = house.owner("select id from customer_merge where undone_at is null")
    command(house, "undo", merge_id=merge)
    assert {(run["customer_id"], run["bucket"]) for run in house.runs(flow)} == {
        (older, older.bytes[15]),
        (younger, younger.bytes[15]),
    }
    assert {row[0] for row in house.owner("select customer_id from flow_due")} == {older, younger}
    house.forward(hours=2)
    house.settle()
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.DONE] * 2


@pytest.mark.parametrize("awake", [False, True], ids=["by its time", "by an event"])
def test_nobody_moves_while_her_rows_are_moved(house: FlowHouse, awake: bool) -> None:
    anna, bert = house.add_customers(2)
    wait = block("wait", "wait.event", event_type="visit.recorded", timeout={"amount": "1", "unit": "hours"})
    flow = house.publish(
        graph([START, wait, EXIT], ["start.entered>wait", "wait.happened>exit", "wait.timeout>exit"]),
    )
    house.events([("order.paid", one, {}) for one in (anna, bert)])
    house.settle()
    house.owner("update customer set held = true where id = %(one)s", {"one": anna})
    if awake:
        house.events([("visit.recorded", one, {}) for one in (anna, bert)])
    else:
        house.forward(hours=2)
    house.settle()
    states = {run["customer_id"]: (run["block"], run["status"]) for run in house.runs(flow)}
    assert states[anna] == ("wait", RunStatus.ACTIVE)
    assert states[bert][1] == RunStatus.DONE
    assert house.count("flow_due") == 1
    house.owner("update customer set held = false where id = %(one)s", {"one": anna})
    house.forward(seconds=10)
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert house.count("flow_due") == 0
    assert len(house.steps(flow, anna)) == len(house.steps(flow, bert))
