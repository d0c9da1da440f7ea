"""A lane of their own for webhooks, before the framework: found, let in, read, handed to the door, answered.

What stands around a route for people (sessions, parameters, threads, compression) costs four times what the door itself does, and a
platform needs none of it. Whatever is not plainly a delivery goes on to the framework and is answered there: another method, an address
written in an unusual way, one that nobody has. Answers are alike in both places, to the header (`tests/api/test_hook_lane.py`).

A delivery that is whole when its first bytes come does not even take this layer (`tandem.web.hook_wire`).

A delivery that was kept is counted and logged at `debug` only; one that was refused has its line.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
import psycopg
import structlog
import uuid_utils
from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from tandem.access.devices import network_of
from tandem.access.http import error_body
from tandem.kernel.errors import TandemError
from tandem.stream.sources.connector import Delivery
from tandem.stream.sources.hook_api import ROUTE, door_of
from tandem.stream.sources.hooks import BODY_BYTES_MAX, Called, HookDoor, too_large
from tandem.web.edge import REQUEST_ID_HEADER, defect, guard_rails
from tandem.web.errors import headers_of, of_database
from tandem.web.intake_gate import door_full
from tandem.web.metrics import observe
from tandem.web.turnstile import Turnstile

log = structlog.get_logger("tandem.web")

KEPT: Final = 200
PLACES: Final = 1024
"""Deliveries under way in one process: nothing but memory is held for one, so there may be many."""
PLACE_BYTES: Final = 64 * 1024
"""A longer body takes a place for each so many bytes, one of unknown length as many as the longest."""
BODY_SECONDS: Final = 5.0
"""For a body to come; longer by what the bytes that may come take at this pace:"""
BODY_BYTES_A_SECOND: Final = 100_000
JSON: Final = b"application/json"
_ADDRESS: Final = re.compile(r"/hooks/([A-Za-z0-9_.-]{1,64})/([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})")
_BODY_LENGTH_MAX: Final = 9


class TooSlow(TandemError):
    """A body that did not come to its end in time."""

    status = 408


class _Gone(Exception):
    """The caller hung up before the delivery was whole."""


class HookLane:
    """The ASGI layer. `state` is the application's: the door is made from it, and kept in it."""

    def __init__(self, app: ASGIApp, *, state: State, secure: bool, places: int = PLACES) -> None:
        self.app = app
        self.state = state
        self.arriving = Turnstile(places)
        """Bodies on their way, by who sends them to whom: a stranger who sends slowly takes places from nobody but himself."""
        self.turnstile = Turnstile(places)
        """Deliveries that are here, by account."""
        self.headers = [(name.lower().encode(), value.encode()) for name, value in guard_rails(secure=secure).items()]
        self._tells_all = state.settings.log_level == "debug"
        state.hook_lane = self

    @property
    def door(self) -> HookDoor:
        """The process's webhook door."""
        return door_of(self.state)

    def served(self, status: int, started: float, request_id: str) -> None:
        """Count and log a call that ends now. `started`: of `time.perf_counter`."""
        took = time.perf_counter() - started
        observe("POST", ROUTE, status, took)
        if status != KEPT or self._tells_all:
            line = log.debug if status == KEPT else log.info
            line("request", method="POST", route=ROUTE, status=status, ms=round(took * 1000, 1), request_id=request_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a delivery, or pass the request on untouched."""
        address = _address_of(scope)
        if address is None:
            await self.app(scope, receive, send)
            return
        await _Taking(self, scope, receive, send).run(*address)


class _Taking:
    """One delivery on its way."""

    __slots__ = ("_lane", "_receive", "_request_id", "_scope", "_send")

    def __init__(self, lane: HookLane, scope: Scope, receive: Receive, send: Send) -> None:
        self._lane = lane
        self._scope = scope
        self._receive = receive
        self._send = send
        self._request_id = str(uuid_utils.uuid4())

    async def run(self, connector: str, account: UUID) -> None:
        """Serve it, whatever happens."""
        started, status = time.perf_counter(), 0
        try:
            status = await self._answered(connector, account)
        except _Gone:
            pass
        except Exception as error:  # noqa: BLE001  the edge: a defect of ours is logged with its trace and answered without it
            status = await self._refuse(as_told(error, self._request_id))
        finally:
            self._lane.served(status, started, self._request_id)

    async def _answered(self, connector: str, account: UUID) -> int:
        door = self._lane.door
        called = await door.find(connector, account)
        sender, caller = f"{_network(self._scope)} {account}", str(account)
        try:
            weight = _weight(self._scope)
            _enter(self._lane.arriving, sender, weight)
        except TandemError as refused:
            door.note(called, refused)
            raise
        try:
            delivery = await self._delivery(door, called, weight)
        finally:
            self._lane.arriving.leave(sender, weight)
        try:
            _enter(self._lane.turnstile, caller, weight)
        except TandemError as refused:
            door.note(called, refused)
            raise
        try:
            reply = await door.take(called, delivery)
        finally:
            self._lane.turnstile.leave(caller, weight)
        await self._write(KEPT, media(reply.media_type), reply.body.encode())
        return KEPT

    async def _delivery(self, door: HookDoor, called: Called, weight: int) -> Delivery:
        """The call as it came. Raises TooLarge, TooSlow."""
        try:
            async with asyncio.timeout(BODY_SECONDS + weight * PLACE_BYTES / BODY_BYTES_A_SECOND):
                body = await self._body()
        except TimeoutError as error:
            raise TooSlow("body_too_slow", "请求内容传输超时。", "The body did not come to its end in time.") from error
        except TandemError as refused:
            door.note(called, refused)
            raise
        return delivery_of(self._scope["headers"], self._scope["query_string"], body)

    async def _body(self) -> bytes:
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await self._receive()
            if message["type"] != "http.request":
                raise _Gone
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > BODY_BYTES_MAX:
                raise too_large()
            parts.append(part)
            more = bool(message.get("more_body", False))
        return b"".join(parts)

    async def _refuse(self, error: TandemError) -> int:
        body, more = refusal(error, self._request_id)
        await self._write(error.status, JSON, body, more)
        return error.status

    async def _write(
        self, status: int, media_type: bytes, body: bytes, more: list[tuple[bytes, bytes]] | None = None
    ) -> None:
        headers = [
            (b"content-type", media_type),
            (b"content-length", str(len(body)).encode()),
            *(more or ()),
            (REQUEST_ID_HEADER.lower().encode(), self._request_id.encode()),
            *self._lane.headers,
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def _address_of(scope: Scope) -> tuple[str, UUID] | None:
    """(connector, account) of what is plainly a delivery."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return None
    found = _ADDRESS.fullmatch(scope["path"])
    query: bytes = scope["query_string"]
    if found is None or b"%00" in query or b"\x00" in query:
        return None
    return found[1], UUID(found[2])


def delivery_of(headers: Iterable[tuple[bytes, bytes]], query: bytes, body: bytes) -> Delivery:
    """A call as connectors see it; names of headers are lower case already."""
    named = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    return Delivery(named, dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {}, body)


def refusal(error: TandemError, request_id: str) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The body of an answer that says no, and the headers that go with it."""
    more = [(name.lower().encode(), value.encode()) for name, value in headers_of(error).items()]
    if isinstance(error, TooSlow):
        more.append((b"connection", b"close"))
    return orjson.dumps(error_body(error, request_id)), more


def as_told(error: BaseException, request_id: str) -> TandemError:
    """What the caller is told of an error; what is a defect of ours is logged."""
    if isinstance(error, TandemError):
        return error
    if isinstance(error, psycopg.Error):
        try:
            return of_database(error)
        except psycopg.Error:
            pass
    log.error("request.failed", exc_info=error, method="POST", path=ROUTE, request_id=request_id)
    return defect()


def _network(scope: Scope) -> str:
    client = scope.get("client")
    return network_of(client[0] if client else None)


def _enter(turnstile: Turnstile, caller: str, weight: int) -> None:
    """Take places, or raise Throttled."""
    if not turnstile.enter(caller, weight):
        raise door_full()


def _weight(scope: Scope) -> int:
    """How many places a call takes. Raises TooLarge for one that announces more than may come."""
    announced = next((value for name, value in scope["headers"] if name == b"content-length"), None)
    if announced is None:
        return 1 + BODY_BYTES_MAX // PLACE_BYTES
    length = int(announced) if announced.isdigit() and len(announced) <= _BODY_LENGTH_MAX else BODY_BYTES_MAX + 1
    if length > BODY_BYTES_MAX:
        raise too_large()
    return 1 + length // PLACE_BYTES


def media(media_type: str) -> bytes:
    """A content type as it is sent."""
    plain = media_type.startswith("text/") and "charset=" not in media_type
    return (media_type + "; charset=utf-8" if plain else media_type).encode()
