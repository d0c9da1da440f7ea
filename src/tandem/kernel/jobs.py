"""Durable work that takes longer than a request: imports, exports, moving the demo clock.

A job is filed inside the caller's transaction, taken by one worker at a time (`SKIP LOCKED`, fair between tenants), reports progress,
can be cancelled, and is taken over when its worker dies: handlers go on from their last checkpoint. Times are machine time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import NotFound, TandemError, Unavailable
from tandem.kernel.ids import new_id
from tandem.kernel.live import announce
from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, TenantRow
from tandem.kernel.settings import Role

log = structlog.get_logger("tandem.jobs")

LEASE = timedelta(seconds=30)
ATTEMPTS_MAX = 5


class JobTable(TenantRow, Base):
    """One piece of work. `state`: queued, running, done, failed, cancelled. `checkpoint` is where a successor goes on."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state in ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
        Index("ix_job_open", "kind", "created_at", postgresql_where=text("state in ('queued', 'running')")),
        Index("ix_job_tenant", "tenant_id", "kind", "id"),
        {
            "info": {
                "kind": "tenant",
                "grants": {
                    "tandem_web": "select, insert, update (cancel_requested)",
                    "tandem_worker": "select, insert, update, delete",
                    "tandem_door": "",
                },
            },
        },
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="queued")
    payload: Mapped[dict[str, Any]]
    checkpoint: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    result: Mapped[dict[str, Any] | None]
    done: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    total: Mapped[int | None] = mapped_column(BigInteger())
    error: Mapped[dict[str, Any] | None]
    cancel_requested: Mapped[bool] = mapped_column(server_default=text("false"))
    attempts: Mapped[int] = mapped_column(server_default="0")
    leased_until: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    finished_at: Mapped[datetime | None]


# The only statement that looks across tenants: it hands a worker one job, of the tenant that has fewest running.
register_sql("""
create or replace function tandem_take_job(kinds text[], lease interval, attempts_max integer)
returns table (id uuid, tenant_id uuid, kind text, payload jsonb, checkpoint jsonb, attempts integer)
language sql volatile security definer set search_path = public, pg_temp as $$
  with spent as (
    update job j set state = 'failed', finished_at = now(), leased_until = null,
      error = '{"code": "gave_up", "zh": "任务多次中断，已停止。", "en": "The job was interrupted too often and has been stopped."}'
    where j.kind = any(kinds) and j.state = 'running' and j.leased_until <= now() and j.attempts >= attempts_max
  ), busy as (
    select j.tenant_id, count(*) as n from job j where j.state = 'running' and j.leased_until > now() group by j.tenant_id
  ), next as (
    select j.id from job j left join busy b on b.tenant_id = j.tenant_id
    where j.kind = any(kinds) and j.attempts < attempts_max
      and (j.state = 'queued' or (j.state = 'running' and j.leased_until <= now()))
    order by coalesce(b.n, 0), j.created_at, j.id
    limit 1 for update of j skip locked
  )
  update job j set state = 'running', attempts = j.attempts + 1, leased_until = now() + lease
  from next where j.id = next.id
  returning j.id, j.tenant_id, j.kind, j.payload, j.checkpoint, j.attempts
$$
""")
register_sql("revoke all on function tandem_take_job(text[], interval, integer) from public")
register_sql(f"grant execute on function tandem_take_job(text[], interval, integer) to {WORKER}")


@dataclass(frozen=True, slots=True)
class Job:
    """A job as screens show it."""

    id: UUID
    kind: str
    state: str
    payload: dict[str, Any]
    result: dict[str, Any] | None
    done: int
    total: int | None
    error: dict[str, Any] | None
    cancel_requested: bool
    created_by: UUID | None
    created_at: datetime
    finished_at: datetime | None


_COLUMNS = "id, kind, state, payload, result, done, total, error, cancel_requested, created_by, created_at, finished_at"


def file_job(tx: Tx, kind: str, payload: Mapping[str, Any], *, total: int | None = None) -> UUID:
    """File work of a kind in the caller's transaction; returns its id. `payload` holds JSON values."""
    job_id = new_id()
    tx.execute(
        """
        insert into job (id, tenant_id, kind, payload, total, created_by, created_at)
        values (%(id)s, %(tenant)s, %(kind)s, %(payload)s, %(total)s, %(user)s, now())
        """,
        {
            "id": job_id,
            "tenant": tx.tenant_id,
            "kind": kind,
            "payload": Jsonb(dict(payload)),
            "total": total,
            "user": tx.user_id,
        },
    )
    return job_id


def get_job(tx: Tx, job_id: UUID) -> Job:
    """One job. Raises NotFound."""
    job = tx.maybe(
        Job,
        f"select {_COLUMNS} from job where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": job_id},
    )
    if job is None:
        raise NotFound("no_such_job", "没有这个任务。", "There is no such job.")
    return job


def open_job(tx: Tx, kind: str) -> Job | None:
    """The oldest job of a kind that is waiting or running, if any."""
    return tx.maybe(
        Job,
        f"""
        select {_COLUMNS} from job where tenant_id = %(tenant)s and kind = %(kind)s and state in ('queued', 'running')
        order by created_at, id limit 1
        """,
        {"tenant": tx.tenant_id, "kind": kind},
    )


def cancel_job(tx: Tx, job_id: UUID) -> None:
    """Ask a job to stop: it does at its next report, keeping what it has committed. Raises NotFound."""
    get_job(tx, job_id)
    tx.execute(
        "update job set cancel_requested = true where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": job_id},
    )


class JobStopped(Exception):
    """Somebody cancelled the job, or another worker took it over. Raised inside a handler by `report`; the handler lets it pass."""


@dataclass(slots=True)
class JobRun:
    """A job in a worker's hands. `checkpoint` is what the run before last reported; {} on the first."""

    db: Database
    id: UUID
    tenant_id: UUID
    kind: str
    payload: dict[str, Any]
    checkpoint: dict[str, Any]
    attempt: int
    topic: str | None = field(default=None)

    def tx(self, role: Role = "worker") -> AbstractContextManager[Tx]:
        """One short transaction of the job's tenant."""
        return self.db.tx(role, tenant=self.tenant_id)

    def report(
        self,
        tx: Tx,
        done: int,
        *,
        total: int | None = None,
        checkpoint: Mapping[str, Any] | None = None,
    ) -> None:
        """Note progress in the transaction of the work itself; call it every few seconds, since cancelling waits for it.

        Raises JobStopped, undoing the transaction, when the job was cancelled or belongs to another worker now.
        """
        kept = tx.execute(
            """
            update job set done = %(done)s, total = coalesce(%(total)s, total), leased_until = clock_timestamp() + %(lease)s,
                           checkpoint = coalesce(%(checkpoint)s, checkpoint)
            where tenant_id = %(tenant)s and id = %(id)s and state = 'running' and attempts = %(attempt)s and not cancel_requested
            """,
            {
                "done": done,
                "total": total,
                "lease": LEASE,
                "checkpoint": None if checkpoint is None else Jsonb(dict(checkpoint)),
                "tenant": self.tenant_id,
                "id": self.id,
                "attempt": self.attempt,
            },
        )
        if not kept:
            raise JobStopped
        announce(tx, self.topic or f"job:{self.id}")


Handler = Callable[[JobRun], Mapping[str, Any] | None]


def run_next(db: Database, handlers: Mapping[str, Handler]) -> bool:
    """Take one job of the kinds in `handlers` and see it to its end; False when there was none.

    A handler's return value is stored as the result. A TandemError fails the job with its words; a lost database leaves it to the
    next worker; anything else fails it with an id that the log explains.
    """
    run = _take(db, handlers)
    if run is None:
        return False
    try:
        with _kept(run):
            result = handlers[run.kind](run)
    except JobStopped:
        _finish(run, "cancelled", unless_taken=True)
    except (Unavailable, psycopg.OperationalError):
        log.warning("job.interrupted", job=str(run.id), kind=run.kind, attempt=run.attempt)
    except TandemError as error:
        _finish(run, "failed", error={"code": error.code, "zh": error.zh, "en": error.en})
    except Exception:  # the edge of the worker: a defect fails this job alone, and its log line says why
        log.exception("job.failed", job=str(run.id), kind=run.kind)
        _finish(run, "failed", error=_defect(run.id))
    else:
        _finish(run, "done", result=dict(result or {}))
    return True


def runner(handlers: Mapping[str, Handler], *, idle_seconds: float = 1.0) -> Callable[[Database], float]:
    """What a module's periodic job calls: run one, and say how long to wait before the next."""

    def run(db: Database) -> float:
        return 0.0 if run_next(db, handlers) else idle_seconds

    return run


@contextmanager
def _kept(run: JobRun) -> Generator[None]:
    """Renew the job's lease beside its handler, so that only a process that died or stands still loses its job."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(LEASE.total_seconds() / 3):
            try:
                with run.tx() as tx:
                    tx.execute(
                        """
                        update job set leased_until = now() + %(lease)s
                        where tenant_id = %(tenant)s and id = %(id)s and state = 'running' and attempts = %(attempt)s
                        """,
                        {"lease": LEASE, "tenant": run.tenant_id, "id": run.id, "attempt": run.attempt},
                    )
            except (Unavailable, psycopg.OperationalError):
                log.warning("job.lease_not_renewed", job=str(run.id))

    thread = threading.Thread(target=renew, name=f"job-{run.kind}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _take(db: Database, handlers: Mapping[str, Handler]) -> JobRun | None:
    with db.connection("worker") as connection, connection.cursor(row_factory=class_row(_Taken)) as cursor:
        found = cursor.execute(
            "select * from tandem_take_job(%s, %s, %s)", (sorted(handlers), LEASE, ATTEMPTS_MAX)
        ).fetchone()
    if found is None:
        return None
    return JobRun(db, found.id, found.tenant_id, found.kind, found.payload, found.checkpoint, found.attempts)


@dataclass(frozen=True, slots=True)
class _Taken:
    id: UUID
    tenant_id: UUID
    kind: str
    payload: dict[str, Any]
    checkpoint: dict[str, Any]
    attempts: int


def _finish(
    run: JobRun,
    state: str,
    *,
    result: dict[str, Any] | None = None,
    error: dict[str, Any] | None = None,
    unless_taken: bool = False,
) -> None:
    with run.tx() as tx:
        tx.execute(
            """
            update job set state = %(state)s, result = %(result)s, error = %(error)s, finished_at = now(), leased_until = null
            where tenant_id = %(tenant)s and id = %(id)s and state = 'running' and attempts = %(attempt)s
              and (cancel_requested or not %(unless_taken)s)
            """,
            {
                "state": state,
                "result": None if result is None else Jsonb(result),
                "error": None if error is None else Jsonb(error),
                "tenant": run.tenant_id,
                "id": run.id,
                "attempt": run.attempt,
                "unless_taken": unless_taken,
            },
        )
        announce(tx, run.topic or f"job:{run.id}")


def _defect(job_id: UUID) -> dict[str, Any]:
    return {
        "code": "internal",
        "zh": f"任务意外中断，请联系运维并提供编号 {job_id}。",
        "en": f"The job stopped unexpectedly; give the operator this id: {job_id}.",
    }
