"""The Python client: generated from the description, and good for real calls against a real server."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from harness.door import moment, phone
from harness.house import House
from tandem.kernel.settings import checkout
from tandem.stream.webhooks import signing

HERE = checkout() / "clients" / "python"
sys.path.insert(0, str(HERE))

from tandem_client import ApiError, BadSignature, Tandem, verify  # noqa: E402


@pytest.fixture(scope="module")
def server(house: House) -> Iterator[str]:
    """The house on a port of its own."""
    config = uvicorn.Config(house.app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    started = threading.Event()
    while not running.started:
        started.wait(0.01)
    (socket,) = running.servers[0].sockets
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    running.should_exit = True
    thread.join(10)


def key(house: House, **limits: int) -> str:
    made = house.person("admin").post("/v1/api-keys", {"name": "client", "permissions": ["*"], **limits})
    assert made.status_code == 201, made.text
    return made.json()["key"]


def unit(house: House, code: str) -> Any:
    return {"kind": "region", "code": code, "name": code, "parent_id": str(house.a.units["brand"])}


def test_the_generated_files_are_current() -> None:
    spec = importlib.util.spec_from_file_location("client_generate", HERE / "generate.py")
    assert spec
    assert spec.loader
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    for path, text in generator.generated().items():
        assert path.read_text(encoding="utf-8") == text, "run: python clients/python/generate.py"


def test_it_pushes_events_reads_answers_and_follows_pages(house: House, server: str) -> None:
    with Tandem(server, key(house)) as tandem:
        record = {"source": "py", "external_id": "1", "kind": "customer", "time": moment()}
        records = [
            {**record, "external_id": str(n), "payload": {"identifiers": [phone(n)], "name": f"P{n}"}} for n in range(5)
        ]
        answer = tandem.events.send({"events": records})
        assert answer["accepted"] == 5
        for n in range(5):
            tandem.settings.create_org_unit(unit(house, f"py{n}"))
        units = list(tandem.settings.iter_list_org_units(limit=2))
        assert len(units) == len({one["id"] for one in units}) == 6 + 5


def test_an_attempt_is_repeated_under_the_same_key_and_happens_once(house: House, server: str) -> None:
    seen: list[str] = []
    pauses: list[float] = []

    class Flaky(httpx.HTTPTransport):
        """The first answer is lost on the way, the second says to wait."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            seen.append(request.headers["Idempotency-Key"])
            answer = super().handle_request(request)
            if len(seen) == 1:
                answer.read()
                raise httpx.ReadError("lost")
            if len(seen) == 2:
                return httpx.Response(429, headers={"Retry-After": "7"}, json={"error": {"code": "rate_limited"}})
            return answer

    tandem = Tandem(server, key(house), http=httpx.Client(transport=Flaky()), sleep=pauses.append)
    made = tandem.settings.create_org_unit(unit(house, "flaky"))
    assert made["code"] == "flaky"
    assert len(seen) == 3
    assert len(set(seen)) == 1
    assert 0 < pauses[0] <= 0.5
    assert pauses[1] == 7
    tandem.close()


def test_errors_carry_code_words_and_places(house: House, server: str) -> None:
    with Tandem(server, key(house)) as tandem:
        wrong: Any = {**unit(house, "bad"), "kind": "planet"}
        with pytest.raises(ApiError) as refused:
            tandem.settings.create_org_unit(wrong)
        assert (refused.value.status, refused.value.code) == (422, "invalid_input")
        assert refused.value.details[0]["where"] == "body.kind"
        assert refused.value.request_id
        assert refused.value.message["zh"]


def test_a_limited_key_waits_as_it_is_told(house: House, server: str) -> None:
    pauses: list[float] = []
    with Tandem(server, key(house, rate_per_minute=1, burst=1), attempts=2, sleep=pauses.append) as tandem:
        tandem.request("GET", "/v1/me")
        with pytest.raises(ApiError) as refused:
            tandem.request("GET", "/v1/me")
    assert refused.value.code == "rate_limited"
    assert len(pauses) == 1
    assert 1 <= pauses[0] <= 60


def test_a_receiver_verifies_what_the_server_signs() -> None:
    from datetime import UTC, datetime
    from uuid import uuid4

    secret, old, body = signing.new_secret(), signing.new_secret(), json.dumps({"type": "order.paid"}).encode()
    at = datetime.now(UTC)
    headers = signing.headers([secret, old], uuid4(), at, body)
    for one in (secret, old):
        assert verify(one, headers, body) == {"type": "order.paid"}
    for bad in (
        (signing.new_secret(), headers, body),
        (secret, headers, body + b" "),
        (secret, {**headers, "webhook-id": "x"}, body),
        (secret, {}, body),
    ):
        with pytest.raises(BadSignature):
            verify(*bad)
    with pytest.raises(BadSignature):
        verify(secret, headers, body, now=at.timestamp() + 301)
