"""Requests to an application in the same process: one call into its event loop each, where Starlette's own client makes eight."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import anyio
import httpx
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI


class Direct(httpx.BaseTransport):
    """Whole answers only: what never ends is for a real server."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._app = app
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Serve one request."""
        answer = _Answer(request.read())
        # A defect was answered with 500 by the edge; nothing more comes out of it.
        self._portal.call(self._app, _scope(request), answer.receive, answer.send)
        return httpx.Response(answer.status, headers=answer.headers, content=b"".join(answer.parts), request=request)


def _scope(request: httpx.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "path": unquote(url.path),
        "raw_path": url.raw_path.split(b"?", 1)[0],
        "root_path": "",
        "scheme": url.scheme,
        "query_string": url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("testclient", 50000),
        "server": (url.host, url.port or 80),
        "extensions": {},
        "state": {},
    }


class _Answer:
    """What one request gives the application, and what comes back."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._complete = anyio.Event()
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        body, self._body = self._body, None
        if body is None:
            await self._complete.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.parts.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._complete.set()
