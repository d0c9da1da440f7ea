"""The work of directories: callbacks within a second, a whole reading every night and whenever somebody asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from tandem.domains.directory import filing, news, reading
from tandem.domains.directory.gateway import DirectoryFailure
from tandem.domains.directory.lines import line_of
from tandem.flow.module import Job
from tandem.kernel.db import Database
from tandem.kernel.live import announce
from tandem.kernel.rounds import Rounds
from tandem.stream.rows import to_json

ROUND_SECONDS: Final = 1.0
LEASE: Final = timedelta(minutes=10)
#: At three in the morning of the tenant's own zone, or at the next one when it has just passed.
_NEXT_NIGHT: Final = """
((date_trunc('day', now() at time zone %(zone)s) + case when (now() at time zone %(zone)s)::time < time '02:30' then interval '3 hours'
  else interval '27 hours' end) at time zone %(zone)s)
"""
_ROUNDS: Final = Rounds("directory")


def directory_round(db: Database) -> float:
    """Look after the directories of every tenant that has something to do."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from directory_due_tenants()")]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: look_after(db, tenant)) else ROUND_SECONDS


def look_after(db: Database, tenant: UUID) -> int:
    """Callbacks first, then a tenant's due readings; returns how many of both."""
    return news.look_into(db, tenant) + _read_due(db, tenant)


def _read_due(db: Database, tenant: UUID) -> int:
    with db.tx("worker", tenant=tenant) as tx:
        due: list[tuple[UUID, int]] = tx.cursor(
            """
            with due as materialized (
              select account_id from directory_account where tenant_id = %(tenant)s and due_at <= now()
                and (leased_until is null or leased_until <= now()) order by account_id for update skip locked)
            update directory_account as a set leased_until = now() + %(lease)s from due as d
            where a.tenant_id = %(tenant)s and a.account_id = d.account_id returning a.account_id, a.failures
            """,
            {"tenant": tenant, "lease": LEASE},
        ).fetchall()
    for account, failures in due:
        try:
            read(db, tenant, account)
        except DirectoryFailure as failure:
            _put_off(db, tenant, account, failure, failures)
    return len(due)


def read(db: Database, tenant: UUID, account: UUID) -> None:
    """Read everybody, write down what it means, and do what waits for nobody's word. Raises DirectoryFailure."""
    with line_of(db, tenant, account) as line:
        departments = line.departments()
        people = line.members(departments)
    with db.tx("worker", tenant=tenant) as tx:
        reading.keep_departments(tx, account, departments)
        reading.keep_members(tx, account, people, whole=True)
        ready = filing.file_changes(tx, account)
        tx.execute(
            f"""
            update directory_account set read_at = now(), due_at = {_NEXT_NIGHT}, leased_until = null, failures = 0, problem = null
            where tenant_id = %(tenant)s and account_id = %(account)s
            """,
            {"tenant": tenant, "account": account, "zone": str(tx.zone)},
        )
        announce(tx, filing.TOPIC)
    news.carry_out(db, tenant, ready)


def _put_off(db: Database, tenant: UUID, account: UUID, failure: DirectoryFailure, failures: int) -> None:
    params: dict[str, Any] = {"tenant": tenant, "account": account, "problem": to_json(failure.problem())}
    with db.tx("worker", tenant=tenant) as tx:
        tx.execute(
            """
            update directory_account set leased_until = null, failures = failures + 1, problem = %(problem)s::jsonb, due_at = now() + %(pause)s
            where tenant_id = %(tenant)s and account_id = %(account)s
            """,
            params | {"pause": failure.pause(failures)},
        )


JOBS: Final = (Job("directory.rounds", directory_round, interval_seconds=ROUND_SECONDS, during_clock=False),)
