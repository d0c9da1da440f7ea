"""Merges and their undoing in slices, while the process that does them is killed again and again: nothing is lost or doubled."""

from __future__ import annotations

from uuid import UUID

import pytest

from harness import merge_worker
from harness.database import Database
from harness.door import Door, member, phone
from harness.merging import Merging, picture
from harness.nursery import nursery
from tandem.kernel.ids import new_id

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

PEOPLE = 3
ORDERS = 8
SLICE_ROWS = 20
ROUNDS_MAX = 200


def people(door: Door, merging: Merging) -> list[UUID]:
    for number in range(PEOPLE):
        door.send(
            door.record(
                "customer",
                {"identifiers": [phone(number), member(number)], "name": f"王{number}", "city": f"城{number}"},
            )
        )
        door.send(*(door.order(f"o{number}-{n}", phone(number)) for n in range(ORDERS)))
    merging.apply()
    return door.customers()


def work_while_killed(door: Door, database: Database) -> int:
    """Let processes do what waits: each takes one step and is killed within its second. Returns how many were killed."""
    for killed in range(ROUNDS_MAX):
        ours, theirs = nursery().Pipe()
        worker = nursery().Process(target=merge_worker.main, args=(database.urls(), door.tenant, SLICE_ROWS, theirs))
        worker.start()
        ours.send("go")
        said = ours.recv()
        # Nothing to do, while a back end still holds what its killed worker had claimed, is not the end.
        left = door.value("select count(*) from merge_command where status in ('queued', 'moving')")
        if left:
            ours.send("go")
        worker.kill()
        worker.join()
        assert said in {"done", "moving", "void", "over"}, said
        if not left:
            return killed
    pytest.fail("the work never came to its end")


def file_undo(door: Door, merge: UUID) -> None:
    with door.tx("worker") as tx:
        tx.execute(
            "insert into merge_command (tenant_id, id, verb, merge_id, reason, filed_at) values (%(t)s, %(id)s, 'undo', %(m)s, 'test', now())",
            {"t": tx.tenant_id, "id": new_id(), "m": merge},
        )


def test_merges_and_undoings_survive_their_workers(database: Database) -> None:
    door = Door(database)
    merging = Merging(door)
    a, b, c = people(door, merging)
    before = picture(door)
    merging.file(b, c, forced=True, choices=["city"])
    merging.file(a, b, forced=True, choices=["name"])
    assert work_while_killed(door, database) >= 4
    assert door.customers() == [a]
    assert door.rows("select customer_id, count(*) from sales_order group by 1") == [(a, PEOPLE * ORDERS)]
    assert door.value("select count(*) from customer where held") == 0
    assert door.value("select count(*) from customer_merge where undone_at is null") == PEOPLE - 1
    for merge in merging.standing():
        file_undo(door, merge)
    assert work_while_killed(door, database) >= 4
    merging.apply()
    assert picture(door) == before
    door.close()
