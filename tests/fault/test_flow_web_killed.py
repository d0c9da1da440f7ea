"""The web process is killed outright while it takes events in: what was accepted is there once, what was not answered is sent again.

Merges are killed in the middle as well, one of them large enough to be done in slices.
"""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from typing import Any
from uuid import UUID

import httpx
import pytest

from harness import web_worker
from harness.database import Database
from harness.flows import ALL_BUCKETS, FlowHouse, open_flow_house
from harness.herd import herd, until
from harness.house import open_house
from harness.nursery import nursery
from tandem.assembly import system
from tandem.flow.runs import Lane
from tandem.flow.runtime import Engine
from tandem.kernel.db import connect
from tandem.kernel.ids import new_id
from tandem.kernel.turn import lease, release_leases

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

CLIENTS = 5
BATCHES = 30
RECORDS = 20
KILLS = 4


@dataclass
class Web:
    """A web process behind a listening socket that outlives it, as under a supervisor: whoever calls meanwhile waits in the line."""

    owner_url: str
    door: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=128))
    process: ForkServerProcess | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.door.getsockname()[1]}"

    def start(self) -> None:
        self.process = nursery().Process(target=web_worker.main, args=(self.owner_url, self.door))
        self.process.start()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.join()

    def close(self) -> None:
        if self.process is not None and self.process.is_alive():
            self.kill()
        self.door.close()


def caller() -> httpx.Client:
    """A connection for each call, but not the world's certificates read for each, which costs more than the call."""
    return httpx.Client(timeout=60, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass
class Clients:
    """Programs that send each batch until it is answered."""

    url: str
    key: str
    answered: int = 0
    refused: list[str] = field(default_factory=list)
    again: int = 0
    doubled: int = 0
    sent: dict[int, int] = field(default_factory=dict)
    enough: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    calls: httpx.Client = field(default_factory=caller)

    def send_all(self, client: int) -> None:
        for number in itertools.takewhile(
            lambda number: number < BATCHES or not self.enough.is_set(), itertools.count()
        ):
            self.sent[client] = number + 1
            batch = [event(client, number, place) for place in range(RECORDS)]
            while (answer := self.send(batch)) is None:
                with self.lock:
                    self.again += 1
            with self.lock:
                self.answered += 1
                self.doubled += answer.json().get("duplicates", 0) if answer.is_success else 0
                if not answer.is_success:
                    self.refused.append(answer.text)

    def send(self, batch: list[dict[str, Any]]) -> httpx.Response | None:
        """One try; None when there came no answer."""
        try:
            return self.calls.post(
                f"{self.url}/v1/events", json={"events": batch}, headers={"authorization": f"Bearer {self.key}"}
            )
        except httpx.TransportError:
            return None


def event(client: int, number: int, place: int) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    member = {"kind": "member_no", "value": f"M{(number * RECORDS + place) % 37}"}
    name = f"{client}-{number}-{place}"
    return {
        "source": "app",
        "external_id": name,
        "kind": "behaviour",
        "time": at,
        "payload": {"name": name, "identifiers": [member], "at": at},
    }


def test_accepted_events_are_applied_once_though_the_web_is_killed(database: Database) -> None:
    with open_house(database) as house:
        made = house.person("admin").post(
            "/v1/api-keys",
            {"name": "app", "permissions": ["event.write"], "rate_per_minute": 60_000, "burst": 2_000},
        )
        assert made.status_code == 201, made.text
        web = Web(database.owner_url)
        clients = Clients(web.url, made.json()["key"])
        threads = [threading.Thread(target=clients.send_all, args=(number,)) for number in range(CLIENTS)]
        try:
            web.start()
            for thread in threads:
                thread.start()
            kills = 0
            # A kill between two answers costs nobody one: it goes on until somebody was left without, however quick the machine.
            while kills < KILLS or not clients.again:
                share = clients.answered + CLIENTS * BATCHES // (KILLS + 1)
                until(lambda share=share: clients.answered >= share)
                web.kill()
                web.start()
                kills += 1
            clients.enough.set()
            for thread in threads:
                thread.join(120)
        finally:
            clients.enough.set()
            web.close()
        assert clients.refused == []
        assert clients.answered == sum(clients.sent.values()) >= CLIENTS * BATCHES
        work(database, house.a.id)
        with database.connect() as owner:
            found = owner.execute("select payload->>'name' from event where type = 'behaviour.recorded'").fetchall()
    counted = Counter(name for (name,) in found)
    expected = {f"{c}-{n}-{p}" for c, batches in clients.sent.items() for n in range(batches) for p in range(RECORDS)}
    assert set(counted) == expected
    assert set(counted.values()) == {1}


def work(database: Database, tenant: UUID) -> None:
    """Apply whatever waits."""
    with connect(database.url("worker")) as connection:
        engine = Engine(system(), new_id())
        # A lease that ran out on a busy machine would look like work that is done.
        lease(connection, engine.worker, seconds=3600)
        connection.commit()
        while True:
            lanes = [engine.turn(connection, tenant, ALL_BUCKETS, lane) for lane in (Lane.LIVE, Lane.NORMAL, Lane.BULK)]
            if not any(one.anything or one.more for one in lanes):
                release_leases(connection, engine.worker)
                return


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database, whole=True) as opened:
        opened.owner("update bucket_lease set owner = null, leased_until = null")
        opened.owner("delete from worker_presence")
        yield opened


PAIRS = 60
#: One of the pairs has more rows than a merge moves at once.
LARGE = 11_000
SMALL = 20


def pairs(house: FlowHouse) -> dict[UUID, UUID]:
    """Survivor -> loser, each with events of their own, a command filed for each pair."""
    people = sorted(house.add_customers(2 * PAIRS))
    found = dict(zip(people[:PAIRS], people[PAIRS:], strict=True))
    for number, (survivor, loser) in enumerate(found.items()):
        for who, count in ((survivor, SMALL), (loser, LARGE if number == PAIRS // 2 else SMALL)):
            house.owner(
                "insert into event (bucket, tenant_id, occurred_at, event_id, received_at, lane, mode, type, customer_id, origin_id, payload)"
                " select tandem_bucket(%(who)s), %(tenant)s, now() - interval '1 day', tandem_new_id(), now(), 1, 0, 'behaviour.recorded',"
                ' %(who)s, %(who)s, \'{"name": "x"}\' from generate_series(1, %(count)s)',
                {"who": who, "count": count},
            )
        house.owner(
            "insert into merge_command (tenant_id, id, verb, survivor_id, loser_id, reason, filed_at)"
            " values (%(tenant)s, %(id)s, 'merge', %(survivor)s, %(loser)s, 'test', now())",
            {"id": new_id(), "survivor": survivor, "loser": loser},
        )
    return found


def test_merges_come_to_their_end_though_their_workers_are_killed(house: FlowHouse, database: Database) -> None:
    merged = pairs(house)
    before = house.count("event")

    def waiting() -> int:
        return house.count("merge_command", "status in ('queued', 'moving')")

    kills, last = 0, time.monotonic()
    with herd(database.url("worker"), 2, json.dumps(database.urls()), "*") as workers:

        def quiet() -> bool:
            nonlocal kills, last
            if kills < KILLS and PAIRS - waiting() > kills * PAIRS // KILLS and time.monotonic() - last > 0.5:
                workers.kill(workers.processes[0])
                workers.start()
                kills, last = kills + 1, time.monotonic()
            # Where merging outran the rhythm of killing, the last ones hit workers that look for more.
            return kills == KILLS and not waiting() and house.count("inbox") == 0

        until(quiet, waiting)
    owners = dict(house.owner("select id, merged_into from customer"))
    assert {loser: owners[loser] for loser in merged.values()} == {loser: who for who, loser in merged.items()}
    assert house.count("customer", "held") == 0
    told = house.count("event", "type = 'customer.merged'")
    assert house.count("event") == before + told
    assert told == PAIRS
    moved = house.owner(
        "select customer_id, origin_id, bucket, count(*) from event where type = 'behaviour.recorded' group by 1, 2, 3"
    )
    assert {(customer, bucket) for customer, _, bucket, _ in moved} == {(who, who.bytes[15]) for who in merged}
    assert {(customer, origin) for customer, origin, _, _ in moved} == {
        pair for who, loser in merged.items() for pair in ((who, who), (who, loser))
    }
    assert sum(count for _, _, _, count in moved) == before
