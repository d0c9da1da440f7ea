"""Does a tenant whose turn fails as a whole leave the others alone, and is it tried again?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from harness.flows import FlowHouse
from tandem.access.service import create_tenant
from tandem.flow import worker as room
from tandem.flow.runtime import Engine
from tandem.flow.worker import Worker
from tandem.kernel.crypto import MasterKey
from tandem.kernel.ids import new_id
from tandem.kernel.settings import settings
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit


def _filed(house: FlowHouse, tenant: UUID) -> int:
    return int(house.owner("select count(*) from inbox where tenant_id = %(t)s", {"t": tenant})[0][0])


def _file(house: FlowHouse, tenant: UUID) -> None:
    with house.db.tx("worker", tenant=tenant) as tx:
        ids = [new_id() for _ in range(5)]
        emit(
            tx,
            [
                NewEvent(type="campaign.reached", bucket=one.bytes[15], customer_id=one, occurred_at=tx.now, payload={})
                for one in ids
            ],
        )


def test_one_failing_tenant_starves_nobody_and_is_tried_again(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.db.connection("owner") as connection:
        master = MasterKey(settings().master_key_bytes())
        others = [create_tenant(connection, master, code=f"t{one}", name=f"t{one}") for one in range(4)]
    bad = others[1]
    tenants = [house.tenant, *others]
    for one in tenants:
        _file(house, one)

    real = Engine.turn
    failing = True

    def turn(self: Engine, connection: Any, tenant: UUID, *more: Any, **named: Any) -> Any:
        if failing and tenant == bad:
            raise LookupError("a defect that no isolation caught")
        return real(self, connection, tenant, *more, **named)

    monkeypatch.setattr(Engine, "turn", turn)
    monkeypatch.setattr(room, "REST_FIRST_SECONDS", 0.0)
    house.worker.close()
    worker = Worker(house.db.url("worker"), house.rooms, house.engine.worker)
    for _ in range(300):
        worker.round()
        if all(_filed(house, one) == 0 for one in tenants if one != bad):
            break
    assert [_filed(house, one) for one in tenants] == [5 if one == bad else 0 for one in tenants]
    failing = False
    for _ in range(300):
        worker.round()
        if _filed(house, bad) == 0:
            break
    assert _filed(house, bad) == 0
    worker.close()
