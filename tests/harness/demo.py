"""Databases with the demo in them: it is loaded once in a test run, and cloned for everybody else who asks."""

from __future__ import annotations

from uuid import UUID

from harness.database import Database as Fresh
from harness.database import Databases
from tandem import demo
from tandem.cli.demo import quiet_logs
from tandem.demo.loading import CODE
from tandem.kernel.db import Database
from tandem.kernel.settings import settings


def demo_database(databases: Databases) -> Fresh:
    """A fresh database as `tandem demo` leaves it; the caller drops it."""
    return databases.create_like("demo", _load)


def _load(fresh: Fresh) -> None:
    quiet_logs(settings())
    owner = Database(fresh.urls(), size=6)
    try:
        demo.load(owner, full=False, say=lambda _zh, en: print(en))
    finally:
        owner.close()


def tenant_of(fresh: Fresh) -> UUID:
    """The demo's tenant."""
    with fresh.connect() as owner:
        found = owner.execute("select id from tenant where code = %s", (CODE,)).fetchone()
    assert found is not None
    return UUID(str(found[0]))
