"""The demo as a visitor meets it: sign in, publish the drawn win-back flow, move the clock through real shopping days."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal
from town import Town, ok

from harness.database import Databases
from harness.demo import demo_database, tenant_of
from harness.house import Company, House, Trail
from tandem.assembly import system
from tandem.demo.words import LOGINS
from tandem.flow.worker import Worker, start_jobs
from tandem.kernel.crypto import MasterKey
from tandem.kernel.db import Database
from tandem.kernel.settings import Settings, settings
from tandem.web import create_app

pytestmark = [pytest.mark.slow]


@pytest.fixture
def visited(databases: Databases) -> Iterator[Town]:
    database = demo_database(databases)
    db = Database(database.urls(), size=8)
    tenant = tenant_of(database)
    app = create_app(Settings(), db=db)
    app.state.master = MasterKey(settings().master_key_bytes())
    nobody = Company(tenant, "demo", {}, {})
    with start_blocking_portal("asyncio") as portal:
        yield from at_work(House(database, db, app, nobody, nobody, Trail(database, app), portal))
    db.close()
    databases.drop(database)


def at_work(house: House) -> Iterator[Town]:
    """Everybody is signed in, a worker and its jobs run."""
    for login in LOGINS:
        house._signed[login.name] = house.fresh(login.name, login.password)
    worker = Worker(house.db.url("worker"), system())
    threads = [threading.Thread(target=worker.run, daemon=True), *start_jobs(system().jobs, house.db, worker.stopping)]
    threads[0].start()
    try:
        yield Town(house)
    finally:
        worker.stopping.set()
        for thread in threads:
            thread.join(timeout=30)


def test_a_visitor_sees_people_come_back(visited: Town) -> None:
    who = visited.person("marketing")
    (flow,) = ok(who.get("/v1/flows"))["items"]
    findings = ok(who.post(f"/v1/flows/{flow['id']}/check"))["findings"]
    assert not [one for one in findings if one["severity"] == "error"], findings
    ok(who.post(f"/v1/flows/{flow['id']}/publish", {"running": "stay"}))
    stats = f"/v1/flows/{flow['id']}/stats"
    began = visited.until(
        lambda: ok(who.get(stats))["goal"]["entered"] >= 20 and ok(who.get(stats)), "lapsed parents enter"
    )
    orders = len(ok(visited.person("store").get("/v1/orders", limit=200))["items"])

    visited.move(days=9)

    seen = ok(who.get(stats))
    assert seen["goal"]["entered"] >= began["goal"]["entered"]
    assert 0 < seen["goal"]["converted"] < seen["goal"]["entered"]
    assert seen["blocks"]["remind"]["entered"] > 0
    assert all(one["failed"] == 0 for one in seen["blocks"].values())
    assert len(seen["arms"]) == 2
    assert sum(one["entered"] for one in seen["arms"].values()) == seen["goal"]["entered"]
    states = {one["status"] for one in ok(who.get("/v1/messages/states"))["items"]}
    assert "sent" in states
    assert "failed" not in states
    assert len(ok(visited.person("store").get("/v1/orders", limit=200))["items"]) >= orders
    store = {one["code"] for one in ok(visited.person("store").get("/v1/stores"))["items"]}
    assert len(store) == 1
    assert len(ok(visited.person("region").get("/v1/stores"))["items"]) > 1
