"""The senders' job: works whenever something is released, whoever's it is."""

from collections.abc import Callable
from typing import Final

from tandem.catalog.model import Catalog
from tandem.domains.messaging.sender import send_waiting, waiting_tenants
from tandem.flow.module import Job
from tandem.kernel.db import Database
from tandem.kernel.rounds import Rounds

BUSY_SECONDS: Final = 0.0
IDLE_SECONDS: Final = 0.25


def sending(catalog: Callable[[], Catalog]) -> Job:
    """The job that sends; `catalog` gives the assembled one when it first works."""
    rounds = Rounds("messaging.send")

    def run(db: Database) -> float:
        sent = rounds.each(waiting_tenants(db), lambda tenant_id: send_waiting(db, catalog(), tenant_id))
        return BUSY_SECONDS if sent else IDLE_SECONDS

    return Job(name="messaging.send", run=run, interval_seconds=IDLE_SECONDS)
