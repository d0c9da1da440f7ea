"""The two jobs of a trial. Both may be interrupted anywhere and go on: the door takes nothing twice, and what is gone is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import psycopg

from tandem.catalog.model import Catalog
from tandem.demo.trial import furnish, service
from tandem.demo.trial.service import TrialRow
from tandem.demo.trial.trades import TRADES
from tandem.demo.trial.year import Record, happenings, reference
from tandem.kernel.crypto import MasterKey
from tandem.kernel.db import Database, identifier
from tandem.kernel.errors import TandemError, Unavailable
from tandem.kernel.ids import BUCKETS
from tandem.kernel.jobs import Handler, JobRun, JobStopped, runner
from tandem.kernel.live import announce
from tandem.kernel.schema import Base, info_of
from tandem.kernel.settings import settings
from tandem.kernel.turn import in_buckets
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.service import accept
from tandem.stream.door.wire import parse
from tandem.stream.steps import refresh_cut_points

CHUNK: Final = 1_000
BACKLOG_MAX: Final = 10_000
"""While more events than this wait to be applied, the door pauses."""
ANALYZE_AFTER: Final = frozenset({1, 4, 12})
_ALL_BUCKETS: Final = list(range(BUCKETS))
_RUNS: Final = "flow_run"
_LOCKED_AT_ONCE: Final = 16
"""So many buckets' customers, of all tenants, wait while a trial's runs in them are deleted."""


class Rooms(Protocol):
    """The part of the assembled system that this needs."""

    @property
    def catalog(self) -> Catalog: ...
    @property
    def door_kinds(self) -> DoorKinds: ...


class TrialIncomplete(TandemError):
    """The door refused records of a trial: a defect of ours, said plainly."""

    status = 500


def handlers(rooms: Callable[[], Rooms]) -> dict[str, Handler]:
    """What carries the jobs out."""

    def opening(run: JobRun) -> dict[str, Any]:
        trial = UUID(run.payload["trial"])
        with _marked(run, trial):
            return _open(run, trial, rooms())

    def emptying(run: JobRun) -> dict[str, Any]:
        trial = UUID(run.payload["trial"])
        with _marked(run, trial):
            return _empty(run, trial)

    return {service.OPEN_JOB: opening, service.EMPTY_JOB: emptying}


def job(rooms: Callable[[], Rooms]) -> Callable[[Database], float]:
    """What the worker calls: carry one out, and say how long to wait before the next."""
    return runner(handlers(rooms))


@contextmanager
def _marked(run: JobRun, trial_id: UUID) -> Generator[None]:
    """Whatever ends the job for good also marks the trial as failed, so that it can be emptied; what is tried again does not."""
    try:
        yield
    except (JobStopped, Unavailable, psycopg.OperationalError):
        raise
    except TandemError as error:
        _failed(run, trial_id, error.zh, error.en)
        raise
    except Exception:  # a defect ends the job too; the kernel logs it
        _failed(
            run,
            trial_id,
            f"程序出错，请联系运维并提供编号 {run.id}。",
            f"A defect; give the operator this id: {run.id}.",
        )
        raise


def _open(run: JobRun, trial_id: UUID, rooms: Rooms) -> dict[str, Any]:
    trial = _make_tenant(run, trial_id)
    trade = TRADES[trial.trade]
    with run.db.tx("worker", tenant=trial_id) as tx:
        furnish.lay_ground(tx, trial.trade, trade.company)
        zone, machine_now = tx.zone, tx.machine_now
    # The end is that of the opening, so that a job taken over tells the same year.
    end = trial.opened_at.astimezone(ZoneInfo(zone))
    told = happenings(trade, trial.customers, end)
    begun = [one | {"mode": "backfill"} for one in reference(trade, end.replace(year=end.year - 1))]
    done, total = 0, len(told) + len(begun)
    for number, chunk in enumerate(_chunks([*begun, *told])):
        _send(run.db, rooms, trial_id, chunk)
        done += len(chunk)
        if number in ANALYZE_AFTER:
            _drain(run, trial_id, CHUNK // 2)
            _analyze(run.db)
        else:
            _drain(run, trial_id, BACKLOG_MAX)
        _note(run, trial_id, done, total)
    _drain(run, trial_id, 0)
    with run.db.tx("worker", tenant=trial_id) as tx:
        # Scores and what is expected of customers are worked out daily; a company that opens now has them now.
        refresh_cut_points(tx)
    with run.db.tx("web", tenant=trial_id) as tx:
        furnish.furnish(tx, rooms, trade)
    _drain(run, trial_id, 0)
    with run.tx() as tx:
        tx.execute(
            "update trial set status = 'ready', ready_at = now() where tenant_id = %(tenant)s and id = %(id)s and status = 'opening'",
            {"tenant": tx.tenant_id, "id": trial_id},
        )
        announce(tx, service.TOPIC)
        seconds = (tx.machine_now - trial.opened_at).total_seconds()
    return {
        "records": total,
        "seconds": round(seconds),
        "work_seconds": round((tx.machine_now - machine_now).total_seconds()),
    }


def _make_tenant(run: JobRun, trial_id: UUID) -> TrialRow:
    wrapped = MasterKey(settings().master_key_bytes()).new_tenant_key()
    with run.tx() as tx:
        trial = service.get(tx, trial_id)
        tx.execute("select trial_open(%(host)s, %(trial)s, %(name)s, %(key)s)", {
            "host": tx.tenant_id, "trial": trial_id, "name": trial.name, "key": wrapped,
        })  # fmt: skip
    return trial


def _send(db: Database, rooms: Rooms, tenant_id: UUID, records: Sequence[Record]) -> None:
    parsed = parse(orjson.dumps({"events": records}))
    with db.tx("door", tenant=tenant_id) as tx:
        answer = accept(tx, rooms.door_kinds, parsed, partial=True, keep_refused=False)
    if answer.refused:
        first = answer.refused[0]
        raise TrialIncomplete("trial_refused", f"{first.where}：{first.zh}", f"{first.where}: {first.en}")


def _analyze(db: Database) -> None:
    """Fresh statistics: plans made for a table's first rows read whole tenants, and autovacuum comes by the minute."""
    with db.connection("worker") as connection:
        connection.execute("select trial_analyze()")


def _drain(run: JobRun, tenant_id: UUID, backlog: int) -> None:
    """Wait until the workers have applied all but so many events, and with none allowed also filled every segment."""
    pause = threading.Event()
    while _waiting(run.db, tenant_id, backlog + 1) > backlog:
        pause.wait(0.1)


def _waiting(db: Database, tenant_id: UUID, limit: int) -> int:
    with db.tx("worker", tenant=tenant_id) as tx:
        return int(
            tx.value(
                """
                select (select count(*) from (
                    select from inbox where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s limit %(limit)s) as i)
                  + (select count(*) from stream_fanout where tenant_id = %(tenant)s and done_at is null)
                  + (select count(*) from merge_command where tenant_id = %(tenant)s and status in ('queued', 'moving'))
                """,
                {"tenant": tenant_id, "buckets": _ALL_BUCKETS, "limit": limit},
            )
        )


def _note(run: JobRun, trial_id: UUID, done: int, total: int) -> None:
    with run.tx() as tx:
        tx.execute(
            "update trial set done = %(done)s, records = %(total)s where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": tx.tenant_id, "id": trial_id, "done": done, "total": total},
        )
        run.report(tx, done, total=total)
        announce(tx, service.TOPIC)


def _failed(run: JobRun, trial_id: UUID, zh: str, en: str) -> None:
    with run.tx() as tx:
        tx.execute(
            "update trial set status = 'failed', problem = %(problem)s::jsonb where tenant_id = %(tenant)s and id = %(id)s",
            {
                "tenant": tx.tenant_id,
                "id": trial_id,
                "problem": orjson.dumps({"zh": zh, "en": en}).decode(),
            },
        )
        announce(tx, service.TOPIC)


def _empty(run: JobRun, trial_id: UUID) -> dict[str, Any]:
    """First what lets anything in or works on it, then table after table in transactions of their own, last the tenant itself."""
    tables = list(reversed(Base.metadata.sorted_tables))
    mine = [one for one in tables if "tenant_id" in one.columns and _may_delete(one)]
    first = {
        "staff_session": 0,
        "api_key": 1,
        "source_account": 2,
        "webhook": 3,
        "intake_pending": 4,
        "inbox": 5,
        "demo_pending": 6,
    }
    mine.sort(key=lambda one: first.get(one.name, 99))
    rows = 0
    for number, table in enumerate(mine, 1):
        if not _tenant_is_there(run, trial_id):
            break
        rows += _emptied(run, trial_id, table)
        _note(run, trial_id, number, len(mine))
    with run.tx() as tx:
        # Here and not on the function: inside a statement that already runs, PostgreSQL sets no new limit.
        tx.execute("set local statement_timeout = '20s'")
        tx.execute("select trial_remove(%(host)s, %(trial)s)", {"host": tx.tenant_id, "trial": trial_id})
        tx.execute(
            "delete from trial where tenant_id = %(tenant)s and id = %(id)s", {"tenant": tx.tenant_id, "id": trial_id}
        )
        announce(tx, service.TOPIC)
    return {"rows": rows}


def _emptied(run: JobRun, trial_id: UUID, table: Any) -> int:
    """Delete a table's rows of the trial. Runs go part by part under the locks of their buckets: a turn may be about to move them."""
    bucket = " and bucket = any(%(buckets)s::smallint[])" if "bucket" in table.columns else ""
    statement = f"delete from {identifier(table.name)} where tenant_id = %(tenant)s{bucket}"
    is_run = table.name == _RUNS
    each = _LOCKED_AT_ONCE if is_run else BUCKETS
    rows = 0
    for first in range(0, BUCKETS, each):
        buckets = _ALL_BUCKETS[first : first + each]
        with run.db.tx("worker", tenant=trial_id) as tx:
            if is_run:
                in_buckets(tx.conn, buckets)
            rows += tx.execute(statement, {"tenant": trial_id, "buckets": buckets})
    return rows


def _may_delete(table: Any) -> bool:
    """What the worker may not delete (the trail, budgets) goes with the tenant."""
    rights = info_of(table).get("grants", {}).get("tandem_worker")
    referenced = table.name in {"staff_user", "staff_role", "org_unit"}
    return (rights is None or "delete" in rights) and not referenced


def _tenant_is_there(run: JobRun, trial_id: UUID) -> bool:
    with run.db.connection("worker") as connection:
        found = connection.execute(
            "select business_now from tandem_begin(%s, null, 'all', '{}')", (trial_id,)
        ).fetchone()
    return found is not None


def _chunks(records: Sequence[Record]) -> Iterator[list[Record]]:
    rest = iter(records)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
