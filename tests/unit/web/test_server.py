"""How requests are read off the wire: a head has an end."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import uvicorn
from uvicorn.server import ServerState

from harness.transport import Wire
from tandem.web.server import HEAD_BYTES_MAX, Bounded


async def _answer(scope: Any, receive: Any, send: Any) -> None:
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"%02d" % (len(message["body"]) % 100)})


def read(*pieces: bytes) -> Wire:
    """What is written to a connection that these bytes came by."""

    async def story() -> Wire:
        config = uvicorn.Config(_answer, http=Bounded, ws="none", log_config=None)
        config.load()
        wire, protocol = Wire(), Bounded(config, ServerState(), {}, asyncio.get_running_loop())
        protocol.connection_made(cast("asyncio.Transport", wire))
        for piece in pieces:
            if not wire.closing:
                protocol.data_received(piece)
        for task in list(protocol.tasks):
            await task
        protocol.connection_lost(None)
        return wire

    with ThreadPoolExecutor(1) as aside:
        return aside.submit(lambda: asyncio.run(story())).result()


HEAD = b"POST /hooks/a/b HTTP/1.1\r\nhost: x\r\n"


def test_a_request_in_pieces_is_read_whole() -> None:
    wire = read(HEAD[:9], HEAD[9:], b"content-length: 42\r\n\r", b"\n" + b"x" * 42)
    assert wire.written.startswith(b"HTTP/1.1 200")
    assert wire.written.endswith(b"42")


def test_a_long_body_is_no_long_head() -> None:
    piece = b"x" * 40_000
    wire = read(HEAD + b"content-length: 200000\r\n\r\n", *[piece] * 5)
    assert wire.written.startswith(b"HTTP/1.1 200")


def test_a_head_without_an_end_is_cut_off() -> None:
    endless = b"y" * 16_384
    for first in (HEAD + b"x-long: ", HEAD, b"POST /"):
        wire = read(first, *[endless] * (HEAD_BYTES_MAX // len(endless) + 1))
        assert wire.written.startswith(b"HTTP/1.1 400"), first
        assert wire.closing


def test_all_that_wait_on_a_connection_hear_that_it_is_lost() -> None:
    async def story() -> list[str]:
        lost, told = asyncio.Event(), list[str]()

        async def late(scope: Any, receive: Any, send: Any) -> None:
            await lost.wait()
            told.append((await receive())["type"])
            try:
                await send({"type": "http.response.start", "status": 200, "headers": []})
            except RuntimeError as error:
                told.append(str(error))

        config = uvicorn.Config(late, http=Bounded, ws="none", log_config=None)
        config.load()
        wire, protocol = Wire(), Bounded(config, ServerState(), {}, asyncio.get_running_loop())
        protocol.connection_made(cast("asyncio.Transport", wire))
        protocol.data_received(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" * 3)
        wire.close()
        protocol.connection_lost(None)
        lost.set()
        for task in list(protocol.tasks):
            await task
        return told

    with ThreadPoolExecutor(1) as aside:
        assert aside.submit(lambda: asyncio.run(story())).result() == ["http.disconnect"]
