"""Does one tenant's or one command's failure stay its own? The failing one comes first in each test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from harness.database import Database
from harness.door import Door, email, phone
from harness.merging import ENGINE, Merging
from tandem.domains.messaging import jobs
from tandem.kernel.db import Tx
from tandem.stream.door import pending
from tandem.stream.door.wire import parse
from tandem.stream.identity import commands
from tandem.stream.identity.filed import Command, Outcome
from tandem.stream.identity.merge import SLICE_ROWS, Work
from tandem.stream.projection import StreamSystem


@pytest.fixture
def doors(database: Database) -> Iterator[tuple[Door, Door]]:
    made = Door(database), Door(database)
    yield made
    for one in made:
        one.close()


def _pair(door: Door) -> tuple[UUID, UUID]:
    door.send(door.behaviour(phone(1)), door.behaviour(email("anna")))
    Merging(door).apply()
    older, younger = door.customers()
    return older, younger


class _Failing:
    """Work that raises for the named commands."""

    def __init__(self, *guilty: UUID) -> None:
        self._guilty = guilty

    def __call__(self, tx: Tx, system: StreamSystem, command: Command, *, slice_rows: int = SLICE_ROWS) -> Any:
        if command.id in self._guilty:
            tx.execute("select 1 / 0")
        return Work(tx, system, command, slice_rows=slice_rows)


def test_a_command_that_raises_is_refused_after_a_few_times_and_bars_nobody(
    doors: tuple[Door, Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = doors
    pairs = [_pair(bad), _pair(good)]
    guilty = Merging(bad).file(*pairs[0])
    # The same tenant's other command, filed later, and another tenant's.
    other = Merging(bad).file(pairs[0][1], pairs[0][0], forced=True)
    theirs = Merging(good).file(*pairs[1])
    monkeypatch.setattr(commands, "Work", _Failing(guilty))
    monkeypatch.setattr(commands, "waiting_tenants", lambda _db: [bad.tenant, good.tenant])
    with capture_logs() as logs:
        assert commands.run(bad.db, ENGINE) == 2
    assert [(one["event"], one["tenant"]) for one in logs] == [("merge_command_failed", str(bad.tenant))]
    status = "select status, outcome, attempts from merge_command where id = %s"
    assert [bad.rows(status, one)[0][0] for one in (other, theirs)] == ["done", "done"]
    assert bad.rows(status, guilty) == [("queued", "22012: division by zero", 20)]
    for _ in range(10):
        with capture_logs():
            assert commands.run(bad.db, ENGINE) == 0
    assert bad.rows(status, guilty) == [("refused", "22012: division by zero", 100)]
    assert bad.value("select done_at is not null from merge_command where id = %s", guilty)


def test_a_merge_half_way_is_not_given_up(doors: tuple[Door, Door], monkeypatch: pytest.MonkeyPatch) -> None:
    door = doors[0]
    guilty = Merging(door).file(*_pair(door))
    with door.database.connect() as owner:
        owner.execute("update merge_command set status = 'moving'")
    monkeypatch.setattr(commands, "Work", _Failing(guilty))
    for _ in range(8):
        with capture_logs():
            assert commands.step(door.db, door.tenant, ENGINE) == Outcome("failed", "22012: division by zero")
    assert door.value("select status from merge_command") == "moving"


def test_records_of_the_others_are_resolved_where_one_tenants_keys_are_broken(
    doors: tuple[Door, Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = doors
    for door in doors:
        with door.tx() as tx:
            pending.take_in(tx, parse(_body(door)))
    with bad.database.connect() as owner:
        owner.execute("update tenant set key_enc = '\\x00' where id = %s", (bad.tenant,))
    monkeypatch.setattr(pending, "waiting_tenants", lambda _db: [bad.tenant, good.tenant])
    with capture_logs() as logs:
        assert pending.resolve_waiting(good.db, good.kinds) == 1
    assert [(one["job"], one["tenant"]) for one in logs] == [("door.pending", str(bad.tenant))]
    assert good.rows("select tenant_id from intake_pending") == [(bad.tenant,)]


def test_senders_go_on_to_the_next_tenant(doors: tuple[Door, Door], monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = doors
    served: list[UUID] = []

    def send(_db: object, _catalog: object, tenant: UUID) -> int:
        if tenant == bad.tenant:
            raise KeyError
        served.append(tenant)
        return 1

    monkeypatch.setattr(jobs, "send_waiting", send)
    monkeypatch.setattr(jobs, "waiting_tenants", lambda _db: [bad.tenant, good.tenant])
    job = jobs.sending(lambda: ENGINE.catalog)
    with capture_logs() as logs:
        assert job.run(good.db) == jobs.BUSY_SECONDS
    assert served == [good.tenant]
    assert [(one["job"], one["tenant"]) for one in logs] == [("messaging.send", str(bad.tenant))]


def _body(door: Door) -> bytes:
    return json.dumps({"events": [door.behaviour(phone(1))]}).encode()
