"""The work of this domain outside turns: welcomes at once, codes and advisers in rounds."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tandem.domains.contact import advisers, placing, welcoming
from tandem.domains.contact.acquiring import reading as acquiring
from tandem.domains.contact.counting.reading import JOB as COUNT_JOB
from tandem.domains.contact.gateway import connectors
from tandem.domains.contact.groups import placing as group_placing
from tandem.domains.contact.groups.jobs import JOBS as GROUP_JOBS
from tandem.domains.contact.handover.jobs import JOBS as HAND_OVER_JOBS
from tandem.domains.contact.ruling.keeping import JOBS as RULING_JOBS
from tandem.domains.contact.sending.jobs import JOBS as SENDING_JOBS
from tandem.domains.contact.tagging.jobs import JOBS as TAGGING_JOBS
from tandem.flow.module import Job
from tandem.kernel.db import Database
from tandem.kernel.rounds import Rounds

WELCOME_SECONDS: Final = 0.2
"""How long a welcome may wait to be seen: little beside the 20 seconds for which its code is good."""
ROUND_SECONDS: Final = 1.0
_WELCOMES: Final = Rounds("contact.welcomes")
_CODES: Final = Rounds("contact.codes")


def welcome_round(db: Database) -> float:
    """Greet new friends of every tenant that has some."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from contact_welcome_tenants()")]
    _WELCOMES.each(tenants, lambda tenant: welcoming.greet(db, tenant))
    return WELCOME_SECONDS


def _look_after(db: Database, tenant: UUID) -> int:
    placed = placing.place_due(db, tenant) + group_placing.place_due(db, tenant)
    return advisers.read_due(db, tenant) + placed + acquiring.read_due(db, tenant)


def code_round(db: Database) -> float:
    """Look after codes and advisers of every tenant with something due."""
    with db.connection("worker") as connection:
        tenants = [
            row[0]
            for row in connection.execute("select tenant_id from contact_due_tenants(%s::text[])", (connectors(),))
        ]
    return 0.0 if _CODES.each(tenants, lambda tenant: _look_after(db, tenant)) else ROUND_SECONDS


JOBS: Final = (
    Job("contact.welcomes", welcome_round, interval_seconds=WELCOME_SECONDS, during_clock=False),
    Job("contact.codes", code_round, interval_seconds=ROUND_SECONDS),
    COUNT_JOB,
    *GROUP_JOBS,
    *TAGGING_JOBS,
    *SENDING_JOBS,
    *HAND_OVER_JOBS,
    *RULING_JOBS,
)
