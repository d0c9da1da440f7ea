"""Which buffer stands before the database, if any (`TANDEM_INTAKE_NATS_URL`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tandem.kernel.db import Database
from tandem.kernel.settings import settings
from tandem.stream.sources.hooks import Buffer
from tandem.stream.sources.nats_buffer import Drain, NatsBuffer

NONE_SECONDS: Final = 3600.0


def buffer_of() -> Buffer | None:
    """The process's buffer, or None: deliveries go straight to PostgreSQL."""
    url = settings().intake_nats_url
    return None if url is None else NatsBuffer(url)


def drain() -> Callable[[Database], float]:
    """The worker's job: move what is buffered into the database; sleeps where there is no buffer."""
    made: list[Drain] = []

    def run(db: Database) -> float:
        url = settings().intake_nats_url
        if url is None:
            return NONE_SECONDS
        if not made:
            made.append(Drain(url))
        return made[0](db)

    return run
