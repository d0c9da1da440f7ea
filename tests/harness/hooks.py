"""Calls at the webhook door from tests that have no event loop of their own."""

from __future__ import annotations

import asyncio
import threading
from functools import cache
from uuid import UUID

from tandem.stream.sources.connector import Delivery, Reply
from tandem.stream.sources.hooks import HookDoor


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One for all tests of a process, in a thread: the main one may hold the loop of a browser."""
    made = asyncio.new_event_loop()
    threading.Thread(target=made.run_forever, name="hooks", daemon=True).start()
    return made


def call(door: HookDoor, connector: str, account: UUID, delivery: Delivery) -> Reply:
    """Find the account and have the delivery taken; raises what the door raises."""

    async def whole() -> Reply:
        return await door.take(await door.find(connector, account), delivery)

    return asyncio.run_coroutine_threadsafe(whole(), _loop()).result()
