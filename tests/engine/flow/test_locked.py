"""Is a newcomer who changes runs without their bucket's lock told so by the tests' own database?"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.kernel.db import Tx
from tandem.kernel.turn import in_bucket


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(module_database) as opened:
        yield opened


def touch(tx: Tx, statement: str = "update flow_run set arm = arm") -> int:
    return tx.execute(f"{statement} where tenant_id = %(tenant)s and bucket >= 0", {"tenant": tx.tenant_id})


def test_runs_are_changed_by_who_holds_their_bucket_and_by_nobody_else(house: FlowHouse) -> None:
    ends = [block("wait", "wait.duration", span={"amount": "1", "unit": "days"}), block("exit", "flow.exit")]
    arrows = ["start.entered>wait", "wait.done>exit"]
    house.publish(graph([block("start", "start.event", event_type="order.paid"), *ends], arrows))
    (one,) = house.add_customers(1)
    house.event("order.paid", one, {})
    house.settle()
    for statement in ("update flow_run set arm = arm", "delete from flow_run"):
        with pytest.raises(psycopg.errors.RaiseException, match="has not locked it"), house.tx("worker") as tx:
            touch(tx, statement)
    with house.tx("worker") as tx:
        in_bucket(tx, one)
        with tx.savepoint():
            assert touch(tx) == 1
    with house.tx("worker") as tx:
        with tx.savepoint():
            in_bucket(tx, one)
        assert touch(tx) == 1
    # The lock went with its transaction.
    with pytest.raises(psycopg.errors.RaiseException, match="has not locked it"), house.tx("worker") as tx:
        touch(tx)
