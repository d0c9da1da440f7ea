"""The process in which a library runs: a line of JSON in, a line of JSON out. It ends when its parent's end of the pipe does.

The first line says which library and for whom; secrets come by the pipe and never stand in a command line or an environment.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

from tandem.connectors.wecom.archive.library import ArchiveLibrary, LibraryFailure
from tandem.connectors.wecom.archive.native import NativeLibrary
from tandem.connectors.wecom.archive.simulated import SimulatedLibrary, over_http

BYTES_MAX: Final = 2 << 30
"""Address space beside which a leaking library is stopped."""


def _library(wanted: dict[str, Any]) -> ArchiveLibrary:
    corp, secret = str(wanted["corp_id"]), str(wanted["secret"])
    if wanted["library"] == "simulated":
        return SimulatedLibrary(over_http(str(wanted["url"])), corp, secret)
    return NativeLibrary(str(wanted["path"]), corp, secret)


def _answer(library: ArchiveLibrary, asked: dict[str, Any]) -> Any:
    match asked["do"]:
        case "pull":
            found = library.pull(int(asked["seq"]), int(asked["limit"]))
            return [[one.seq, one.number, one.key_version, one.random_key, one.message] for one in found]
        case "open":
            return library.open(str(asked["key"]), str(asked["message"]))
        case "media":
            chunk = library.media(str(asked["file"]), str(asked["place"]))
            return [base64.b64encode(chunk.data).decode(), chunk.place]
        case other:
            raise LibraryFailure(f"unknown request {other}")


def _questions() -> Iterator[dict[str, Any]]:
    """What the parent asks. Read in a thread of its own: a library that hangs must not keep an orphan alive."""
    waiting: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            waiting.put(line)
        os._exit(0)

    Thread(target=read, daemon=True).start()
    while True:
        yield json.loads(waiting.get())


def main() -> None:
    """Serve until the pipe ends, which ends the process."""
    # What a library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    library: ArchiveLibrary | None = None
    for asked in _questions():
        try:
            if library is None:
                library, told = _library(asked), {"ok": True}
            else:
                told = {"ok": _answer(library, asked)}
        except LibraryFailure as failure:
            told = {"told": failure.told, "ret": failure.ret}
        answers.write(json.dumps(told, ensure_ascii=False) + "\n")
        answers.flush()


def bounded() -> None:
    """Let this process take so much memory and no more."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (BYTES_MAX, BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    bounded()
    main()
