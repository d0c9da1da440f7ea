"""The work on groups outside turns: lists and groups read, words for newcomers handed over."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from tandem.domains.contact.gateway import connectors
from tandem.domains.contact.groups import greetings, reading
from tandem.flow.module import Job
from tandem.kernel.db import Database
from tandem.kernel.rounds import Rounds

ROUND_SECONDS: Final = 1.0
_ROUNDS: Final = Rounds("contact.groups")


def _look_after(db: Database, tenant: UUID) -> int:
    return reading.list_due(db, tenant) + reading.read_due(db, tenant) + greetings.place_due(db, tenant)


def group_round(db: Database) -> float:
    """Look after the groups of every tenant with something due."""
    with db.connection("worker") as connection:
        tenants = [
            row[0] for row in connection.execute("select tenant_id from group_due_tenants(%s::text[])", (connectors(),))
        ]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: _look_after(db, tenant)) else ROUND_SECONDS


JOBS: Final = (Job("contact.groups", group_round, interval_seconds=ROUND_SECONDS),)
