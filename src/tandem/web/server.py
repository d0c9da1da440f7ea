"""The server process: uvicorn, told to end the live streams first, since they would otherwise keep it waiting for ever.

Requests are read by httptools. Of those that may be deliveries the head is held back until the bytes at hand are read: one that is whole
by then is taken at once (`tandem.web.hook_wire`), any other becomes a request like all others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from types import FrameType
from typing import Any, Final, cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from tandem.web import hook_wire
from tandem.web.hook_lane import HookLane

HEAD_BYTES_MAX: Final = 64 * 1024
"""Of a request's address and headers together, beyond what came with its first bytes."""


class Bounded(HttpToolsProtocol):
    """HTTP read by a parser in C, which by itself would take a head without end."""

    _in_head = False
    _head_bytes = 0
    _held: list[bytes] | None = None
    """What came of the body of a request whose head is held back."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        app = config.app
        self._lane: HookLane | None = getattr(app.state, "hook_lane", None) if isinstance(app, FastAPI) else None
        self._earlier: deque[RequestResponseCycle] = deque()
        """Requests that others followed on this connection before they were answered, in their order."""

    def on_message_begin(self) -> None:
        """A request's head begins."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It is whole."""
        self._in_head = False
        if self._may_pass():
            self._held = []
            return
        before = cast("RequestResponseCycle | None", self.cycle)
        super().on_headers_complete()
        while self._earlier and self._earlier[0].response_complete:
            self._earlier.popleft()
        if before is not None and not before.response_complete:
            self._earlier.append(before)

    def on_body(self, body: bytes) -> None:
        """Some of a request's body."""
        if self._held is None:
            super().on_body(body)
        else:
            self._held.append(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        held = self._held
        if held is not None and self._lane is not None:
            self._held = None
            if hook_wire.take(self._lane, self, b"".join(held)):
                return
            self._give_back(held)
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Take bytes in; a head that goes on and on is answered with 400, and the connection ends."""
        goes_on = self._in_head
        super().data_received(data)
        if goes_on and self._in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self.send_400_response("The head of this request is too long.")
        held, self._held = self._held, None
        if held is not None and not self.transport.is_closing():
            self._give_back(held)

    def connection_lost(self, exc: Exception | None) -> None:
        """All who wait here are told, and not only the last: uvloop takes no answer to a connection that is lost."""
        for one in self._earlier:
            if not one.response_complete:
                one.disconnected = True
                one.message_event.set()
        super().connection_lost(exc)

    def _may_pass(self) -> bool:
        """Whether a request whose head was read is a delivery that could be taken at once, with nothing before it on this connection."""
        before, parser = cast("RequestResponseCycle | None", self.cycle), self.parser
        return (
            self._lane is not None
            and self.url.startswith(hook_wire.PREFIX)
            and parser is not None
            and (before is None or before.response_complete)
            and parser.get_method() == b"POST"
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and not self.expect_100_continue
            and not self.flow.write_paused
            and not self.root_path
            and any(name == b"content-length" for name, _ in self.headers)
        )

    def _give_back(self, held: list[bytes]) -> None:
        """Let a request be what it would have been."""
        super().on_headers_complete()
        if held:
            super().on_body(b"".join(held))


class WebServer(uvicorn.Server):
    """Runs an application made by `create_app`."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On a signal: every open event stream ends, then uvicorn's own orderly stop begins."""
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.live.close()
        super().handle_exit(sig, frame)
