"""The lane of webhooks: does it answer as the routes do, and does nothing get in that they would refuse?

The routes behind it serve an address that is written without its hyphens, so every call can be made both ways.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import structlog
from httpx import Response

from api.test_hooks import SECRET, counts, make, people, person, rows
from harness.house import House
from tandem.connectors.kit import service, wire
from tandem.connectors.kit.doorway import Doorway
from tandem.connectors.kit.registry import platforms
from tandem.connectors.simulator.server import SimulatedTransport, Simulation, keys, simulators
from tandem.kernel.db import Connection, Database, begin
from tandem.kernel.errors import NotFound, Throttled, Unavailable
from tandem.kernel.settings import Role, settings
from tandem.stream.sources import hooks
from tandem.stream.sources.connector import Account, Delivery, NotVerified, Reply, not_verified
from tandem.stream.sources.generic import signature
from tandem.stream.sources.hooks import Called, HookDoor, Kept
from tandem.stream.sources.limits import Limit
from tandem.web import hook_lane

ASIDE = {"x-request-id", "content-length"}


@contextmanager
def door_of(house: House, door: HookDoor) -> Iterator[HookDoor]:
    """The house with another webhook door."""
    kept = getattr(house.app.state, "hook_door", None)
    house.app.state.hook_door = door
    try:
        yield door
    finally:
        door.close()
        if kept is None:
            del house.app.state.hook_door
        else:
            house.app.state.hook_door = kept


def both_ways(house: House, address: str, body: bytes, headers: dict[str, str]) -> tuple[Response, Response]:
    """The answers of the lane and of the routes."""
    stem, _, account = address.rpartition("/")
    account, _, query = account.partition("?")
    plain = f"{stem}/{account.replace('-', '')}" + (f"?{query}" if query else "")
    client = house.stranger().client
    return client.post(address, content=body, headers=headers), client.post(plain, content=body, headers=headers)


def told(answer: Response) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body without the request's id."""
    headers = {name: value for name, value in answer.headers.items() if name not in ASIDE}
    body: Any = answer.text
    if answer.headers["content-type"] == "application/json":
        body = answer.json()
        body.get("error", {}).pop("id", None)
    return answer.status_code, headers, body


def test_the_lane_answers_as_the_routes_do(house: House) -> None:
    source = make(house, source="alike", config={"reply": "success"})
    paused = make(house, source="alike-paused")
    house.person("admin").patch(f"/v1/source-accounts/{paused['id']}", {"status": "paused"})
    good, large = people(person(1)), b'"' + b"x" * 960_000 + b'"'
    signed = {"X-Signature": signature(SECRET, good)}
    cases: dict[str, tuple[str, bytes, dict[str, str]]] = {
        "200": (source["address"], good, signed),
        "200 with a query": (source["address"] + "?a=1&b=&a=2", good, signed),
        "401": (source["address"], good, {"X-Signature": "no"}),
        "401 without a signature": (source["address"], b"", {}),
        "404": (f"/hooks/webhook/{uuid4()}", good, signed),
        "404 paused": (paused["address"], good, signed),
        "404 of another connector": (f"/hooks/shopify/{source['id']}", good, signed),
        "404 of no connector": (f"/hooks/nobody/{source['id']}", good, signed),
        "413": (source["address"], large, signed),
        "400": (source["address"] + "?a=%00", good, signed),
    }
    for name, case in cases.items():
        lane, route = both_ways(house, *case)
        assert told(lane) == told(route), name
        assert str(lane.status_code) == name[:3], lane.text
        assert lane.headers["x-request-id"] != route.headers["x-request-id"]
        assert int(lane.headers["content-length"]) == len(lane.content)
    with door_of(house, HookDoor(house.db, limit=Limit(1, 1, clock=lambda: 0.0))):
        first = house.stranger().client.post(source["address"], content=good, headers=signed)
        lane, route = both_ways(house, source["address"], good, signed)
        assert (first.status_code, lane.status_code, told(lane)) == (200, 429, told(route))
        assert lane.headers["Retry-After"] == "60"


def test_what_is_no_delivery_goes_to_the_routes(house: House) -> None:
    source = make(house, source="others")
    client = house.stranger().client
    for method, wanted in (("PUT", 405), ("DELETE", 405), ("GET", 401)):
        assert client.request(method, source["address"]).status_code == wanted, method
    assert client.post(source["address"] + "/").status_code == 405, "a page takes no post"
    assert client.post("/hooks/webhook/nonsense").json()["error"]["details"][0]["where"] == "path.account"


def connected(house: House, name: str) -> UUID:
    """An account of a simulated platform."""
    plain, hidden = keys(name)
    with house.db.connection("owner") as connection:
        tx = begin(connection, tenant=house.a.id)
        return service.create(tx, name, f"{name}-lane", name, {**plain, **hidden, "simulated": True})


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Accounts may be a simulator's."""
    monkeypatch.setenv("TANDEM_SIMULATOR_URL", "http://127.0.0.1:1")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("simulated")
def test_every_platforms_pushes_are_verified_in_the_lane(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """And neither the log nor an answer tells a secret."""
    with structlog.testing.capture_logs() as lines:
        secrets = _push_to_all(house, monkeypatch)
    assert len(secrets) > 10
    assert [one for one in secrets if one in repr(lines)] == []


def _push_to_all(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Push to every platform's door, rightly and wrongly; returns the secrets that were used."""
    secrets: list[str] = []
    simulation = Simulation(epoch=datetime.now(UTC) - timedelta(minutes=1), orders_before=1)
    monkeypatch.setattr(wire, "route", [SimulatedTransport(simulation)])  # a platform's keys are asked for
    refusing = {name: one.pushes.refused for name, one in platforms().items() if one.pushes is not None}
    pushing = list(refusing)
    assert refusing["ebay"] == 412
    assert {"douyin", "kuaishou", "wechat_shop", "youzan", "shopify", "ebay", "wecom"} <= set(pushing)
    for name in pushing:
        account = connected(house, name)
        secrets += [one for one in keys(name)[1].values() if len(one) > 5]
        address = f"/hooks/{name}/{account}"
        before = counts(house)[0]
        for body in (b"", b"{}", b"<xml></xml>", b"[]", b"\xff"):
            lane, route = both_ways(house, address, body, {})
            assert (told(lane), lane.status_code) == (told(route), refusing[name]), name
        assert counts(house)[0] == before, name
        if name not in simulators() or not simulation.shops[name].world:
            continue
        for push in simulators()[name].pushes(simulation.shops[name], _order(simulation, name))[:1]:
            sent = _with_query(address, push.query)
            lane, route = both_ways(house, sent, push.body, dict(push.headers))
            assert (told(lane), lane.status_code) == (told(route), 200), (name, lane.text)
            tampered, _ = both_ways(house, sent, push.body.replace(b"1", b"2") + b" ", dict(push.headers))
            assert tampered.status_code == refusing[name], name
            assert [one for one in secrets if one in lane.text + tampered.text] == []
            assert counts(house)[0] == before + 1, f"{name}: the second is known"
            before += 1
    return secrets


def _order(simulation: Simulation, name: str) -> Any:
    return simulation.shops[name].world._life(1, simulation.epoch, quick=True)


def _with_query(address: str, query: Any) -> str:
    from urllib.parse import urlencode

    return f"{address}?{urlencode(query)}" if query else address


def test_a_clock_that_is_set_back_does_not_stop_for_the_door() -> None:
    plain, hidden = keys("youzan")
    account = Account(uuid4(), uuid4(), "youzan", "y", "active", plain, None, json.dumps(hidden))
    door = Doorway(platforms()["youzan"])
    first = door._credentials(account)
    assert door._credentials(account) is first
    account.opened["credentials"] = replace(first, now=first.now + timedelta(hours=1))
    assert door._credentials(account).now < first.now + timedelta(minutes=30)


# ------------------------------------------------------------------------------------------- who may not come any more


def test_a_change_of_the_account_counts_from_the_next_call_on(house: House) -> None:
    admin, client = house.person("admin"), house.stranger().client
    source = make(house, source="changing")
    body = people(person(1))

    def call(secret: str = SECRET) -> int:
        return client.post(
            source["address"], content=body, headers={"X-Signature": signature(secret, body)}
        ).status_code

    path = f"/v1/source-accounts/{source['id']}"
    assert call() == 200
    admin.patch(path, {"status": "paused"})
    assert call() == 404
    admin.patch(path, {"status": "active"})
    house.app.state.hook_door._accounts.look(house.db, UUID(source["id"]))
    assert call() == 200
    admin.post(f"{path}/secret", {"secret": "another secret"})
    assert (call(), call("another secret")) == (401, 200)
    admin.delete(path)
    assert call("another secret") == 404


def test_what_was_verified_by_an_older_state_is_not_kept(house: House) -> None:
    """The account is switched off between the check of the signature and the commit."""
    source = make(house, source="between")
    body = people(person(1))
    delivery = Delivery({"x-signature": signature(SECRET, body)}, {}, body)
    door = HookDoor(house.db)
    before = counts(house)

    async def story() -> None:
        called = await door.find("webhook", UUID(source["id"]))
        house.person("admin").patch(f"/v1/source-accounts/{source['id']}", {"status": "paused"})
        with pytest.raises(NotFound):
            await door.take(called, delivery)

    _run(story)
    door.close()
    assert counts(house) == before


def test_a_new_secret_is_known_to_whoever_signs_with_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "DOUBT_SECONDS", -1.0)
    source = make(house, source="renewed")
    body = people(person(1))
    door = HookDoor(house.db)

    async def story() -> None:
        called = await door.find("webhook", UUID(source["id"]))
        house.person("admin").post(f"/v1/source-accounts/{source['id']}/secret", {"secret": "renewed secret"})
        await door.take(called, Delivery({"x-signature": signature("renewed secret", body)}, {}, body))

    _run(story)
    door.close()


def _run(story: Callable[[], Any]) -> None:
    """A story in a loop of its own, in a thread: this one may hold a browser's."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as aside:
        aside.submit(lambda: asyncio.run(story())).result()


# ------------------------------------------------------------------------------------------------- twice, late, broken


def test_repeated_late_and_reordered_deliveries_are_each_kept_once(house: House) -> None:
    source = make(house, source="mixed-up")
    bodies = [people(person(number)) for number in range(30)]
    sent = bodies * 3
    random.Random(7).shuffle(sent)
    before = counts(house)[0]
    door = HookDoor(house.db)

    async def story() -> None:
        async def one(body: bytes) -> None:
            called = await door.find("webhook", UUID(source["id"]))
            await door.take(called, Delivery({"x-signature": signature(SECRET, body)}, {}, body))

        await asyncio.gather(*map(one, sent))

    _run(story)
    door.close()
    assert counts(house)[0] == before + 30
    kept = rows(house, "select count(*), max(version) from intake where source = 'mixed-up'")
    assert kept == [(30, 1)]


@pytest.mark.parametrize("problem", [psycopg.DataError, psycopg.ProgrammingError, KeyError, AttributeError])
def test_one_that_cannot_be_stored_takes_nobody_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch, problem: type[Exception]
) -> None:
    source = make(house, source=f"poison-{problem.__name__.lower()}")
    door = HookDoor(house.db)
    together = door._write_together

    def write(tenant: UUID, group: list[Kept]) -> Any:
        if any(b"poison" in one.payload for one in group):
            raise problem("no such value")
        return together(tenant, group)

    monkeypatch.setattr(door, "_write_together", write)
    group = [Kept(source["source"], f"d{number}", body) for number, body in enumerate((b"1", b'"poison"', b"3"))]
    before = counts(house)[0]
    first, second, third = door._write(house.a.id, group) or ()
    assert (first, type(second), third) == (None, problem, None)
    assert counts(house)[0] == before + 2
    door.close()


def test_what_comes_twice_in_one_write_is_kept_as_it_was_told(house: House) -> None:
    """New, repeated, and one id with two payloads: in one statement or in several, the same rows come of it."""
    make(house, source="together")
    door = HookDoor(house.db)

    def write(*told: tuple[str, bytes]) -> list[tuple[str, int]]:
        assert door._write(house.a.id, [Kept("together", name, payload) for name, payload in told]) is None
        kept = rows(house, "select external_id, version from intake where source = 'together' order by 1, 2")
        waiting = "select count(*) from intake_pending p join intake i using (tenant_id, received_at, id) where i.source = 'together'"
        assert rows(house, waiting) == [(len(kept),)]
        return kept

    assert write(("a", b'{"body":1}'), ("b", b'{"body":1}'), ("a", b'{"body":1}')) == [("hook:a", 1), ("hook:b", 1)]
    # Spacing says nothing, another body is another version.
    second = write(("b", b'{"body": 1}'), ("a", b'{"body":2}'), ("c", b'{"body":1}'))
    assert second == [("hook:a", 1), ("hook:a", 2), ("hook:b", 1), ("hook:c", 1)]
    third = write(("a", b'{"body":3}'), ("a", b'{"body":4}'), ("d", b'{"body":1}'))
    assert third == [*second[:2], ("hook:a", 3), ("hook:a", 4), *second[2:], ("hook:d", 1)]
    assert write(("a", b'{"body":4}'), ("d", b'{"body":1}')) == third
    door.close()


def test_a_name_that_postgresql_cannot_hold_is_digested() -> None:
    assert hooks._storable("a-name") == "a-name"
    assert {len(hooks._storable(one)) for one in ("a\x00b", "\ud800")} == {32}


class Flaky(Database):
    """A database that can be away."""

    is_away = False

    @contextmanager
    def connection(self, role: Role) -> Iterator[Connection]:
        if self.is_away:
            raise Unavailable("database_unavailable", "数据库暂时没有响应。", "The database does not answer.")
        with super().connection(role) as connection:
            yield connection


def test_without_a_database_the_sender_is_told_to_come_back_and_is_served_then(house: House) -> None:
    source = make(house, source="outage")
    body = people(person(1))
    headers = {"X-Signature": signature(SECRET, body)}
    flaky = Flaky(house.database.urls(), size=4)
    before = counts(house)[0]
    with door_of(house, HookDoor(flaky)):
        client = house.stranger().client
        flaky.is_away = True
        never_seen = client.post(source["address"], content=body, headers=headers)
        flaky.is_away = False
        assert client.post(source["address"], content=body + b" ", headers=headers).status_code == 401
        flaky.is_away = True
        lane, route = both_ways(house, source["address"], body, headers)
        assert told(lane) == told(route) == told(never_seen)
        assert (lane.status_code, lane.headers["Retry-After"]) == (503, "5")
        flaky.is_away = False
        assert client.post(source["address"], content=body, headers=headers).status_code == 200
    flaky.close()
    assert counts(house)[0] == before + 1


# ------------------------------------------------------------------------------------------------ how bytes may arrive


class Raw:
    """A call whose messages the test sends one by one."""

    def __init__(self, house: House, address: str, headers: dict[str, str], *messages: dict[str, Any]) -> None:
        self.house, self.sent, self.messages = house, list[dict[str, Any]](), list(messages)
        self.scope: dict[str, Any] = {
            "type": "http", "http_version": "1.1", "method": "POST", "path": address, "raw_path": address.encode(),
            "root_path": "", "scheme": "http", "query_string": b"", "client": ("test", 1), "server": ("test", 80),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()], "state": {},
        }  # fmt: skip

    def run(self) -> list[dict[str, Any]]:
        assert self.house.portal is not None
        self.house.portal.call(self.house.app, self.scope, self._receive, self._send)
        return self.sent

    async def _receive(self) -> dict[str, Any]:
        if not self.messages:
            await asyncio.Event().wait()
        return self.messages.pop(0)

    async def _send(self, message: Any) -> None:
        self.sent.append(message)


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


GONE = {"type": "http.disconnect"}


def test_a_body_in_pieces_is_whole_and_half_of_one_is_nothing(house: House) -> None:
    source = make(house, source="pieces")
    body = people(person(1))
    signed = {"X-Signature": signature(SECRET, body)}
    before = counts(house)[0]
    assert Raw(house, source["address"], signed, part(body[:9], more=True), GONE).run() == []
    assert counts(house)[0] == before
    start, _ = Raw(house, source["address"], signed, part(body[:9], more=True), part(body[9:])).run()
    assert (start["status"], counts(house)[0]) == (200, before + 1)
    # Sent whole by somebody who hung up before the answer, and who sends it again therefore: kept once.
    for _ in range(2):
        Raw(house, source["address"], signed, part(body), GONE).run()
    assert counts(house)[0] == before + 1
    assert _taken(house) == 0, "all have given their places back"


def test_a_body_without_an_end_is_cut_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_lane, "BODY_SECONDS", 0.01)
    source = make(house, source="endless")
    start, _ = Raw(house, source["address"], {}, part(b"{", more=True)).run()
    assert (start["status"], (b"connection", b"close") in start["headers"]) == (408, True)
    large = [part(b"x" * 400_000, more=True) for _ in range(3)]
    start, _ = Raw(house, source["address"], {}, *large).run()
    assert start["status"] == 413
    for announced in ("950001", "9" * 30, "-1"):
        start, _ = Raw(house, source["address"], {"Content-Length": announced}).run()
        assert start["status"] == 413, "not a byte of it was read"
    assert _taken(house) == 0


def test_slow_senders_take_no_places_from_others(house: House) -> None:
    """Whoever knows an address may fill what his network has there; the platform's own deliveries come in all the same."""
    source, lane, body = make(house, source="slow"), _lane(house), people(person(1))
    stranger = f"203.0.113.0/24 {source['id']}"
    entered = 0
    while lane.arriving.enter(stranger):
        entered += 1
    try:
        signed = {"X-Signature": signature(SECRET, body)}
        call = Raw(house, source["address"], signed, part(body))
        call.scope["client"] = ("203.0.113.9", 1)
        start, told = call.run()
        assert (start["status"], json.loads(told["body"])["error"]["code"]) == (429, "door_full")
        call = Raw(house, source["address"], signed, part(body))
        call.scope["client"] = ("198.51.100.7", 1)
        start, _ = call.run()
        assert start["status"] == 200
        assert (entered, lane.turnstile.taken) == (hook_lane.PLACES, 0)
    finally:
        for _ in range(entered):
            lane.arriving.leave(stranger)
    # A small body has little time, a large one what it takes at a pace that anybody has.
    assert hook_lane.BODY_SECONDS + hook_lane.PLACE_BYTES / hook_lane.BODY_BYTES_A_SECOND < 6


def test_an_account_that_was_switched_off_answers_no_challenge(house: House) -> None:
    """Nothing is written after a challenge that would notice: it is looked at each time, and not often."""
    source, door = make(house, source="challenged"), HookDoor(house.db)
    # However long all the looks take, no new one is granted meanwhile.
    most = hooks.CHALLENGES_PER_MINUTE
    door._challenges = Limit(most, most, clock=lambda: 0.0)

    class Asked:
        name = "webhook"

        def challenge(self, account: Account, query: dict[str, str]) -> Reply:
            return Reply(f"{account.status} {query['echo']}")

    async def story() -> None:
        called = await door.find("webhook", UUID(source["id"]))
        called = Called(Asked(), called.account)  # type: ignore[arg-type]
        assert (await door.challenge(called, {"echo": "1"})).body == "active 1"
        house.person("admin").patch(f"/v1/source-accounts/{source['id']}", {"status": "paused"})
        with pytest.raises(NotFound):
            await door.challenge(called, {"echo": "2"})
        for _ in range(most):
            with suppress(NotFound, Throttled):
                await door.challenge(called, {"echo": "3"})
        with pytest.raises(Throttled):
            await door.challenge(called, {"echo": "3"})

    _run(story)
    door.close()


def test_a_stranger_uses_up_no_challenge_of_the_platforms(house: House) -> None:
    source, door = make(house, source="beleaguered"), HookDoor(house.db)

    class Signed:
        name = "webhook"

        def challenge(self, account: Account, query: dict[str, str]) -> Reply:
            if query["sign"] != "right":
                raise not_verified()
            return Reply(account.status)

    async def story() -> None:
        called = await door.find("webhook", UUID(source["id"]))
        called = Called(Signed(), called.account)  # type: ignore[arg-type]
        for _ in range(hooks.CHALLENGES_PER_MINUTE + 5):
            with pytest.raises(NotVerified):
                await door.challenge(called, {"sign": "wrong"})
        assert (await door.challenge(called, {"sign": "right"})).body == "active"

    _run(story)
    door.close()


def test_many_large_bodies_are_not_held_at_once(house: House) -> None:
    source = make(house, source="crowd")
    lane = _lane(house)
    weight = 1 + 950_000 // hook_lane.PLACE_BYTES
    entered = [lane.turnstile.enter(source["id"], weight) for _ in range(500)]
    try:
        body = people(person(1))
        answer = house.stranger().client.post(
            source["address"], content=body, headers={"X-Signature": signature(SECRET, body)}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "door_full")
        assert answer.headers["Retry-After"] == "1"
        assert sum(entered) * 950_000 < 80_000_000
    finally:
        for _ in range(sum(entered)):
            lane.turnstile.leave(source["id"], weight)


def _lane(house: House) -> hook_lane.HookLane:
    found = house.app.middleware_stack
    while not isinstance(found, hook_lane.HookLane):
        found = found.app  # type: ignore[union-attr]
    return found


def _taken(house: House) -> int:
    return _lane(house).turnstile.taken


# ------------------------------------------------------------------------------------------------------- what is logged


def test_nothing_secret_is_logged(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make(house, source="quiet")
    body = json.dumps({"people": [person(1)], "card": "6222-0000-1111"}).encode()
    signed = signature(SECRET, body)
    token = f"{source['address']}?access_token=in-the-address"
    with structlog.testing.capture_logs() as lines:
        client = house.stranger().client
        client.post(token, content=body, headers={"X-Signature": signed})
        client.post(token, content=body, headers={"X-Signature": "forged-signature"})

        def broken(*_: object) -> None:
            raise RuntimeError("a defect")

        monkeypatch.setattr(HookDoor, "_kept", broken)
        answer = client.post(token, content=body, headers={"X-Signature": signed})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "defect" not in answer.text
    text = repr(lines)
    assert [one["event"] for one in lines if one["log_level"] == "error"] == ["request.failed"]
    assert "/hooks/{connector}/{account}" in text
    for secret in (SECRET, signed, "forged-signature", "6222-0000", "in-the-address", "13700000001"):
        assert secret not in text, secret
