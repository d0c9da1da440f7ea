"""What every request meets first: an id, a log line, a measurement, the browser's guard rails, and an answer to our own defects."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final
from uuid import uuid4

import orjson
import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from tandem.access.audit import begin_origin
from tandem.access.budget import Budget
from tandem.access.http import error_body
from tandem.kernel.errors import TandemError
from tandem.web.metrics import observe

log = structlog.get_logger("tandem.web")

REQUEST_ID_HEADER: Final = "X-Request-Id"
API: Final = "/v1/"

# Ant Design writes its styles at run time, hence inline styles; scripts are only ever our own files.
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}


class Edge:
    """The outermost ASGI layer. Whatever escapes the application ends here as one logged, numbered error."""

    def __init__(self, app: ASGIApp, *, secure: bool, system: object | None) -> None:
        self.app = app
        self.system = system
        self.headers = guard_rails(secure=secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; other ASGI traffic passes untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = str(uuid4())
        client = scope.get("client")
        begin_origin(request_id, client[0] if client else None)
        # Rooms cannot import the assembly, which knows them; they find it on the request.
        scope.setdefault("state", {}).update(request_id=request_id, system=self.system)
        with bound_contextvars(request_id=request_id):
            await self._serve(scope, receive, send, request_id)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(scope, message, request_id)
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception:  # the edge: a defect of ours is logged with its trace and answered without it
            log.exception("request.failed", method=scope["method"], path=scope["path"])
            if status == 0:
                await send_json(noting, 500, error_body(defect(), request_id))
        finally:
            took = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "unmatched")
            observe(scope["method"], route, status, took)
            log.info("request", method=scope["method"], route=route, status=status, ms=round(took * 1000, 1))

    def _dress(self, scope: Scope, message: Message, request_id: str) -> None:
        headers = MutableHeaders(scope=message)
        headers[REQUEST_ID_HEADER] = request_id
        for name, value in self.headers.items():
            headers.setdefault(name, value)
        if scope["path"].startswith(API):
            headers.setdefault("Cache-Control", "no-store")
        budget: Budget | None = scope["state"].get("budget")
        if budget is not None:
            headers.update(budget.headers())


def guard_rails(*, secure: bool) -> dict[str, str]:
    """The headers that every answer carries."""
    return SECURITY_HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if secure else {})


class Defect(TandemError):
    """A fault of ours, which is logged and not told."""

    status = 500


def defect() -> Defect:
    """What the caller of a defect of ours is told."""
    return Defect(
        "internal",
        "服务器出错了，请稍后再试；如仍有问题，请把编号告诉管理员。",
        "Something went wrong on our side; try again, and if it stays, give the administrator this id.",
    )


async def send_json(send: Send, status: int, body: object, extra: Mapping[str, str] | None = None) -> None:
    """Answer with JSON from outside the application's own routes."""
    content = orjson.dumps(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (extra or {}).items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
