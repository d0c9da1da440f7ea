"""Heavy work in a process of its own: bounded in time and memory, and gone when the process that asked for it goes, however it goes.

    apart.call("tandem.stream.identity.nightly:compare_at", [address, tenant], apart.Bounds(seconds=3000, memory_bytes=4 << 30))

The other process is a fresh Python: it shares no lock, no connection and no interpreter with its parent, so that what it computes slows no
turn. What it is told comes by a pipe and stands in no list of processes; the pipe's end tells it that its parent is gone.
"""

from __future__ import annotations

import json
import os
import resource
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any, BinaryIO, Final, TextIO

from tandem.kernel.errors import TandemError

_LATE, _LARGE, _ORPHAN = 70, 71, 72
_GRACE_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.5
_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long the work may take, how much memory its process may hold, and how far it stands back for others (`nice`)."""

    seconds: float
    memory_bytes: int
    nice: int = 10


def machine_memory() -> int:
    """Bytes of memory that this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


class ApartFailed(TandemError):
    """Work in a process of its own did not come to its end."""

    status = 500


def call(target: str, arguments: Sequence[Any], bounds: Bounds) -> Any:
    """Call `module:function` with JSON arguments in a process of its own; returns its JSON answer.

    Raises ApartFailed when it raised (its log says what), took too long, grew too large or was killed.
    """
    command = [sys.executable, "-m", "tandem.kernel.apart"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            # The pipe stays open: it is how the other process learns that this one still lives.
            assert process.stdin is not None  # noqa: S101 - asked for above
            process.stdin.write(json.dumps({"target": target, "arguments": list(arguments), **asdict(bounds)}) + "\n")
            process.stdin.flush()
            process.wait(bounds.seconds + _GRACE_SECONDS)
        except (subprocess.TimeoutExpired, OSError):
            process.kill()
        except BaseException:
            process.kill()
            raise
        # Answers are a number or a line: they never fill the pipe before the process ends.
        said = process.stdout.read() if process.stdout is not None else ""
    if process.returncode == 0:
        return json.loads(said)
    raise _failed(target, process.returncode, bounds)


def _failed(target: str, code: int, bounds: Bounds) -> ApartFailed:
    zh, en = {
        _LATE: (f"超过 {bounds.seconds:.0f} 秒", f"took longer than {bounds.seconds:.0f} s"),
        _LARGE: (
            f"内存超过 {bounds.memory_bytes >> 20} MB",
            f"held more than {bounds.memory_bytes >> 20} MB of memory",
        ),
    }.get(code, (f"退出码 {code}", f"ended with {code}"))
    return ApartFailed(
        "work_apart_failed", f"独立进程中的任务 {target} 未完成：{zh}。", f"{target}, in a process of its own, {en}."
    )


def _watch(orders: TextIO, seconds: float, memory_bytes: int) -> None:
    """End this process when its parent is gone, its time is over or it has grown too large, whatever it is doing."""
    until = time.monotonic() + seconds
    while True:
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT > memory_bytes:
            os._exit(_LARGE)
        if time.monotonic() >= until:
            os._exit(_LATE)
        readable, _, _ = select.select([orders], [], [], _LOOK_SECONDS)
        if readable:
            os._exit(_ORPHAN)


def main(orders: TextIO, answers: BinaryIO) -> None:
    """The other process: read what is asked, do it, answer."""
    asked = json.loads(orders.readline())
    watch = threading.Thread(target=_watch, args=(orders, asked["seconds"], asked["memory_bytes"]), daemon=True)
    watch.start()
    os.nice(asked["nice"])
    module, _, function = asked["target"].partition(":")
    answer = getattr(import_module(module), function)(*asked["arguments"])
    answers.write(json.dumps(answer).encode())
    answers.flush()


if __name__ == "__main__":
    # What libraries print goes to the log, not into the answer.
    with os.fdopen(os.dup(1), "wb") as answer_pipe:
        os.dup2(2, 1)
        main(sys.stdin, answer_pipe)
