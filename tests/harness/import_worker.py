"""A worker process for imported files that tests may kill."""

from __future__ import annotations

import time
from datetime import timedelta

from tandem.assembly import system
from tandem.kernel import jobs
from tandem.kernel.db import Database
from tandem.stream.imports.run import handler

#: Put together when this module is loaded, so that processes that are forked afterwards have it at once.
ROOMS = system()


def main(url: str) -> None:
    """Take in files until killed; what a killed one held is free again after two seconds."""
    jobs.LEASE = timedelta(seconds=2)
    db = Database({"worker": url})
    while True:
        if not jobs.run_next(db, {"import": handler(lambda: ROOMS.door_kinds)}):
            time.sleep(0.05)
