"""A worker process that tests may kill, stop and continue.

Alone it works flows without what domains make of events. With addresses for its jobs it is a whole `tandem worker`, all rooms and all jobs,
when JOBS is `*`; otherwise it still works flows only, beside the one job that is named.
"""

from __future__ import annotations

import json
import logging
import signal
import sys
from dataclasses import replace

import structlog

from tandem.assembly import system
from tandem.flow.worker import Worker, start_jobs
from tandem.kernel.db import Database

EVERY_JOB = "*"
#: Put together when this module is loaded, so that processes that are forked afterwards have it at once.
ROOMS = system()


def main(url: str, lease_seconds: str, urls: str = "{}", jobs: str = "") -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    rooms = ROOMS if jobs == EVERY_JOB else replace(ROOMS, projections=(), facts=())
    worker = Worker(url, rooms, lease_seconds=float(lease_seconds))
    signal.signal(signal.SIGTERM, lambda *_: worker.stopping.set())
    if jobs:
        chosen = [job for job in rooms.jobs if jobs in {EVERY_JOB, job.name}]
        start_jobs(chosen, Database(json.loads(urls)), worker.stopping)
    worker.run()
