"""A worker process that tests may kill, stop and continue: `python flow_worker.py URL LEASE_SECONDS`."""

from __future__ import annotations

import logging
import signal
import sys
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "src")]

import structlog  # noqa: E402

from tandem.assembly import system  # noqa: E402
from tandem.flow.worker import Worker  # noqa: E402


def main() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    worker = Worker(sys.argv[1], replace(system(), projections=(), facts=()), lease_seconds=float(sys.argv[2]))
    signal.signal(signal.SIGTERM, lambda *_: worker.stopping.set())
    worker.run()


if __name__ == "__main__":
    main()
