"""Deliveries taken off the wire at once: are they answered as in the lane, and does everything else still go there?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
import structlog
import uvicorn
from uvicorn.server import ServerState

from api.test_hook_lane import both_ways, door_of, told
from api.test_hooks import SECRET, counts, make, people, person
from harness.house import House
from harness.transport import Wire
from tandem.kernel.errors import Unavailable
from tandem.stream.door.pressure import Pressure
from tandem.stream.flushes import Flushes
from tandem.stream.sources import hooks
from tandem.stream.sources.generic import signature
from tandem.stream.sources.hooks import HookDoor
from tandem.stream.sources.limits import Limit
from tandem.web import hook_lane, hook_wire
from tandem.web.server import Bounded

BODY = people(person(1))
SIGNED = {"X-Signature": signature(SECRET, BODY)}
DATE = (b"date", b"today")


@dataclass
class Answer:
    """An answer as it stood on the wire, with what `told` looks at."""

    status_code: int
    headers: dict[str, str]
    text: str

    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Line:
    """A kept-open connection to the house. `passed`: whether each whole call that could was taken at once."""

    house: House
    passed: list[bool] = field(default_factory=list[bool])
    cycles: list[Any] = field(default_factory=list[Any])
    """What those connections waited for then."""

    def send(self, *pieces: bytes, answers: int = 1, after: Callable[[Bounded], None] | None = None) -> list[Answer]:
        """The answers to these bytes. `after` sees the connection when all were read, before any answer."""
        assert self.house.portal is not None
        return _answers(self.house.portal.call(self._talk, pieces, answers, after))

    async def _talk(self, pieces: Sequence[bytes], answers: int, after: Callable[[Bounded], None] | None) -> bytes:
        config = uvicorn.Config(self.house.app, http=Bounded, ws="none", log_config=None, access_log=False)
        config.load()
        state = ServerState()
        state.default_headers = [DATE]
        wire, line = Wire(), Bounded(config, state, {}, asyncio.get_running_loop())
        line.connection_made(cast("asyncio.Transport", wire))
        for piece in pieces:
            line.data_received(piece)
        if after is not None:
            after(line)
        async with asyncio.timeout(120):
            while wire.written.count(b"HTTP/1.1 ") < answers or not line.cycle.response_complete:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        line.connection_lost(None)
        return wire.written


def call(address: str, body: bytes = BODY, headers: dict[str, str] | None = None, method: str = "POST") -> bytes:
    """The bytes of a call."""
    lines = [f"{method} {address} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (SIGNED if headers is None else headers).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _answers(written: bytes) -> list[Answer]:
    found: list[Answer] = []
    while written:
        head, _, rest = written.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(one.split(": ", 1) for one in lines)
        assert headers.pop("date") == "today"
        length = int(headers["content-length"])
        found.append(Answer(int(first.split()[1]), headers, rest[:length].decode()))
        written = rest[length:]
    return found


@pytest.fixture
def line(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """A connection to a door whose knowledge does not grow old meanwhile; afterwards every place was given back."""
    found = Line(house)
    take = hook_wire.take
    monkeypatch.setattr(hooks, "FRESH_SECONDS", 10.0**6)
    monkeypatch.setattr(hooks, "PRESSURE", Pressure(clock=lambda: 1.0))

    def watched(*given: Any) -> bool:
        found.passed.append(take(*given))
        found.cycles.append(given[1].cycle)
        return found.passed[-1]

    monkeypatch.setattr(hook_wire, "take", watched)
    with door_of(house, HookDoor(house.db)):
        yield found
    lane: hook_lane.HookLane = house.app.state.hook_lane
    assert (lane.turnstile.taken, lane.arriving.taken) == (0, 0)


def known(house: House, source: str, **more: Any) -> dict[str, Any]:
    """An account that was looked up already, with room for its company."""
    made = make(house, source=source, **more)
    assert house.stranger().client.post(made["address"], content=BODY, headers=SIGNED).status_code == 200
    return made


def test_the_wire_answers_as_the_lane_and_the_routes_do(house: House, line: Line) -> None:
    source = known(house, "wired", config={"reply": "success"})
    address = source["address"]
    cases: dict[str, tuple[str, bytes, dict[str, str], bool]] = {
        "200": (address, BODY, SIGNED, True),
        "200 with a query": (address + "?a=1&b=&a=2", BODY, SIGNED, True),
        "401": (address, BODY, {"X-Signature": "no"}, False),
        "401 without a body": (address, b"", {}, False),
        "404": (f"/hooks/webhook/{uuid4()}", BODY, SIGNED, False),
        "404 of another connector": (f"/hooks/shopify/{source['id']}", BODY, SIGNED, False),
        "400": (address + "?a=%00", BODY, SIGNED, False),
    }
    for name, (to, body, headers, passes) in cases.items():
        (wired,) = line.send(call(to, body, headers))
        lane, route = both_ways(house, to, body, headers)
        assert told(cast("Any", wired)) == told(lane) == told(route), name
        assert (str(wired.status_code), line.passed.pop()) == (name[:3], passes), name
        assert len(wired.headers["x-request-id"]) == 36


def test_what_comes_in_pieces_goes_to_the_lane(house: House, line: Line) -> None:
    whole = call(known(house, "wired-pieces")["address"])
    head = whole.index(b"\r\n\r\n") + 4
    for at in (9, head - 2, head, head + 5, len(whole) - 1):
        (answer,) = line.send(whole[:at], whole[at:])
        assert answer.status_code == 200, at
    # A head in pieces is whole when its body comes with its end.
    assert line.passed == [True, True]


def test_calls_on_one_connection_are_answered_in_order(house: House, line: Line) -> None:
    address = known(house, "wired-order", config={"reply": "first"})["address"]
    other = known(house, "wired-order-2", config={"reply": "second"})["address"]
    before = counts(house)[0]
    one, two = people(person(2)), people(person(3))
    calls = [
        call(address, one, {"X-Signature": signature(SECRET, one)}),
        call(other, two, {}),
        call("/healthz", b"", {}, "GET"),
    ]
    answers = line.send(b"".join(calls), answers=3)
    assert [answer.status_code for answer in answers] == [200, 401, 200]
    assert (answers[0].text, line.passed, counts(house)[0]) == ("first", [True], before + 1)
    # Closing, another version, a body of unknown length: a request like any other.
    odd = call(address).replace(b"Host: x", b"Host: x\r\nConnection: close")
    assert line.send(odd)[0].headers["connection"] == "close"
    assert line.passed == [True]


def test_who_was_switched_off_or_signs_anew_is_known_at_once(
    house: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, admin = known(house, "wired-changing"), house.person("admin")
    path, before = f"/v1/source-accounts/{source['id']}", counts(house)[0]
    written, standing = list[int](), hooks._still_standing
    monkeypatch.setattr(hooks, "_still_standing", lambda tx, group: written.append(len(group)) or standing(tx, group))
    admin.post(f"{path}/secret", {"secret": "another secret"})
    fresh = people(person(4))

    def status(secret: str) -> int:
        return line.send(call(source["address"], fresh, {"X-Signature": signature(secret, fresh)}))[0].status_code

    # Verified by the secret that was remembered, and found to be another's by the commit.
    assert (status(SECRET), line.passed, counts(house)[0]) == (401, [True], before)
    assert written == [1], "it is not tried once more by what is known to be over"
    assert (status("another secret"), counts(house)[0]) == (200, before + 1)
    admin.patch(path, {"status": "paused"})
    assert (status("another secret"), line.passed) == (404, [True, True, True])


@pytest.mark.parametrize("problem", [Unavailable("away", "没有响应。", "No answer."), RuntimeError("a defect of ours")])
def test_a_write_that_fails_is_told(house: House, line: Line, problem: Exception) -> None:
    def write(*_: Any) -> None:
        raise problem

    door = HookDoor(house.db)
    with door_of(house, door):
        source = known(house, f"wired-{type(problem).__name__.lower()}")
        door._flushes = Flushes(write)
        with structlog.testing.capture_logs() as lines:
            (answer,) = line.send(call(source["address"]))
    assert line.passed == [True]
    if isinstance(problem, Unavailable):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    else:
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
        assert "defect" not in answer.text
        assert [one["event"] for one in lines if one["log_level"] == "error"] == ["request.failed"]
    assert SECRET not in repr(lines)


def test_who_hung_up_is_not_answered_and_a_stopping_server_closes(house: House, line: Line) -> None:
    source = known(house, "wired-gone")

    def hang_up(connection: Bounded) -> None:
        connection.connection_lost(None)
        connection.connection_lost = lambda exc: None  # type: ignore[method-assign,assignment]

    assert line.send(call(source["address"]), answers=0, after=hang_up) == []
    (answer,) = line.send(call(source["address"]), after=lambda connection: connection.shutdown())
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")
    assert line.passed == [True, True]


def test_who_hung_up_with_more_calls_on_the_way_costs_nobody_his_answer(house: House, line: Line) -> None:
    """Uvicorn tells only the last of those that follow one another, and uvloop takes no bytes to a lost connection."""
    source = known(house, "wired-lost")

    def lose(connection: Bounded) -> None:
        connection.send_400_response("What follows is no request.")
        connection.connection_lost(None)
        connection.cycle = line.cycles[0]
        connection.connection_lost = lambda exc: None  # type: ignore[method-assign,assignment]

    with structlog.testing.capture_logs() as lines:
        (answer,) = line.send(call(source["address"]) + call("/healthz", b"", {}, "GET"), after=lose)
        assert (answer.status_code, line.passed, line.cycles[0].disconnected) == (400, [True], True)
    assert [one["event"] for one in lines if one["log_level"] == "error"] == []


def test_limits_and_places_hold_on_the_wire(house: House, line: Line) -> None:
    with door_of(house, HookDoor(house.db, limit=Limit(1, 2, clock=lambda: 1.0))):
        source = known(house, "wired-limits")
        first, second = (line.send(call(source["address"]))[0] for _ in range(2))
        assert (first.status_code, second.status_code, second.headers["retry-after"]) == (200, 429, "60")
    lane: hook_lane.HookLane = house.app.state.hook_lane
    full = str(UUID(source["id"]))
    entered = [lane.turnstile.enter(full) for _ in range(hook_lane.PLACES)]
    try:
        assert all(entered)
        (answer,) = line.send(call(source["address"]))
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "door_full")
    finally:
        for _ in entered:
            lane.turnstile.leave(full)
    assert line.passed == [True, False, False]
