"""Asking a source: a local server that fails, repeats and pages loses nothing and doubles nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from harness.database import Database
from harness.door import Door
from tandem.kernel.errors import InvalidInput
from tandem.kernel.settings import settings
from tandem.stream.door.pending import resolve_waiting
from tandem.stream.sources.accounts import change_account, create_account, get_account
from tandem.stream.sources.poll import Fetched, PollFailed, poll_due
from tandem.stream.sources.poll import _fetch as fetch


class Shop:
    """Customers by the time they were changed, three a page; `ill` answers 500, 429 or nonsense first."""

    def __init__(self) -> None:
        self.people: list[dict[str, Any]] = []
        self.ill: list[int | str] = []
        self.asked: list[dict[str, str]] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop.answer(self)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/customers"

    def add(self, *numbers: int) -> None:
        now = datetime.now(UTC)
        self.people += [
            {"id": n, "mobile": f"1370000{n:04d}", "updated_at": (now + timedelta(milliseconds=n)).isoformat()}
            for n in numbers
        ]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        self.asked.append({**query, "key": handler.headers.get("Authorization", "")})
        status, body = 200, b"{"
        if self.ill:
            what = self.ill.pop(0)
            status = what if isinstance(what, int) else 200
        else:
            found = [one for one in self.people if one["updated_at"] >= query["since"]]
            start = int(query.get("page", 0))
            following = start + 3 if start + 3 < len(found) else None
            body = json.dumps({"items": found[start : start + 3], "next": following}).encode()
        handler.send_response(status)
        if status == 429:
            handler.send_header("Retry-After", "77")
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def door(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    monkeypatch.setenv("TANDEM_WEBHOOK_PRIVATE_TARGETS", "true")
    settings.cache_clear()
    made = Door(database)
    yield made
    made.close()
    monkeypatch.undo()
    settings.cache_clear()


def account(door: Door, shop: Shop) -> UUID:
    fields = {"identifiers[0].kind": {"value": "phone"}, "identifiers[0].value": {"path": "mobile"}}
    rule = {"kind": "customer", "external_id": {"path": "id", "as": "text"}, "time": "updated_at", "fields": fields}
    values = {
        "connector": "poll", "source": "shop", "name": "shop", "config": {"url": shop.url}, "mapping": {"each": "items", "rules": [rule]},
        "lag_seconds_max": 60, "failure_percent_max": 5, "silent_minutes_max": None,
    }  # fmt: skip
    with door.tx("web") as tx:
        return create_account(tx, values, "the key")[0]


def poll(door: Door) -> None:
    with door.database.connect() as owner:
        owner.execute("update source_poll set next_at = now() - interval '1 s'")
    assert poll_due(door.db, door.tenant, fetch) == 1
    while resolve_waiting(door.db, door.kinds):
        pass


def state(door: Door) -> tuple[Any, ...]:
    return door.rows(
        "select failures, last_problem, extract(epoch from next_at - now())::int, holder from source_poll"
    )[0]


def test_pages_are_read_and_what_overlaps_is_taken_once(door: Door, shop: Shop) -> None:
    account(door, shop)
    shop.add(*range(1, 8))
    poll(door)
    assert len(door.customers()) == 7
    assert [one.get("page") for one in shop.asked] == [None, "3", "6"]
    assert {one["key"] for one in shop.asked} == {"Bearer the key"}
    shop.add(8)
    poll(door)
    assert len(door.customers()) == 8
    assert door.value("select count(*) from inbox where type = 'customer.recorded'") == 8
    assert state(door)[:2] == (0, None)
    assert door.value("select lag_seconds from source_poll") < 60


def test_a_kept_secret_goes_to_no_other_host(door: Door, shop: Shop) -> None:
    made = account(door, shop)
    with door.tx("web") as tx:
        row = get_account(tx, made)
        change_account(tx, row, {"config": {"url": f"{shop.url}/v2"}})
        with pytest.raises(InvalidInput, match="secret"):
            change_account(tx, row, {"config": {"url": "http://127.0.0.1:9/items"}})
        change_account(tx, row, {"config": {"url": "http://127.0.0.1:9/items"}}, "a new key")
    assert door.value("select config ->> 'url' from source_account") == "http://127.0.0.1:9/items"


def test_a_source_that_fails_is_asked_later_each_time_and_nothing_is_lost(door: Door, shop: Shop) -> None:
    account(door, shop)
    shop.add(*range(1, 6))
    shop.ill = [500, "nonsense", 429]
    pauses = []
    for told in ("answered 500", "the page is not JSON", "answered 429"):
        poll(door)
        failures, problem, pause, holder = state(door)
        assert (problem, holder) == (told, None)
        pauses.append(pause)
        assert failures == len(pauses)
    assert pauses[0] < pauses[1] < pauses[2]
    assert 70 <= pauses[2] <= 77, "as the source asked"
    assert door.customers() == []
    poll(door)
    assert len(door.customers()) == 5


def test_a_round_that_breaks_off_goes_on_at_its_page(door: Door, shop: Shop) -> None:
    account(door, shop)
    shop.add(*range(1, 8))
    calls = 0

    def flaky(url: str, headers: Any) -> Fetched:
        nonlocal calls
        calls += 1
        return Fetched(500, b"") if calls == 2 else fetch(url, headers)

    poll_due(door.db, door.tenant, flaky)
    assert door.value("select cursor->>'page' from source_poll") == "3"
    poll(door)
    assert [one.get("page") for one in shop.asked] == [None, "3", "6"]
    assert len(door.customers()) == 7


def test_one_worker_at_a_time_holds_an_account(door: Door, shop: Shop) -> None:
    account(door, shop)
    shop.add(1)

    def meanwhile(url: str, headers: Any) -> Fetched:
        assert poll_due(door.db, door.tenant, fetch) == 0, "it is held"
        with door.database.connect() as owner:
            owner.execute("update source_poll set leased_until = now() - interval '1 s'")
        assert poll_due(door.db, door.tenant, fetch) == 1, "the lease ran out: another took it"
        return fetch(url, headers)

    poll_due(door.db, door.tenant, meanwhile)
    while resolve_waiting(door.db, door.kinds):
        pass
    assert len(door.customers()) == 1
    assert door.value("select count(*) from intake") == 1


def test_a_page_comes_from_the_address_that_was_judged(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name resolves once per page; what it means a moment later (DNS rebinding) is never asked."""
    monkeypatch.setenv("TANDEM_WEBHOOK_PRIVATE_TARGETS", "true")
    settings.cache_clear()
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    shop.add(1)
    url = f"http://changes-its-mind.invalid:{shop.server.server_port}/customers?since=2000"
    got = fetch(url, {"Authorization": "Bearer x"}, resolve)
    assert (got.status, len(json.loads(got.body)["items"]), asked) == (200, 1, ["changes-its-mind.invalid"])
    monkeypatch.undo()
    settings.cache_clear()
    with pytest.raises(PollFailed, match="private or local"):
        fetch("https://changes-its-mind.invalid/customers", {}, resolve)
