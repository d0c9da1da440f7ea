"""The work on tags outside of turns, account by account: one worker at a time looks after one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog

from tandem.domains.contact.gateway import GatewayFailure, connectors
from tandem.domains.contact.lines import line_of
from tandem.domains.contact.tagging import labels, marking, spreading, walking
from tandem.flow.module import Job
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Unavailable
from tandem.kernel.rounds import Rounds
from tandem.stream.rows import to_json

log = structlog.get_logger("tandem.jobs")

ROUND_SECONDS: Final = 2.0
LEASE: Final = timedelta(minutes=5)
AGAIN: Final = timedelta(hours=1)
WALKS_AT_ONCE: Final = 5
_BROKEN: Final = GatewayFailure(
    "later", "处理失败，稍后自动重试 / the work on tags failed and is tried again", "broken"
)
_ROUNDS: Final = Rounds("contact.tagging")


def tagging_round(db: Database) -> float:
    """Look after the tags of every tenant that has something to read or to tell."""
    with db.connection("worker") as connection:
        found = connection.execute("select tenant_id from contact_tagging_tenants(%s::text[])", (connectors(),))
        tenants = [row[0] for row in found]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: look_after(db, tenant)) else ROUND_SECONDS


def look_after(db: Database, tenant: UUID) -> int:
    """One round over a tenant's accounts; returns how much was done."""
    with db.tx("worker", tenant=tenant) as tx:
        accounts = _take(tx)
    done = 0
    for account, due in accounts:
        try:
            done += _one(db, tenant, account, due=due)
        except GatewayFailure as failure:
            _release(db, tenant, account, failure)
        except Unavailable:
            raise
        except Exception:  # the edge of an account: what its data made raise must not stop the others
            log.exception("tags_failed", tenant=str(tenant), account=str(account))
            _release(db, tenant, account, _BROKEN)
        else:
            _release(db, tenant, account, None)
    return done


def _take(tx: Tx) -> list[tuple[UUID, bool]]:
    """Hold every account with something to do, and whether its list is to be read."""
    params = {"tenant": tx.tenant_id, "connectors": connectors(), "lease": LEASE}
    tx.execute(
        """
        insert into tag_account (tenant_id, account_id) select %(tenant)s, id from source_account
        where tenant_id = %(tenant)s and connector = any(%(connectors)s::text[]) and status = 'active' on conflict do nothing
        """,
        params,
    )
    found = tx.cursor(
        """
        with free as materialized (
          select a.account_id, a.due_at <= now() as due from tag_account as a
          join source_account as s on s.tenant_id = %(tenant)s and s.id = a.account_id and s.status = 'active'
          where a.tenant_id = %(tenant)s and (a.leased_until is null or a.leased_until <= now())
          order by a.account_id for update of a skip locked)
        update tag_account as a set leased_until = now() + %(lease)s from free as f
        where a.tenant_id = %(tenant)s and a.account_id = f.account_id returning a.account_id, f.due
        """,
        params,
    )
    return [(row[0], row[1]) for row in found.fetchall()]


def _one(db: Database, tenant: UUID, account: UUID, *, due: bool) -> int:
    done = 0
    with line_of(db, tenant, account) as line:
        if due:
            labels.end_retired(db, tenant, account, line)
            found = line.tag_groups()
            with db.tx("worker", tenant=tenant) as tx:
                labels.keep(tx, account, found)
                walking.plan(tx, account)
                tx.execute(
                    "update tag_account set read_at = now(), due_at = now() + %(again)s where tenant_id = %(tenant)s and account_id = %(account)s",
                    _params(tx, account, again=AGAIN),
                )
            done += 1
        done += labels.make_wanted(db, tenant, account, line)
        done += spreading.spread(db, tenant, account)
        for _ in range(WALKS_AT_ONCE):
            if not walking.walk(db, tenant, account, line):
                break
            done += 1
    return done + marking.tell(db, tenant, account)


def _release(db: Database, tenant: UUID, account: UUID, failure: GatewayFailure | None) -> None:
    with db.tx("worker", tenant=tenant) as tx:
        if failure is None:
            tx.execute(
                """
                update tag_account set leased_until = null, failures = 0, problem = null where tenant_id = %(tenant)s and account_id = %(account)s
                """,
                _params(tx, account),
            )
            return
        # Left alone for a while: the lease is the pause.
        tx.execute(
            """
            update tag_account set failures = failures + 1, problem = %(problem)s::jsonb,
              leased_until = now() + least(interval '1 hour', make_interval(secs => greatest(%(pause)s, 5 * 2 ^ least(failures, 10))))
            where tenant_id = %(tenant)s and account_id = %(account)s
            """,
            _params(tx, account, problem=to_json(failure.problem()), pause=failure.retry_after_seconds or 0.0),
        )


def _params(tx: Tx, account: UUID, **more: Any) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "account": account, **more}


JOBS: Final = (Job("contact.tagging", tagging_round, interval_seconds=ROUND_SECONDS, during_clock=False),)
