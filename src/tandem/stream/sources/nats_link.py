"""A connection to NATS JetStream for threads that are not asynchronous, and the one stream that intake uses.

`nats-py` is an optional extra (`pip install tandem[nats]`); nothing here is imported before a buffer is configured.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from tandem.kernel.errors import Misconfigured, Unavailable

T = TypeVar("T")

STREAM: Final = "TANDEM_INTAKE"
SUBJECT: Final = "tandem.intake"
CONSUMER: Final = "tandem-worker"
DEDUPLICATED_SECONDS: Final = 600
"""JetStream forgets a message id after so long; the door's key table never does."""
ACK_WAIT_SECONDS: Final = 60


def no_buffer() -> Unavailable:
    """The answer while the buffer takes nothing."""
    return Unavailable(
        "buffer_unavailable",
        "接入缓冲暂时没有响应，请稍后重发。",
        "The intake buffer does not answer at the moment; send again shortly.",
    )


class Link:
    """One process's connection, with an event loop of its own in a thread. Made on first use, kept through server restarts."""

    def __init__(self, url: str) -> None:
        self._servers = [one.strip() for one in url.split(",") if one.strip()]
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Any = None
        self.js: Any = None

    def run(self, work: Coroutine[Any, Any, T], *, seconds: float) -> T:
        """Carry a coroutine out on the link's loop. Raises TimeoutError when it takes longer."""
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result(seconds)
        except concurrent.futures.TimeoutError as error:
            future.cancel()
            raise TimeoutError from error

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="nats", daemon=True).start()
            return self._loop

    async def connect(self) -> None:
        """Connect and make the stream where it is missing: kept on disk, one copy on each of up to three servers."""
        if self.js is not None:
            return
        try:
            import nats
            from nats.js.api import RetentionPolicy, StorageType, StreamConfig
        except ImportError as error:
            raise Misconfigured(
                "nats_missing",
                "设置了 TANDEM_INTAKE_NATS_URL，但没有安装 nats-py（pip install 'tandem[nats]'）。",
                "TANDEM_INTAKE_NATS_URL is set but nats-py is not installed (pip install 'tandem[nats]').",
            ) from error
        if self._client is None:
            self._client = await nats.connect(
                self._servers, max_reconnect_attempts=-1, reconnect_time_wait=0.2, connect_timeout=2, error_cb=_quiet
            )
        js = self._client.jetstream(timeout=5)
        copies = 3 if len(self._servers) >= 3 else 1
        config = StreamConfig(
            name=STREAM,
            subjects=[SUBJECT],
            retention=RetentionPolicy.WORK_QUEUE,
            storage=StorageType.FILE,
            num_replicas=copies,
            duplicate_window=DEDUPLICATED_SECONDS,
        )
        await js.add_stream(config)
        self.js = js

    def close(self) -> None:
        """End the connection and its thread."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None:
            return
        if self._client is not None:
            asyncio.run_coroutine_threadsafe(self._client.close(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)


async def _quiet(_: Exception) -> None:
    """Lost connections are met where something is asked of them; the library would log each with a trace."""
