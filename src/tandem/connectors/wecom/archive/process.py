"""The library in a process of its own: asked across a pipe with a time-out, ended when it hangs, started again after a pause that grows."""

from __future__ import annotations

import base64
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from tandem.connectors.wecom.archive.library import Chunk, LibraryFailure, Sealed

START_SECONDS: Final = 30.0
ASK_SECONDS: Final = 30.0
PAUSES_SECONDS: Final = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
CALM_SECONDS: Final = 900.0
"""After so long without a crash the pauses begin anew; a good answer between two crashes says nothing of what breaks it."""
ANSWER_BYTES_MAX: Final = 64_000_000
CHILD: Final = (sys.executable, "-m", "tandem.connectors.wecom.archive.child")


@dataclass
class LibraryProcess:
    """Implements `ArchiveLibrary`. One caller at a time; a caller never waits longer than `seconds`, whatever the library does."""

    wanted: Mapping[str, str]
    command: Sequence[str] = CHILD
    seconds: float = ASK_SECONDS
    clock: Callable[[], float] = time.monotonic
    _process: subprocess.Popen[bytes] | None = None
    _rest: bytes = b""
    _crashes: int = 0
    _not_before: float = 0.0
    _broke_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return None if self._process is None else self._process.pid

    def pull(self, seq: int, limit: int) -> Sequence[Sealed]:
        """Messages after a number."""
        return [Sealed(*one) for one in self._ask({"do": "pull", "seq": seq, "limit": limit})]

    def open(self, random_key: str, message: str) -> str:
        """One message."""
        return str(self._ask({"do": "open", "key": random_key, "message": message}))

    def media(self, file_id: str, place: str) -> Chunk:
        """A piece of a file."""
        data, following = self._ask({"do": "media", "file": file_id, "place": place})
        return Chunk(base64.b64decode(data), following)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _ask(self, what: Mapping[str, Any]) -> Any:
        with self._lock:
            if self._process is None:
                self._start()
            return self._exchange(what, self.seconds)

    def _start(self) -> None:
        if self.clock() < self._not_before:
            raise LibraryFailure("its process broke a moment ago and is left alone for now")
        self._rest = b""
        self._process = subprocess.Popen(
            list(self.command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            env={name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG") if name in os.environ},
        )  # fmt: skip
        self._exchange(dict(self.wanted), START_SECONDS)

    def _exchange(self, what: Mapping[str, Any], seconds: float) -> Any:
        """One line there, one line back. Raises LibraryFailure; a process that did not answer is ended."""
        process = self._process
        if process is None or process.stdin is None:
            raise LibraryFailure("it has no process")
        try:
            process.stdin.write(json.dumps(what).encode() + b"\n")
            answer: dict[str, Any] = json.loads(self._line(process, self.clock() + seconds))
        except (OSError, ValueError, EOFError, TimeoutError) as error:
            self._end()
            if self.clock() - self._broke_at > CALM_SECONDS:
                self._crashes = 0
            self._broke_at = self.clock()
            self._not_before = self._broke_at + PAUSES_SECONDS[min(self._crashes, len(PAUSES_SECONDS) - 1)]
            self._crashes += 1
            raise LibraryFailure(f"its process did not answer ({type(error).__name__})") from error
        if "told" in answer:
            if "library" in what:
                self._end()
            raise LibraryFailure(str(answer["told"]), int(answer["ret"]))
        return answer["ok"]

    def _line(self, process: subprocess.Popen[bytes], until: float) -> bytes:
        if process.stdout is None:
            raise EOFError
        descriptor = process.stdout.fileno()
        parts = [self._rest]
        size = len(self._rest)
        while b"\n" not in parts[-1]:
            left = until - self.clock()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise TimeoutError
            part = os.read(descriptor, 1 << 20)
            size += len(part)
            if not part or size > ANSWER_BYTES_MAX:
                raise EOFError
            parts.append(part)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
        process.wait()
