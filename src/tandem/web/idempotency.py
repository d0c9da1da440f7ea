"""One layer before every writing route: a request with an `Idempotency-Key` is carried out once and answered alike ever after."""

from __future__ import annotations

import hashlib
import tempfile
from typing import IO, Final

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tandem.access import idempotency
from tandem.access.http import SAFE_METHODS, database_of, error_body, identity_of_request
from tandem.access.idempotency import HEADER, REPLAYED_HEADER, Claim, Kept
from tandem.kernel.errors import TandemError, Throttled
from tandem.web.edge import send_json

PREFIX: Final = "/v1/"
#: Addresses that take no key, and why.
EXEMPT: Final = {
    "/v1/beacon/popups": "what she did with a pop-up is written down once, and browsers hold no credential",
    "/v1/beacon": "each event of a browser carries an id of its own, and browsers hold no credential",
    "/v1/session": "signing in makes a new session each time, and a session's cookie is never kept",
}
ANSWER_BYTES_MAX: Final = 1024 * 1024
MEMORY_BYTES_MAX: Final = 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024
#: Answers that a repeated request should not get again: what they complain of may be mended meanwhile.
NOT_KEPT: Final = frozenset({401, 403, 408, 425, 429})
_KEPT_HEADERS: Final = ("content-type", "location", "content-disposition")


def takes_key(method: str, path: str) -> bool:
    """Whether this layer serves a route: every writing one of the API but the exempt."""
    return method not in SAFE_METHODS and path.startswith(PREFIX) and path not in EXEMPT


class Idempotency:
    """The ASGI layer. Requests without the header pass untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not takes_key(scope["method"], scope["path"]):
            await self.app(scope, receive, send)
            return
        key = Headers(scope=scope).get(HEADER)
        if key is None:
            await self.app(scope, receive, send)
            return
        with tempfile.SpooledTemporaryFile(MEMORY_BYTES_MAX) as body:
            try:
                request = Request(scope, receive)
                identity = await anyio.to_thread.run_sync(identity_of_request, request)
                digest = await _spool(scope, receive, body)
                held = await anyio.to_thread.run_sync(
                    idempotency.claim, database_of(request), identity, idempotency.check_key(key), digest
                )
            except TandemError as error:
                await _refuse(scope, send, error)
                return
            if isinstance(held, Kept):
                await _replay(send, held)
                return
            scope["state"]["idempotency"] = held
            await _Carried(self.app, scope, held).run(body, receive, send)


class _Carried:
    """A request that holds its key: its answer is held back until it is kept, so that who repeats it at once finds it."""

    def __init__(self, app: ASGIApp, scope: Scope, held: Claim) -> None:
        self.app = app
        self.scope = scope
        self.held = held
        self.messages: list[Message] = []
        self.size = 0
        self.is_streaming = False

    async def run(self, body: IO[bytes], receive: Receive, send: Send) -> None:
        """Call the application and settle the key, whatever happens."""
        finished = False
        try:
            await self.app(self.scope, _given(body, receive), self._holding(send))
            finished = True
        finally:
            if not finished:
                await self._settle(None)
        await self._settle(None if self.is_streaming else self._answer())
        for message in self.messages:
            await send(message)

    def _holding(self, send: Send) -> Send:
        async def hold(message: Message) -> None:
            if self.is_streaming:
                await send(message)
                return
            self.messages.append(message)
            self.size += len(message.get("body", b""))
            if self.size > ANSWER_BYTES_MAX:
                # Too much to keep: it goes out as it comes, and whoever asks again is told that it was done.
                self.is_streaming = True
                for held in self.messages:
                    await send(held)
                self.messages.clear()

        return hold

    def _answer(self) -> Kept | None:
        if not self.messages:
            return None
        status: int = self.messages[0]["status"]
        if status >= 500 or status in NOT_KEPT or (status < 400 and self.scope["state"].get("shown_once")):
            return None
        headers = Headers(raw=self.messages[0].get("headers", []))
        kept = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
        return Kept(status, kept, b"".join(one.get("body", b"") for one in self.messages[1:]))

    async def _settle(self, answer: Kept | None) -> None:
        database = self.scope["app"].state.db
        with anyio.CancelScope(shield=True):
            if answer is None:
                await anyio.to_thread.run_sync(idempotency.release, database, self.held)
            else:
                await anyio.to_thread.run_sync(idempotency.keep, database, self.held, answer)


async def _spool(scope: Scope, receive: Receive, body: IO[bytes]) -> bytes:
    """Read the body to memory or disk; returns the hash of what is asked: method, address, kind and content."""
    digest = hashlib.sha256()
    kind = Headers(scope=scope).get("content-type", "")
    for part in (scope["method"], scope["path"], scope["query_string"].decode("latin-1"), kind):
        digest.update(part.encode() + b"\x00")
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        part = message.get("body", b"")
        digest.update(part)
        body.write(part)
        more = bool(message.get("more_body", False))
    body.seek(0)
    return digest.digest()


def _given(body: IO[bytes], receive: Receive) -> Receive:
    done = False

    async def again() -> Message:
        nonlocal done
        if done:
            return await receive()
        part = body.read(CHUNK_BYTES)
        done = len(part) < CHUNK_BYTES
        return {"type": "http.request", "body": part, "more_body": not done}

    return again


async def _replay(send: Send, kept: Kept) -> None:
    headers = {**kept.headers, "content-length": str(len(kept.body)), REPLAYED_HEADER.lower(): "true"}
    if kept.status in {204, 304}:
        del headers["content-length"]
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": kept.status, "headers": raw})
    await send({"type": "http.response.body", "body": kept.body})


async def _refuse(scope: Scope, send: Send, error: TandemError) -> None:
    extra = {"Retry-After": str(error.retry_after_seconds)} if isinstance(error, Throttled) else {}
    await send_json(send, error.status, error_body(error, scope["state"]["request_id"]), extra)
