"""The server process: uvicorn, told to end the live streams first, since they would otherwise keep it waiting for ever."""

from __future__ import annotations

from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX: Final = 64 * 1024
"""Of a request's address and headers together, beyond what came with its first bytes."""


class Bounded(HttpToolsProtocol):
    """HTTP read by a parser in C, which by itself would take a head without end."""

    _in_head = False
    _head_bytes = 0

    def on_message_begin(self) -> None:
        """A request's head begins."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It is whole."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Take bytes in; a head that goes on and on is answered with 400, and the connection ends."""
        goes_on = self._in_head
        super().data_received(data)
        if goes_on and self._in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX:
                self.send_400_response("The head of this request is too long.")


class WebServer(uvicorn.Server):
    """Runs an application made by `create_app`."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """On a signal: every open event stream ends, then uvicorn's own orderly stop begins."""
        app = self.config.app
        if isinstance(app, FastAPI):
            app.state.live.close()
        super().handle_exit(sig, frame)
