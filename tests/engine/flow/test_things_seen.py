"""Runs about things without a customer are seen by whoever sees the thing: its store's people, its owner, the whole company."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.catalog.label import Label
from tandem.flow import people, reading
from tandem.kernel.db import Scope
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import new_id
from tandem.stream.things import records, types


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database) as opened:
        yield opened


def test_a_store_sees_and_answers_for_its_own_things_only(house: FlowHouse) -> None:
    mine, other, keeper = new_id(), new_id(), new_id()
    with house.tx() as tx:
        of = types.create(tx, house.rooms.catalog, "opening", Label("加盟开店", "Opening"), [], [])
    task = block("task", "human.task", title="选址", role="admin", answers=[{"name": "ok", "label": "好"}])
    flow = house.publish(
        graph(
            [block("start", "start.event", event_type="opening.created"), task, block("exit", "flow.exit")],
            ["start.entered>task", "task.ok>exit", "task.timeout>exit"],
            subject="opening",
        )
    )
    with house.tx() as tx:
        told = [records.Told("A", store=mine), records.Told("B", store=other), records.Told("C", owner=keeper)]
        things = {row.number: row.id for row in records.write(tx, of, told)}
    house.settle()

    def seen(scope: Scope, user: UUID | None = None) -> list[str]:
        with house.db.tx("web", tenant=house.tenant, user=user, scope=scope) as tx:
            tasks = people.tasks(tx, is_open=True, after=None, limit=9)
            runs = [
                run
                for one in things.values()
                for run in reading.runs_of_thing(tx, "opening", one, before=None, limit=9)
            ]
            assert {one.subject_id for one in tasks} == {one.subject_id for one in runs}
            steps = tx.value(
                "select count(distinct run_id) from flow_step_log where tenant_id = %(tenant)s",
                {"tenant": house.tenant},
            )
            assert steps == len(runs)
        return sorted(number for number, one in things.items() if one in {run.subject_id for run in runs})

    assert seen(Scope.all()) == ["A", "B", "C"]
    assert seen(Scope("store", (mine,))) == ["A"]
    assert seen(Scope("region", (mine, other))) == ["A", "B"]
    assert seen(Scope("own"), keeper) == ["C"]
    assert seen(Scope("own"), new_id()) == []
    with house.db.tx("web", tenant=house.tenant, scope=Scope("store", (other,))) as tx:
        (own,) = people.tasks(tx, is_open=True, after=None, limit=9)
    with pytest.raises(NotFound), house.db.tx("web", tenant=house.tenant, scope=Scope("store", (mine,))) as tx:
        people.decide(tx, own.id, "ok", "")
    with house.db.tx("web", tenant=house.tenant, scope=Scope("store", (other,))) as tx:
        people.decide(tx, own.id, "ok", "")
    house.settle()
    assert {run["subject_id"]: run["status"] for run in house.runs(flow)}[things["B"]] == 1
    # A walk-in order has no store's word: its runs are seen as it is, by the whole company.
    house.owner("update flow_run set subject_type = 'order' where subject_id = %(one)s", {"one": things["A"]})
    assert house.count("flow_run", "subject_type = 'order'") == 1
    assert seen(Scope("store", (mine,))) == []
