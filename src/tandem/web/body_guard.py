"""Refuses what no route wants to read: bodies past their limit, NUL characters, halves of surrogate pairs."""

from __future__ import annotations

import re
from typing import Final

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tandem.access.http import error_body
from tandem.kernel.errors import Detail, TandemError
from tandem.web.edge import send_json

BODY_BYTES_MAX: Final = 10 * 1024 * 1024
#: Files are streamed to disk, so an import may be larger than what is held in memory.
UPLOAD_BYTES_MAX: Final = 512 * 1024 * 1024
UPLOAD_PATHS: Final = ("/v1/imports",)
#: Files for messages are read into memory: the largest that a platform takes has 20 MB.
MEDIA_BYTES_MAX: Final = 21 * 1024 * 1024
MEDIA_PATHS: Final = ("/v1/media",)
#: What outside systems post is kept as it came, whatever it holds: these routes bound and read the bytes themselves.
RAW_PATHS: Final = ("/hooks/",)

# `\u0000` after an even number of backslashes is an escape; after an odd number it is the text "\u0000".
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class BodyTooLarge(TandemError):
    """More bytes than this address takes."""

    status = 413


class MalformedBody(TandemError):
    """Bytes that are not what their content type says, or characters that cannot be stored."""

    status = 400


class BodyGuard:
    """An ASGI layer before the routes. JSON is read whole (it is at most 10 MB), looked at, and handed on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400 or 413 without calling the application."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope["state"]["request_id"]
        counter = _Counter(receive, send)
        try:
            inner = await _guarded(scope, receive, counter)
        except (BodyTooLarge, MalformedBody) as error:
            await send_json(send, error.status, error_body(error, request_id))
            return
        await self.app(scope, inner, counter.send)
        if counter.error is not None and not counter.answered:
            await send_json(send, counter.error.status, error_body(counter.error, request_id))


async def _guarded(scope: Scope, receive: Receive, counter: _Counter) -> Receive:
    if "\x00" in scope["path"] or b"%00" in scope["query_string"] or b"\x00" in scope["query_string"]:
        raise _nul("address", "地址里有空字符", "a NUL character in the address")
    headers = Headers(scope=scope)
    limit = _limit_of(scope["path"])
    announced = headers.get("content-length", "0")
    if not announced.isdigit() or int(announced) > limit:
        raise _too_large(limit)
    if "json" not in headers.get("content-type", "") or scope["path"].startswith(RAW_PATHS):
        counter.limit = limit
        return counter.receive
    body = await _whole(receive, limit)
    check_json_text(body)
    return _replayed(body, receive)


def _limit_of(path: str) -> int:
    if path.startswith(UPLOAD_PATHS):
        return UPLOAD_BYTES_MAX
    return MEDIA_BYTES_MAX if path.startswith(MEDIA_PATHS) else BODY_BYTES_MAX


def check_json_text(body: bytes) -> None:
    """Raises MalformedBody for a NUL character or half a surrogate pair in JSON text; both can be escaped but never stored."""
    nul = _NUL.search(body) if b"\\u0000" in body else None
    if nul is not None:
        raise _nul(*_place(body, nul.end() - 6))
    half = _SURROGATE.search(body)
    if half is not None:
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError as error:
            where = f"body:{error.lineno}:{error.colno}"
            raise MalformedBody(
                "malformed_json",
                "请求内容不是有效的 JSON。",
                "The body is not valid JSON.",
                details=(Detail(where, "JSON 语法错误或不完整的字符", "a syntax error or half a character"),),
            ) from error


def _place(body: bytes, at: int) -> tuple[str, str, str]:
    line = body.count(b"\n", 0, at) + 1
    column = at - body.rfind(b"\n", 0, at)
    return f"body:{line}:{column}", "文本中有空字符（NUL）", "a NUL character in a text"


def _nul(where: str, zh: str, en: str) -> MalformedBody:
    return MalformedBody(
        "nul_character",
        "文本不能包含空字符（NUL）。",
        "Text cannot contain NUL characters.",
        details=(Detail(where, zh, en),),
    )


def _too_large(limit: int) -> BodyTooLarge:
    megabytes = limit // (1024 * 1024)
    return BodyTooLarge(
        "body_too_large",
        f"请求内容超过 {megabytes} MB 上限，请分批提交。",
        f"The body is larger than {megabytes} MB; send it in parts.",
    )


async def _whole(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        more = bool(message.get("more_body", False))
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


class _Counter:
    """Lets a body stream through until it is too long; then the reader is stopped and whatever it answers gives way to the truth."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.limit = 0
        self.size = 0
        self.error: BodyTooLarge | None = None
        self.answered = False
        self._receive = receive
        self._send = send

    async def receive(self) -> Message:
        message = await self._receive()
        self.size += len(message.get("body", b""))
        if self.size > self.limit:
            self.error = _too_large(self.limit)
            raise self.error
        return message

    async def send(self, message: Message) -> None:
        if self.error is not None and not self.answered:
            return
        self.answered = True
        await self._send(message)
