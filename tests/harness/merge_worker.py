"""A process that does filed merges of one tenant, a step whenever it is told to."""

from __future__ import annotations

from multiprocessing.connection import Connection
from uuid import UUID

from harness.merging import ENGINE
from tandem.kernel.db import Database
from tandem.kernel.settings import Role
from tandem.stream.identity import commands


def main(urls: dict[Role, str], tenant: UUID, slice_rows: int, told: Connection) -> None:
    """Take a step for each word that comes in, and say how it went; `over` when nothing waits."""
    db = Database(urls, size=2)
    while True:
        told.recv()
        outcome = commands.step(db, tenant, ENGINE, slice_rows=slice_rows)
        told.send("over" if outcome is None else outcome.status)
