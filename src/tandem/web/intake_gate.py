"""The door's turnstile: so many calls of the intake routes at once in a process, shared fairly between those who call.

A call waits for a thread, and a thread for a connection; a flood would make everybody wait, screens too. Past the limit whoever has more
calls open than their share is told at once to come back; others still get in. The caller is told apart by what they show (key, account,
cookie), before anybody has looked it up.
"""

from __future__ import annotations

import hashlib
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tandem.access.http import error_body
from tandem.kernel.errors import Throttled
from tandem.web.edge import send_json
from tandem.web.turnstile import Turnstile

OPEN_MAX: Final = 64
"""Calls under way and waiting in one process: about four for every connection of the door."""
RETRY_SECONDS: Final = 1
PATHS: Final = ("/hooks/", "/v1/events", "/v1/beacon")


class IntakeGate:
    """An ASGI layer in front of the intake routes."""

    def __init__(self, app: ASGIApp, *, open_max: int = OPEN_MAX) -> None:
        self.app = app
        self.turnstile = Turnstile(open_max)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a call through, or answer 429 at once."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith(PATHS):
            await self.app(scope, receive, send)
            return
        caller = _caller(scope)
        if not self.turnstile.enter(caller):
            error = door_full()
            body = error_body(error, scope["state"]["request_id"])
            await send_json(send, 429, body, {"Retry-After": str(error.retry_after_seconds)})
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self.turnstile.leave(caller)


def door_full() -> Throttled:
    """The answer to whoever has more calls open than their share."""
    return Throttled(
        "door_full",
        "同时送入的请求过多，请稍后重发。",
        "Too many calls at the door at once; send again shortly.",
        retry_after_seconds=RETRY_SECONDS,
    )


def _caller(scope: Scope) -> str:
    path: str = scope["path"]
    if path.startswith("/hooks/"):
        return path
    headers = Headers(scope=scope)
    shown = headers.get("authorization") or headers.get("cookie") or ""
    if not shown:
        client = scope.get("client")
        return f"address:{client[0] if client else ''}"
    return hashlib.blake2b(shown.encode(), digest_size=16).hexdigest()
