"""Deliveries that are whole when their first bytes come: taken where HTTP is read, without a task, a coroutine or a layer in between.

Nearly every platform sends a delivery in one piece. What it needs then is known at once: the account is remembered, the signature is
looked at, the write is shared with others and answered when it is durable. Where anything else is to be done (an account never seen, a
key to be fetched, a refusal of whatever kind, a body still on its way) the call goes to `hook_lane`, which does the same with more ado:
only what is to be kept is answered here, and what its write came to.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, cast
from uuid import UUID

import structlog
import uuid_utils
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from tandem.stream.sources.connector import Delivery, Reply
from tandem.stream.sources.hooks import INLINE_BYTES_MAX, AccountChanged, Called
from tandem.web.edge import REQUEST_ID_HEADER
from tandem.web.hook_lane import JSON, KEPT, HookLane, as_told, delivery_of, media, refusal

log = structlog.get_logger("tandem.web")

PREFIX: Final = b"/hooks/"
Headers = Iterable[tuple[bytes, bytes]]
_ADDRESS: Final = re.compile(
    rb"/hooks/([A-Za-z0-9_.-]{1,64})/([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})(?:\?([!\"$-~]*))?"
)
_REQUEST_ID: Final = REQUEST_ID_HEADER.lower().encode()


def take(lane: HookLane, line: HttpToolsProtocol, body: bytes) -> bool:
    """Take the delivery whose head was just read on a connection, and answer it later; False: it is the lane's."""
    found = _ADDRESS.fullmatch(line.url)
    if found is None or len(body) >= INLINE_BYTES_MAX:
        return False
    query: bytes = found[3] or b""
    if b"%00" in query:
        return False
    started, door, (connector, account, caller) = time.perf_counter(), lane.door, _address(found[1], found[2])
    called = door.recall(connector, account)
    if called is None:
        return False
    delivery = delivery_of(line.headers, query, body)
    if not lane.turnstile.enter(caller):
        return False
    try:
        kept = door.ready(called, delivery)
    except Exception:  # noqa: BLE001  the lane meets it again, logs it and answers
        kept = None
    if kept is None:
        lane.turnstile.leave(caller)
        return False
    passing = Passing(lane, line, called, delivery, caller, started)
    # Calls that follow on this connection wait for it as they would for one of uvicorn's own.
    line.cycle = cast("RequestResponseCycle", passing)
    door.hand_in(called, kept, passing.told)
    return True


class _Nobody:
    def set(self) -> None:
        """Nobody waits for what comes."""


_NOBODY: Final = _Nobody()


class Passing:
    """A delivery that is being written. To its connection it looks like a cycle of uvicorn's that has not answered yet."""

    __slots__ = (
        "_called",
        "_caller",
        "_delivery",
        "_lane",
        "_line",
        "_request_id",
        "_started",
        "disconnected",
        "keep_alive",
        "message_event",
        "response_complete",
    )

    def __init__(
        self, lane: HookLane, line: HttpToolsProtocol, called: Called, delivery: Delivery, caller: str, started: float
    ) -> None:
        self._lane = lane
        self._line = line
        self._called = called
        self._delivery = delivery
        self._caller = caller
        self._started = started
        self._request_id = str(uuid_utils.uuid4())
        self.message_event = _NOBODY
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False

    def told(self, error: BaseException | None) -> None:
        """Called in the loop with what the write came to."""
        if error is None:
            self._reply(None)
        elif isinstance(error, AccountChanged):
            task = self._line.loop.create_task(self._anew())
            self._line.tasks.add(task)
            task.add_done_callback(self._line.tasks.discard)
        else:
            self._refuse(error)

    async def _anew(self) -> None:
        try:
            reply = await self._lane.door.take_anew(self._called, self._delivery)
        except Exception as error:  # noqa: BLE001  the edge
            self._refuse(error)
        else:
            self._reply(reply)

    def _reply(self, reply: Reply | None) -> None:
        try:
            said = reply or self._called.connector.answer(self._called.account, self._delivery)
            media_type, body = media(said.media_type), said.body.encode()
        except Exception as error:  # noqa: BLE001  the edge
            self._refuse(error)
        else:
            self._write(KEPT, media_type, body, ())

    def _refuse(self, error: BaseException) -> None:
        told = as_told(error, self._request_id)
        body, more = refusal(told, self._request_id)
        self._write(told.status, JSON, body, more)

    def _write(self, status: int, media_type: bytes, body: bytes, more: Headers) -> None:
        self._lane.turnstile.leave(self._caller)
        self._lane.served(status, self._started, self._request_id)
        self.response_complete = True
        line = self._line
        # A connection that ends takes nothing more: what follows a delivery may have been no request.
        if self.disconnected or line.transport.is_closing():
            return
        own = [(b"connection", b"close"), *more] if not self.keep_alive else more
        line.transport.write(
            b"%b%bcontent-type: %b\r\ncontent-length: %d\r\n%b%b: %b\r\n%b\r\n%b"
            % (
                STATUS_LINE[status],
                _lines(tuple(line.server_state.default_headers)),
                media_type,
                len(body),
                _lines(tuple(own)),
                _REQUEST_ID,
                self._request_id.encode(),
                _lines(tuple(self._lane.headers)),
                body,
            )
        )
        if not self.keep_alive:
            line.transport.close()
        line.on_response_complete()


@lru_cache(maxsize=64)
def _lines(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)


@lru_cache(maxsize=8192)
def _address(connector: bytes, account: bytes) -> tuple[str, UUID, str]:
    """(connector, account, the account as text): of an address that many calls come to."""
    found = UUID(account.decode())
    return connector.decode(), found, str(found)
