"""The work of mass sending outside turns."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tandem.domains.contact.sending import driving, tasks
from tandem.flow.module import Job
from tandem.kernel.db import Database
from tandem.kernel.rounds import Rounds

ROUND_SECONDS: Final = 1.0
_ROUNDS: Final = Rounds("contact.mass_sending")


def _look_after(db: Database, tenant: UUID) -> int:
    return driving.bring_on(db, tenant) + tasks.work_due(db, tenant)


def mass_round(db: Database) -> float:
    """Look after the mass messages of every tenant with something due."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from mass_due_tenants()")]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: _look_after(db, tenant)) else ROUND_SECONDS


JOBS: Final = (Job("contact.mass_sending", mass_round, interval_seconds=ROUND_SECONDS, during_clock=False),)
