"""Loading the demo: tenant, people, history through the door as backfill, the future put aside, ready things for a first look.

Safe to repeat: what the door has seen it does not take twice, finished parts are skipped, an interrupted load goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

import orjson

from tandem.access.service import assign_role, create_tenant, create_user, seed_roles
from tandem.assembly import System, system
from tandem.demo.first_look import prepare
from tandem.demo.loose_ends import doubtful, unreadable
from tandem.demo.pending import file_pending
from tandem.demo.records import Record, Timed, happenings, is_history, reference, store_code, store_place
from tandem.demo.words import LOGINS, Login
from tandem.demo.year import Shift, Year, read_year
from tandem.flow.worker import Worker, start_jobs
from tandem.kernel.crypto import MasterKey
from tandem.kernel.db import Connection, Database, Tx, begin, connect
from tandem.kernel.errors import TandemError
from tandem.kernel.ids import BUCKETS
from tandem.kernel.settings import settings
from tandem.stream.door.service import accept
from tandem.stream.door.wire import parse

Say = Callable[[str, str], None]
Step = Callable[[int], None]

CODE: Final = "demo"
NAME: Final = "双擎示范连锁"
LOOSE_ENDS: Final = "loose ends"
CHUNK: Final = 1_000
BACKLOG_MAX: Final = 20_000
"""While more events than this wait to be applied, the door pauses: a demo must not fill the disk before it fills the tables."""
ANALYZE_AFTER: Final = (0, 2, 8, 32, 96)
"""Chunks after which statistics are refreshed: plans made for empty tables read whole tenants, and autovacuum comes by the minute."""
_ALL_BUCKETS: Final = list(range(BUCKETS))


class DemoIncomplete(TandemError):
    """The door refused records of the demo: a defect of ours, said plainly."""

    status = 500


def present(db: Database) -> bool:
    """Whether the demo is loaded, as a cut or in full."""
    tenant_id = _tenant_id(db)
    return tenant_id is not None and bool({"cut", "full"} & _parts(db, tenant_id))


def load(db: Database, *, full: bool = False, say: Say) -> UUID:
    """Load the demo cut, or the whole year; returns the tenant's id. Repeating it changes nothing.

    `db` must know the owner's address. Raises ModuleNotFoundError without the data package, DemoIncomplete when the door refuses something.
    """
    part = "full" if full else "cut"
    tenant_id = _tenant_id(db)
    if tenant_id is not None and part in _parts(db, tenant_id) | (
        {"cut"} if "full" in _parts(db, tenant_id) else set[str]()
    ):
        catch_up(db)
        say("演示数据已就绪。", "The demo is already loaded.")
        return tenant_id
    rooms = system()
    say("正在读取真实零售数据……", "Reading the retailer's data ...")
    year = read_year(full=full)
    if tenant_id is None:
        tenant_id = _make_tenant(db)
    shift = _shift_of(db, tenant_id)
    _feed(db, rooms, tenant_id, year, shift, say=say)
    _leave_loose_ends(db, rooms, tenant_id, year, shift)
    _make_people(db, tenant_id, year)
    with db.tx("web", tenant=tenant_id) as tx:
        prepare(tx, rooms)
    with working(db, rooms):
        _drain(db, tenant_id, 0)
    _analyze(db)
    _done(db, tenant_id, part)
    say(
        f"演示企业“{NAME}”已就绪：{len(year.households)} 位客户、{year.basket_count} 笔小票，业务时间 {shift.start:%Y-%m-%d}。",
        f"The demo is ready: {len(year.households)} households, {year.basket_count} baskets, business time {shift.start:%Y-%m-%d}.",
    )
    return tenant_id


def catch_up(db: Database) -> None:
    """Give a demo loaded by an earlier version the roles and the people that were thought of since. Repeating it changes nothing."""
    tenant_id = _tenant_id(db)
    if tenant_id is None:
        return
    with db.connection("owner") as connection:
        tx = begin(connection, tenant=tenant_id)
        seed_roles(tx)
        for login in LOGINS:
            if login.unit is None:
                _welcome(tx, login, None)


def logins() -> list[tuple[str, str, str, str]]:
    """(log-in, password, Chinese, English) of the demo's people."""
    return [(one.name, one.password, one.zh, one.en) for one in LOGINS]


# ---------------------------------------------------------------------------------------------- tenant and people


def _tenant_id(db: Database) -> UUID | None:
    with db.connection("owner") as connection:
        found = connection.execute("select id from tenant where code = %s", (CODE,)).fetchone()
        return found[0] if found else None


def _make_tenant(db: Database) -> UUID:
    shift = Shift.towards(datetime.now().astimezone().date())
    with db.connection("owner") as connection:
        master = MasterKey(settings().master_key_bytes())
        tenant_id = create_tenant(connection, master, code=CODE, name=NAME, demo=True)
        connection.execute(
            "update tenant set clock_offset = %s - now() where id = %s",
            (shift.start, tenant_id),
        )
        tx = begin(connection, tenant=tenant_id)
        _mark(tx, f"shift:{shift.days}")
    return tenant_id


def _shift_of(db: Database, tenant_id: UUID) -> Shift:
    """The shift with which this demo was begun; later loads must tell the same dates."""
    found = next(part for part in _parts(db, tenant_id) if part.startswith("shift:"))
    return Shift(int(found.removeprefix("shift:")))


def _make_people(db: Database, tenant_id: UUID, year: Year) -> None:
    busiest = max(sorted(set(year.home_stores.values())), key=list(year.home_stores.values()).count)
    codes = {"store": store_code(busiest), "region": store_place(busiest)[0]}
    with db.connection("owner") as connection:
        tx = begin(connection, tenant=tenant_id)
        for login in LOGINS:
            unit = _unit(connection, tenant_id, login.unit, codes.get(login.unit or "")) if login.unit else None
            _welcome(tx, login, unit)


def _welcome(tx: Tx, login: Login, unit: UUID | None) -> None:
    if tx.value("select 1 from staff_user where lower(login) = lower(%(login)s)", {"login": login.name}):
        return
    user_id = create_user(tx, login=login.name, name=login.person, password=login.password)
    assign_role(tx, user_id, login.role, scope=login.unit or "all", org_unit_id=unit)


def _unit(connection: Connection, tenant_id: UUID, kind: str, code: str | None) -> UUID:
    found = connection.execute(
        "select id from org_unit where tenant_id = %s and kind = %s and code = %s", (tenant_id, kind, code)
    ).fetchone()
    if found is None:
        message = f"the demo has no {kind} {code}"
        raise LookupError(message)
    return found[0]


def _parts(db: Database, tenant_id: UUID) -> set[str]:
    with db.tx("web", tenant=tenant_id) as tx:
        return set(tx.values("select part from demo_part where tenant_id = %(tenant)s", {"tenant": tenant_id}))


def _done(db: Database, tenant_id: UUID, part: str) -> None:
    with db.tx("web", tenant=tenant_id) as tx:
        _mark(tx, part)


def _mark(tx: Tx, part: str) -> None:
    tx.execute(
        "insert into demo_part (tenant_id, part, done_at) values (%(tenant)s, %(part)s, now()) on conflict do nothing",
        {"tenant": tx.tenant_id, "part": part},
    )


# ------------------------------------------------------------------------------------------------------ the stream


def _feed(db: Database, rooms: System, tenant_id: UUID, year: Year, shift: Shift, *, say: Say) -> None:
    with working(db, rooms), _progress(year, say) as advance:
        for chunk in _chunks(reference(year, shift)):
            # What was set up long ago is history: told as news it would look a year late to whoever watches the sources.
            _send(db, rooms, tenant_id, [one | {"mode": "backfill"} for one in chunk])
        _tell(db, rooms, tenant_id, happenings(year, shift), shift, advance)
        _drain(db, tenant_id, 0)


def _tell(db: Database, rooms: System, tenant_id: UUID, told: Iterable[Timed], shift: Shift, advance: Step) -> None:
    for number, chunk in enumerate(_chunks(told)):
        past = [one.record | {"mode": "backfill"} for one in chunk if is_history(one, shift)]
        to_come = [one for one in chunk if not is_history(one, shift)]
        if past:
            _send(db, rooms, tenant_id, past)
            if number in ANALYZE_AFTER:
                # Some applied rows, then statistics.
                _drain(db, tenant_id, CHUNK // 2)
                _analyze(db)
            _drain(db, tenant_id, BACKLOG_MAX)
        if to_come:
            with db.tx("web", tenant=tenant_id) as tx:
                file_pending(tx, [one for one in to_come if one.at > tx.now])
        advance(sum(one.record["kind"] == "order" for one in chunk))


def _send(db: Database, rooms: System, tenant_id: UUID, records: Sequence[Record]) -> None:
    parsed = parse(orjson.dumps({"events": records}))
    with db.tx("door", tenant=tenant_id) as tx:
        answer = accept(tx, rooms.door_kinds, parsed, partial=True, keep_refused=False)
    if answer.refused:
        first = answer.refused[0]
        raise DemoIncomplete("demo_refused", f"{first.where}：{first.zh}", f"{first.where}: {first.en}")


def _leave_loose_ends(db: Database, rooms: System, tenant_id: UUID, year: Year, shift: Shift) -> None:
    """Once, however often the demo is loaded: a record that is put aside twice would lie there twice."""
    if LOOSE_ENDS in _parts(db, tenant_id):
        return
    _send(db, rooms, tenant_id, doubtful(year, shift.start))
    broken = parse(orjson.dumps({"events": list(unreadable(shift.start))}))
    with db.tx("door", tenant=tenant_id) as tx:
        accept(tx, rooms.door_kinds, broken, partial=True)
    _done(db, tenant_id, LOOSE_ENDS)


def _analyze(db: Database) -> None:
    with connect(db.url("owner"), autocommit=True) as connection:
        connection.execute("analyze")


def _chunks(records: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(records)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


@contextmanager
def working(db: Database, rooms: System) -> Generator[None]:
    """A worker and its jobs in threads of this process, beside whatever others run, so that what is told is applied at once."""
    worker = Worker(db.url("worker"), rooms)
    threads = [threading.Thread(target=worker.run, name="demo-worker", daemon=True)]
    threads[0].start()
    threads += start_jobs(rooms.jobs, db, worker.stopping)
    try:
        yield
    finally:
        worker.stopping.set()
        for thread in threads:
            thread.join(timeout=60)


def _drain(db: Database, tenant_id: UUID, backlog: int) -> None:
    """Wait until no more than so many events wait to be applied, and with none allowed also until every segment is filled."""
    pause = threading.Event()
    while _waiting(db, tenant_id, backlog + 1) > backlog:
        pause.wait(0.05)


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


@contextmanager
def _progress(year: Year, say: Say) -> Generator[Step]:
    """A bar where a person looks on; a line at the beginning where nobody does."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console()
    if not console.is_terminal:
        say(f"正在导入 {year.basket_count} 笔小票……", f"Telling {year.basket_count} baskets to the door ...")
        yield lambda _: None
        return
    columns = (TextColumn("小票 baskets"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("baskets", total=year.basket_count)
        yield lambda count: progress.advance(task, count)
