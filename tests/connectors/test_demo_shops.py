"""The demo's shops: all ten platforms are connected, five of them without being read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.database import Database
from harness.door import Door
from tandem.connectors.kit.registry import FOLDERS
from tandem.connectors.kit.wire import Wire
from tandem.connectors.simulator.server import SimulatedTransport, Simulation
from tandem.demo import shops
from tandem.kernel.settings import settings


def test_every_platform_is_a_shop_of_the_demo() -> None:
    assert sorted([*shops.SHOPS, *shops.QUIET_SHOPS]) == sorted(FOLDERS)


def test_a_quiet_shop_is_authorised_and_asked_for_nothing(
    module_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    settings.cache_clear()
    door = Door(module_database)
    wire = Wire(SimulatedTransport(Simulation(epoch=datetime.now(UTC), orders_before=1)))
    try:
        for _ in range(2):
            for name, label in shops.QUIET_SHOPS.items():
                shops._connect(door.db, door.tenant, name, label, wire, begin=False)
        held = door.rows(
            "select a.connector, g.state from source_account a left join connector_grant g on g.account_id = a.id where a.tenant_id = %s",
            door.tenant,
        )
        assert sorted(held) == sorted((name, "authorised") for name in shops.QUIET_SHOPS), "once each"
        assert door.rows("select resource from connector_task where tenant_id = %s", door.tenant) == []
    finally:
        wire.close()
        door.close()
        monkeypatch.undo()
        settings.cache_clear()
