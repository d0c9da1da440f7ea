"""Outgoing webhooks behind a real door and a real receiver: filed with the facts, signed, at least once, in order, never inside."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.door import Door, phone
from harness.merging import ENGINE, Merging
from harness.receiver import Receiver, listening
from tandem.kernel.settings import settings
from tandem.kernel.turn import Turn
from tandem.stream.apply import apply
from tandem.stream.webhooks import deliveries, schedule, sender, service
from tandem.stream.webhooks.post import Answer

PLAIN = frozenset({"plain"})


@dataclass
class World:
    door: Door
    merging: Merging
    receiver: Receiver

    def subscribe(self, *types: str, text: str = "", url: str = "", personal: bool = False) -> tuple[UUID, str]:
        values = {
            "name": "erp",
            "url": url or self.receiver.url,
            "event_types": list(types) or ["order.paid"],
            "filter": text,
            "include_personal": personal,
        }
        with self.door.tx("web") as tx:
            return service.create_webhook(tx, values)

    def pay(self, order: str, number: int = 1, **more: Any) -> None:
        self.door.send(self.door.order(order, phone(number), **more))
        self.merging.apply()

    def send(self, poster: sender.Poster | None = None) -> int:
        return sender.send_due(self.door.db, self.door.tenant, poster=poster)

    def hurry(self) -> None:
        """Let every pause be over."""
        with self.door.database.connect() as owner:
            owner.execute(
                "update webhook_delivery set next_at = now() - interval '1 second' where status <> 'delivered'"
            )

    def count(self, where: str = "true") -> int:
        return self.door.value(f"select count(*) from webhook_delivery where {where}")


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("TANDEM_WEBHOOK_PRIVATE_TARGETS", "true")
    settings.cache_clear()
    door = Door(database)
    with listening() as receiver:
        yield World(door, Merging(door), receiver)
    door.close()
    monkeypatch.undo()
    settings.cache_clear()


def verifies(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """A receiver's check, written from the standard's text and not from our code."""
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return any(one == f"v1,{wanted}" for one in headers["webhook-signature"].split(" "))


def test_a_paid_order_arrives_signed_with_what_the_catalog_promises(world: World) -> None:
    webhook, secret = world.subscribe()
    world.pay("o1")
    assert world.send() == 1
    (heard,) = world.receiver.heard
    assert verifies(secret, heard.headers, heard.body)
    assert not verifies(secret, heard.headers, heard.body + b" ")
    body = json.loads(heard.body)
    promised = {one.name for one in ENGINE.catalog.event_types["order.paid"].fields}
    assert body["type"] == "order.paid"
    assert body["version"] == 1
    assert body["data"]["order_id"] == "o1"
    assert set(body["data"]) <= promised
    assert UUID(body["customer_id"]) == world.door.customers()[0]
    with world.door.tx("web") as tx:
        rows, _ = deliveries.list_deliveries(tx, webhook, status=None, event_type=None, cursor=None, limit=10)
        _row, _body, _personal, log = deliveries.get_delivery(tx, rows[0].id)
    assert (rows[0].status, rows[0].code, log[0].code, log[0].answer) == ("delivered", 200, 200, "ok")


def test_the_simulated_receiver_answers_without_a_network(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> Answer:
        raise AssertionError("nothing may leave for the simulated receiver")

    monkeypatch.setattr(sender, "post", nobody)
    manners = ("ok", "busy", "timeout", "gone", "x")
    made = [world.subscribe(url=f"https://simulated.invalid/{one}")[0] for one in manners]
    world.pay("o1")
    assert world.send() == len(manners)
    with world.door.tx("web") as tx:
        rows = [
            deliveries.list_deliveries(tx, one, status=None, event_type=None, cursor=None, limit=9)[0][0]
            for one in made
        ]
        log = deliveries.get_delivery(tx, rows[0].id)[3]
    assert [(one.status, one.code) for one in rows] == [
        ("delivered", 200),
        ("pending", 503),
        ("pending", None),
        ("dead", 410),
        ("pending", 404),
    ]
    for _ in range(2):  # a test does not wait in the order of one that failed
        with world.door.tx("web") as tx:
            service.file_test(tx, made[1])
        assert world.send() == 1
    told = json.loads(log[0].answer or "")
    assert (told["webhook-id"], told["webhook-signature"][:3]) == (str(rows[0].id), "v1,")


def test_what_is_rolled_back_was_never_told(world: World) -> None:
    world.subscribe()
    world.door.send(world.door.order("o1", phone(1)))
    with world.door.tx("worker") as tx:
        apply(Turn(tx, list(range(256))), ENGINE, 100, 0)
        assert tx.value("select count(*) from webhook_delivery") == 1
        tx.conn.rollback()
    assert world.count() == 0


def test_history_is_not_told_nor_what_nobody_asked_for(world: World) -> None:
    world.subscribe("order.paid")
    world.pay("o1", mode="backfill")
    world.door.send(world.door.behaviour(phone(1)))
    world.merging.apply()
    assert world.count() == 0


def test_a_filter_reads_the_event_and_the_customer_as_of_now(world: World) -> None:
    world.subscribe("order.paid", text="event.total > 12")
    world.subscribe("order.paid", text="customer.order_count >= 2")
    world.pay("o1", version=1)  # total 11, first order
    assert world.count() == 0
    world.pay("o2", version=5)  # total 15, second order: both
    assert world.count() == 2


def test_one_customers_events_go_in_order_and_a_failure_holds_up_only_hers(world: World) -> None:
    world.subscribe()
    for number, order in ((1, "a1"), (1, "a2"), (2, "b1")):
        world.pay(order, number)
    down = {"a1"}
    world.receiver.answer = lambda heard: (500 if json.loads(heard.body)["data"]["order_id"] in down else 200, {}, b"")
    assert world.send() == 2
    assert {json.loads(one.body)["data"]["order_id"] for one in world.receiver.heard} == {"a1", "b1"}
    assert world.send() == 0  # a1 waits for its pause, a2 waits behind it
    down.clear()
    world.hurry()
    assert world.send() == 1
    world.hurry()
    assert world.send() == 1
    told = [json.loads(one.body)["data"]["order_id"] for one in world.receiver.heard]
    assert told.index("a2") == len(told) - 1


def test_a_receiver_that_stays_down_lets_later_events_by_and_ends_in_dead_letters(world: World) -> None:
    webhook, _ = world.subscribe()
    world.pay("a1")
    world.pay("a2")
    tried: list[UUID] = []

    def refuse(claimed: sender.Claimed, headers: dict[str, str]) -> Answer:
        assert headers["webhook-id"] == str(claimed.id)
        tried.append(claimed.id)
        return Answer(503, 3, "answered 503", "no")

    for _ in range(schedule.ORDER_ATTEMPTS):
        assert world.send(refuse) == 1
        world.hurry()
    assert len(set(tried)) == 1
    for _ in range(3 * schedule.ATTEMPTS_MAX):
        world.send(refuse)
        world.hurry()
    assert len(set(tried)) == 2
    assert world.count("status = 'dead'") == 2
    assert tried.count(tried[0]) == schedule.ATTEMPTS_MAX
    with world.door.tx("web") as tx:
        assert deliveries.replay_many(tx, webhook, status="dead", filed_from=None, filed_to=None) == (2, False)
    world.hurry()
    world.send()
    world.hurry()
    world.send()
    assert world.count("status = 'delivered'") == 2
    assert {one.headers["webhook-id"] for one in world.receiver.heard} == {str(one) for one in tried}


def test_during_a_rotation_both_secrets_sign_and_afterwards_only_the_new_one(world: World) -> None:
    webhook, old = world.subscribe()
    with world.door.tx("web") as tx:
        new, until = service.rotate_secret(tx, webhook, overlap=sender.CLAIM)
    assert until is not None
    world.pay("o1")
    world.send()
    heard = world.receiver.heard[-1]
    assert verifies(old, heard.headers, heard.body)
    assert verifies(new, heard.headers, heard.body)
    with world.door.database.connect() as owner:
        owner.execute("update webhook set old_secret_until = now() - interval '1 second'")
    world.pay("o2")
    world.send()
    heard = world.receiver.heard[-1]
    assert not verifies(old, heard.headers, heard.body)
    assert verifies(new, heard.headers, heard.body)


def test_a_receiver_that_failed_for_days_or_is_gone_is_switched_off_and_said_so(world: World) -> None:
    failing, _ = world.subscribe()
    gone, _ = world.subscribe()
    world.pay("o1")
    world.send(lambda claimed, _headers: Answer(410 if claimed.webhook_id == gone else 500, 1, "no"))
    states = dict(world.door.rows("select id, status from webhook"))
    assert states == {failing: "active", gone: "disabled"}
    with world.door.database.connect() as owner:
        owner.execute("update webhook set failing_since = now() - interval '80 hours' where id = %s", (failing,))
    world.hurry()
    world.send(lambda _claimed, _headers: Answer(None, 1, "timed out"))
    assert world.door.value("select disabled_reason from webhook where id = %s", failing) == "failing"
    assert world.door.value("select count(*) from audit_entry where action = 'webhook.disabled'") == 2
    world.hurry()
    assert world.send() == 0


def test_redirects_are_not_followed_and_long_answers_are_cut(world: World) -> None:
    world.subscribe()
    world.pay("o1")
    world.receiver.answer = lambda _heard: (302, {"Location": world.receiver.url + "/elsewhere"}, b"x" * 200_000)
    world.send()
    assert len(world.receiver.heard) == 1
    assert world.door.value("select last_code from webhook_delivery") == 302
    assert world.door.value("select length(answer) from webhook_attempt") == 1000


def test_a_delivery_follows_its_customer_through_a_merge(world: World) -> None:
    world.subscribe()
    world.pay("o1", 1)
    world.pay("o2", 2)
    claimed: list[UUID] = []

    def merging(one: sender.Claimed, _headers: dict[str, str]) -> Answer:
        if not claimed:
            survivor, loser = world.door.customers()
            world.merging.file(survivor, loser, forced=True)
            assert "done" in world.merging.run()
        claimed.append(one.id)
        return Answer(200, 1)

    # One at a time, so that the merge happens while the first is out.
    assert sender.send_due(world.door.db, world.door.tenant, poster=merging, limit=1) == 1
    world.hurry()
    assert world.send(merging) == 1
    assert len(set(claimed)) == 2
    assert world.count("status = 'delivered'") == 2


_DYING = """
import json, sys
from uuid import UUID
from tandem.kernel.db import Database
from tandem.stream.webhooks import sender
from tandem.assembly import load_tables
load_tables()
sender.send_due(Database(json.loads(sys.argv[1])), UUID(sys.argv[2]))
"""


@pytest.mark.fault
def test_a_sender_killed_in_the_middle_sends_again_under_the_same_id(world: World) -> None:
    world.subscribe()
    world.pay("o1")
    world.receiver.may_answer.clear()
    source = str(Path(sender.__file__).parents[3])
    process = subprocess.Popen(
        [sys.executable, "-c", _DYING, json.dumps(world.door.database.urls()), str(world.door.tenant)],
        env={**os.environ, "PYTHONPATH": source},
    )
    try:
        assert world.receiver.arrived.wait(120)
    finally:
        process.kill()
        process.wait()
    world.receiver.may_answer.set()
    assert world.send() == 0  # still the dead sender's
    assert world.count("status = 'sending'") == 1
    world.hurry()
    assert world.send() == 1
    ids = [one.headers["webhook-id"] for one in world.receiver.heard]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert world.receiver.heard[0].body == world.receiver.heard[1].body
    assert world.count("status = 'delivered'") == 1
