"""The demo's shops: all ten platforms are connected, five of them without being read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.database import Database
from harness.door import Door
from tandem.access.service import create_user
from tandem.connectors.kit.registry import FOLDERS
from tandem.connectors.kit.wire import Wire
from tandem.connectors.simulator.server import TOKEN_HEADER, SimulatedTransport, Simulation
from tandem.connectors.wecom.simulator.platform import corp_of
from tandem.demo import private_domain, shops
from tandem.kernel.db import begin
from tandem.kernel.settings import settings


def test_every_platform_is_a_shop_of_the_demo() -> None:
    assert sorted([*shops.SHOPS, *shops.QUIET_SHOPS]) == sorted(FOLDERS)


@contextmanager
def demo(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Door, Simulation]]:
    """A tenant beside a simulation."""
    monkeypatch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    settings.cache_clear()
    door = Door(database)
    try:
        yield door, Simulation(epoch=datetime.now(UTC), orders_before=1)
    finally:
        door.close()
        monkeypatch.undo()
        settings.cache_clear()


def test_a_quiet_shop_is_authorised_and_asked_for_nothing(
    module_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with demo(module_database, monkeypatch) as (door, simulation):
        wire = Wire(SimulatedTransport(simulation))
        for _ in range(2):
            for name, label in shops.QUIET_SHOPS.items():
                shops._connect(door.db, door.tenant, name, label, wire, begin=False)
        held = door.rows(
            "select a.connector, g.state from source_account a left join connector_grant g on g.account_id = a.id where a.tenant_id = %s",
            door.tenant,
        )
        assert sorted(held) == sorted((name, "authorised") for name in shops.QUIET_SHOPS), "once each"
        assert door.rows("select resource from connector_task where tenant_id = %s", door.tenant) == []
        wire.close()


def test_the_private_domain_is_the_same_on_both_sides_and_made_once(
    module_database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with demo(module_database, monkeypatch) as (door, simulation):
        wire = Wire(SimulatedTransport(simulation))
        shops._connect(door.db, door.tenant, "wecom", "企业微信", wire)
        with module_database.connect() as owner:
            tx = begin(owner, tenant=door.tenant)
            for login in ("marketing", "admin"):
                create_user(tx, login=login, name=login, password=None)
        for _ in range(2):
            private_domain.settle_in(door.db, door.tenant, "wecom", simulation, tmp_path)
        found = {
            name: (state, config) for name, state, config in door.rows("select name, state, config_id from live_code")
        }
        assert {private_domain.LINK, private_domain.GROUP_CODE} <= found.keys()
        # What a process of the simulator takes up later holds the codes, and the friends who came by them.
        corp = corp_of(Simulation(orders_before=1, folder=tmp_path).shops["wecom"])
        ways = {**corp.store("contact_way"), **corp.store("join_way"), **corp.store("link")}
        assert {config for _, config in found.values()} <= ways.keys()
        came = Counter(
            follow.state for one in corp.contacts.values() for follow in one.follows.values() if follow.state
        )
        assert sorted(came.values()) == [6, 9, 11, 17], "once each"
        link = corp.store("link")[found[private_domain.LINK][1]]
        told = door.rows("select sum(clicked), sum(added) from link_day")
        assert told == [(len(link["clicks"]), len(link["customers"]))]
        assert door.rows("select status, count(*) from material group by 1 order by 1") == [
            ("approved", 6),
            ("draft", 2),
        ]
        assert door.rows("select status, count(*) from mass_send group by 1 order by 1") == [("done", 2), ("draft", 1)]
        wire.close()


def test_a_shop_says_how_busy_it_is_and_only_to_whoever_may_ask() -> None:
    simulation = Simulation(epoch=datetime.now(UTC), orders_before=1, per_minute=0.05)
    allowed = {TOKEN_HEADER: simulation.token}
    assert simulation.answer("GET", "/control/jd/rate", allowed, b"").body == {"per_minute": 0.05}
    simulation.answer("POST", "/control/jd/traffic?count=60", allowed, b"")
    assert simulation.answer("GET", "/control/jd/rate", allowed, b"").body == {"per_minute": 60.0}
    assert simulation.answer("GET", "/control/jd/rate", {}, b"").status == 403
    assert simulation.answer("GET", "/control/jd/traffic?count=1", allowed, b"").status == 405
