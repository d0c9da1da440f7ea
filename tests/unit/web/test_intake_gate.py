"""The turnstile: a flood of one caller is turned away at once and others still get in."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tandem.web.intake_gate import IntakeGate


def tell(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a story in a thread of its own: this one may hold the loop of a browser that an earlier test opened."""
    with ThreadPoolExecutor(max_workers=1) as aside:
        aside.submit(lambda: asyncio.run(story())).result()


def scope(path: str, **headers: str) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "state": {"request_id": "r"},
    }


class Calls:
    """An application that answers only when told to."""

    def __init__(self, open_max: int) -> None:
        self.going = asyncio.Event()
        self.statuses: list[int] = []
        self.gate = IntakeGate(self._app, open_max=open_max)
        self.retry_after: list[str] = []

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        await self.going.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.statuses.append(message["status"])
            self.retry_after += [value.decode() for name, value in message["headers"] if name == b"Retry-After"]

    def call(self, path: str, **headers: str) -> asyncio.Task[None]:
        async def receive() -> Any:
            return {"type": "http.request"}

        return asyncio.create_task(self.gate(scope(path, **headers), receive, self._send))


def test_one_callers_flood_is_turned_away_and_another_gets_in() -> None:
    async def story() -> None:
        calls = Calls(open_max=4)
        flood = [calls.call("/v1/events", authorization="Bearer flood") for _ in range(10)]
        await asyncio.sleep(0)
        assert calls.statuses == [429] * 6
        assert calls.retry_after == ["1"] * 6
        other = [calls.call("/hooks/webhook/a"), calls.call("/v1/events", authorization="Bearer calm")]
        screen = calls.call("/v1/customers")
        await asyncio.sleep(0)
        assert len(calls.statuses) == 6, "nobody else was turned away"
        calls.going.set()
        await asyncio.gather(*flood, *other, screen)
        assert calls.statuses.count(200) == 4 + 2 + 1
        assert calls.gate.turnstile.open == {}

    tell(story)


def test_many_callers_together_are_bounded_too() -> None:
    async def story() -> None:
        calls = Calls(open_max=4)
        crowd = [calls.call(f"/hooks/webhook/{number}") for number in range(50)]
        await asyncio.sleep(0)
        assert calls.statuses == [429] * 42
        calls.going.set()
        await asyncio.gather(*crowd)

    tell(story)


def test_an_application_that_raises_gives_its_place_back() -> None:
    async def story() -> None:
        async def broken(scope: Any, receive: Any, send: Any) -> None:
            raise ValueError

        gate = IntakeGate(broken, open_max=1)

        async def nothing(*_: Any) -> Any:
            return None

        for _ in range(3):
            with contextlib.suppress(ValueError):
                await gate(scope("/v1/events"), nothing, nothing)
        assert gate.turnstile.open == {}

    tell(story)
