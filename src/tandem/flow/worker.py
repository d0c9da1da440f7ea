"""The worker process: leases buckets, runs turns where work is, sleeps until the next is due or a notification comes.

It survives a lost database by reconnecting with growing patience, and ends in good order on SIGTERM or SIGINT: the turn at hand is
finished, the leases are given back.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from uuid import UUID

import psycopg
import structlog

from tandem.flow import lookout
from tandem.flow.agenda import Agenda, Task
from tandem.flow.module import Job
from tandem.flow.outgrown import Growth
from tandem.flow.reports import Tally, leave
from tandem.flow.runs import ALL_WORK, Lane, Work
from tandem.flow.runtime import Engine, FlowSystem, Worked
from tandem.kernel.db import Connection, Database, begin, connect
from tandem.kernel.errors import Unavailable
from tandem.kernel.ids import new_id
from tandem.kernel.live import announce_committed
from tandem.kernel.turn import LEASE_SECONDS, all_leased, bound_worker, lease, release_leases
from tandem.kernel.wake import CHANNEL

log = structlog.get_logger("tandem.worker")

#: Without any notification a worker looks around this often.
IDLE_SECONDS = 1.0
#: How often the modules' own due work of every tenant is asked for.
STEPS_SECONDS = 2.0
#: Browsers hear of flows at work this often at most.
NEWS_SECONDS = 1.0
#: A tenant whose turn failed as a whole rests this long at first, then twice as long each time.
REST_FIRST_SECONDS = 1.0
REST_MAX_SECONDS = 60.0
#: Work that no turn here may take now (slices whose version is another process's, runs filed behind a mark, events of a customer whose rows
#: are being moved) is asked for again after this long, not at once.
FRUITLESS_SECONDS = 0.25
#: While some buckets have no worker, those who are there share them out again this soon.
SHARE_SECONDS = 0.2
RECONNECT_FIRST_SECONDS = 0.1
RECONNECT_MAX_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Ailing:
    """A tenant whose work failed outside any run's or event's isolation: how often in a row, and until when it rests."""

    failures: int
    until: float


@dataclass
class Worker:
    """One worker: a connection for turns, one that listens, and what it knows of the work."""

    url: str
    system: FlowSystem
    id: UUID = field(default_factory=new_id)
    stopping: threading.Event = field(default_factory=threading.Event)
    lease_seconds: float = LEASE_SECONDS
    engine: Engine = field(init=False)
    held: list[int] = field(default_factory=list[int])
    agenda: Agenda = field(default_factory=Agenda)
    tally: Tally = field(default_factory=Tally)
    growth: Growth = field(default_factory=Growth)
    _turns: Connection | None = None
    _ears: Connection | None = None
    _renew_at: float = 0.0
    _news_at: float = 0.0
    _ailing: dict[UUID, _Ailing] = field(default_factory=dict[UUID, "_Ailing"])
    _look_at: float = 0.0
    _steps: dict[UUID, float] = field(default_factory=dict[UUID, float])
    _all_steps_at: dict[UUID, float] = field(default_factory=dict[UUID, float])
    _tenants_at: float = 0.0
    _fruitless: dict[tuple[UUID, int], float] = field(default_factory=dict[tuple[UUID, int], float])

    def __post_init__(self) -> None:
        self.engine = Engine(self.system, self.id)

    # ------------------------------------------------------------------------------------------------- the loop

    def run(self) -> None:
        """Work until told to stop. Never raises for a lost database."""
        patience = RECONNECT_FIRST_SECONDS
        log.info("worker_started", worker=str(self.id))
        while not self.stopping.is_set():
            try:
                self.round(IDLE_SECONDS)
                patience = RECONNECT_FIRST_SECONDS
            except (psycopg.OperationalError, psycopg.InterfaceError, Unavailable) as error:
                log.warning("database_lost", reason=str(error).strip()[:300], again_in_seconds=patience)
                self._drop()
                self.stopping.wait(patience)
                patience = min(patience * 2, RECONNECT_MAX_SECONDS)
            except Exception:  # the edge of the process: a defect in one turn must not end the others
                log.exception("turn_failed", worker=str(self.id))
                self._drop()
                self.stopping.wait(patience)
                patience = min(patience * 2, RECONNECT_MAX_SECONDS)
        self.close()
        log.info("worker_stopped", worker=str(self.id))

    def round(self, idle_seconds: float = 0.0) -> int:
        """Do the next thing: a turn, a look around, or a sleep of at most `idle_seconds`. Returns how many stretches were passed."""
        now = time.monotonic()
        if now >= self._renew_at:
            self.renew()
        self._tell_browsers(now)
        self._hear(0)
        task = self.agenda.next()
        if task is not None:
            with self._alone(task.tenant):
                return self._turn(task)
            return 0
        if self._serve_steps(now):
            return 0
        pause = self._look()
        if self.agenda.empty() and idle_seconds:
            self._hear(min(pause, idle_seconds, max(0.0, self._renew_at - time.monotonic())))
        return 0

    def renew(self) -> None:
        """Renew the leases; the buckets held may change."""
        held = lease(self._connection(), self.id, seconds=self.lease_seconds)
        self.tally.tell(self._connection(), self.id, len(held))
        self.engine.delays.tell(self._connection())
        self.growth.follow(self._connection())
        pause = self.lease_seconds / 3
        self._renew_at = time.monotonic() + (pause if all_leased(self._connection()) else min(pause, SHARE_SECONDS))
        if held != self.held:
            self.held = held
            self.agenda.forget()
            self._look_at = 0.0

    def close(self) -> None:
        """Give the leases back and hang up."""
        if self._turns is not None and not self._turns.closed:
            try:
                release_leases(self._turns, self.id)
                leave(self._turns, self.id)
            except psycopg.Error as error:
                # They run out by themselves.
                log.info("leases_not_released", reason=str(error).strip()[:300])
        self._drop()

    # ---------------------------------------------------------------------------------------------------- parts

    def _turn(self, task: Task) -> int:
        worked = self.engine.turn(self._connection(), task.tenant, task.buckets, task.lane, task.work)
        if worked.more:
            self.agenda.add(task.tenant, task.lane, task.buckets, task.work)
        if worked.anything:
            self.tally.add(
                task.lane, events=worked.events, moved=worked.moved, failed=worked.failed, seconds=worked.seconds
            )
            self._steps[task.tenant] = 0.0
            self._look_at = 0.0
            self._tell(task, worked)
        elif not worked.locked:
            # Somebody else holds these buckets just now: look again soon, not at once.
            self.stopping.wait(0.001)
        elif (
            worked.waits
            or (task.lane is Lane.BULK and task.work & Work.SLICES)
            or self.engine.marks.knows(task.tenant, task.lane)
        ):
            self._fruitless[task.tenant, task.lane] = time.monotonic() + FRUITLESS_SECONDS
        return worked.moved

    @contextmanager
    def _alone(self, tenant: UUID) -> Generator[None]:
        """What fails inside is this tenant's alone: it is logged, and the tenant rests a while, so that the others go on.

        A lost connection is everybody's and goes on to the loop.
        """
        try:
            yield
        except (psycopg.OperationalError, psycopg.InterfaceError, Unavailable):
            raise
        except Exception:  # the edge of a tenant's work: a defect in one's data must not starve the others
            failures = self._ailing[tenant].failures + 1 if tenant in self._ailing else 1
            rest = min(REST_FIRST_SECONDS * 2 ** (failures - 1), REST_MAX_SECONDS)
            self._ailing[tenant] = _Ailing(failures, time.monotonic() + rest)
            log.exception("tenant_failed", tenant=str(tenant), failures=failures, rests_seconds=rest)
        else:
            self._ailing.pop(tenant, None)

    def _rests(self, tenant: UUID) -> bool:
        ailing = self._ailing.get(tenant)
        return ailing is not None and time.monotonic() < ailing.until

    @staticmethod
    def _tell(task: Task, worked: Worked) -> None:
        log.debug(
            "turn",
            tenant=str(task.tenant),
            lane=int(task.lane),
            buckets=worked.locked,
            events=worked.events,
            started=worked.started,
            woken=worked.woken,
            moved=worked.moved,
            failed=worked.failed,
            milliseconds=round(worked.seconds * 1000, 1),
        )

    def _tell_browsers(self, now: float) -> None:
        """Announce the flows whose runs have moved, at most once a second however many turns there were."""
        if self.engine.moved and now >= self._news_at:
            self._news_at = now + NEWS_SECONDS
            news = [(tenant, f"flow:{flow}") for tenant, flow in self.engine.moved]
            announce_committed(self._listener(), [*news, *((tenant, "tasks") for tenant in self.engine.asking)])
            self.engine.moved.clear()
            self.engine.asking.clear()

    def _look(self) -> float:
        """Ask the database where work is. Returns the seconds until the next timer."""
        pause = IDLE_SECONDS
        if not self.held:
            return pause
        for tenant, lane, buckets in self.engine.marks.due(self.held):
            if not self._rests(tenant):
                self.agenda.add(tenant, lane, buckets, Work.TIMERS)
        for ready in lookout.look(self._connection(), self.held, self.engine.marks):
            if self._rests(ready.tenant_id):
                continue
            if self._fruitless.get((ready.tenant_id, ready.lane), 0.0) > time.monotonic():
                pause = min(pause, FRUITLESS_SECONDS)
            elif ready.buckets:
                self.agenda.add(ready.tenant_id, Lane(ready.lane), ready.buckets, Work(ready.work))
            elif ready.seconds is not None:
                pause = min(pause, ready.seconds)
        awake = [at for tenant, at in self._steps.items() if not self._rests(tenant)]
        due = min(awake, default=time.monotonic() + pause)
        return max(0.0, min(pause, due - time.monotonic()))

    def _serve_steps(self, now: float) -> bool:
        """Run the modules' due work of one tenant whose turn it is. Returns whether one was served."""
        if now >= self._tenants_at and self.held:
            for tenant in lookout.tenants(self._connection()):
                self._steps.setdefault(tenant, 0.0)
            self._tenants_at = now + STEPS_SECONDS
        tenant = next((one for one, at in self._steps.items() if at <= now and not self._rests(one)), None)
        if tenant is None or not self.held:
            return False
        with self._alone(tenant):
            return self._serve_tenant(tenant)
        return True

    def _serve_tenant(self, tenant: UUID) -> bool:
        """One turn of a tenant's due work if there is any, and when to ask again.

        Asking what is due is one statement, doing it one for each step, so that only those that are due are done; all are done now and then
        whatever the answer was. An event that arrives meanwhile waits behind them.
        """
        connection = self._connection()
        with connection.transaction():
            tx = begin(connection, tenant=tenant)
            first, due = lookout.due_steps(tx, self.held, self.system.steps)
            wait = STEPS_SECONDS if first is None else (first - tx.now).total_seconds()
        now = time.monotonic()
        every = now >= self._all_steps_at.get(tenant, 0.0)
        if wait <= 0 or every:
            worked = self.engine.steps(connection, tenant, self.held, live_only=False, only=None if every else due)
            if every:
                self._all_steps_at[tenant] = now + STEPS_SECONDS
            wait = 0.0 if worked.anything else max(0.01, wait)
        # To the end of the line: tenants take turns here too.
        del self._steps[tenant]
        self._steps[tenant] = time.monotonic() + min(STEPS_SECONDS, wait) if wait else 0.0
        return True

    def _hear(self, seconds: float) -> None:
        """Take notifications, waiting at most so long for the first: tenant and buckets that have live work."""
        for notice in self._listener().notifies(timeout=seconds, stop_after=1 if seconds else None):
            tenant, _, named = notice.payload.partition(":")
            if self._rests(UUID(tenant)):
                continue
            mine = set(self.held)
            buckets = [int(one) for one in named.split(",")] if named else self.held
            self.agenda.add(UUID(tenant), Lane.LIVE, [one for one in buckets if one in mine], ALL_WORK)
            # What was filed may also be a module's own due work: a coupon's lot that a bucket waited for.
            self._steps[UUID(tenant)] = 0.0

    def _connection(self) -> Connection:
        if self._turns is None or self._turns.closed:
            self._turns = connect(self.url)
            tune(self._turns)
            self.growth.forget()
        return self._turns

    def _listener(self) -> Connection:
        if self._ears is None or self._ears.closed:
            self._ears = connect(self.url, autocommit=True)
            self._ears.execute(f"listen {CHANNEL}")
        return self._ears

    def _drop(self) -> None:
        for connection in (self._turns, self._ears):
            if connection is not None:
                connection.close()
        self._turns = self._ears = None
        self._renew_at = 0.0
        self.held = []
        self.agenda.forget()


def tune(connection: Connection) -> None:
    """Set a connection up for turns: bounded by the server, statements planned once, indexes preferred."""
    # The statements take arrays of unknown length; what serves a hundred rows by index serves five thousand, and a plan made while a table
    # was still empty must not scan it when it is full.
    connection.execute("set plan_cache_mode = force_generic_plan")
    # A turn need not wait for the disk: all it did follows from queue rows that it deleted in the same commit, so a turn that a crash loses
    # is run again, and what leaves the database leaves after a later commit that does wait, which makes the earlier ones durable too
    # (docs/decisions/0011-turns-commit-asynchronously.md).
    connection.execute("set synchronous_commit = off")
    connection.execute("set enable_seqscan = off")
    connection.commit()
    bound_worker(connection)


# ------------------------------------------------------------------------------------------------------------- jobs


def run_job(job: Job, db: Database, stopping: threading.Event) -> None:
    """Call one job again and again until told to stop; its failures are logged and tried again, never passed on."""
    patience = RECONNECT_FIRST_SECONDS
    while not stopping.is_set():
        try:
            pause = job.run(db)
            patience = RECONNECT_FIRST_SECONDS
        except (psycopg.OperationalError, Unavailable) as error:
            log.warning("job_interrupted", job=job.name, reason=str(error).strip()[:300])
            pause = patience
            patience = min(patience * 2, RECONNECT_MAX_SECONDS)
        except Exception:  # the edge of the thread: one job's defect must not end the worker
            log.exception("job_failed", job=job.name)
            pause = patience
            patience = min(patience * 2, RECONNECT_MAX_SECONDS)
        stopping.wait(pause)


def start_jobs(jobs: Sequence[Job], db: Database, stopping: threading.Event) -> list[threading.Thread]:
    """One thread per job."""
    threads = [
        threading.Thread(target=run_job, args=(job, db, stopping), name=f"job-{job.name}", daemon=True) for job in jobs
    ]
    for thread in threads:
        thread.start()
    return threads


def run(db: Database, system: FlowSystem, jobs: Sequence[Job] = ()) -> None:
    """`tandem worker`: the loop and the jobs, until SIGTERM or SIGINT."""
    worker = Worker(db.url("worker"), system)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stopper(worker.stopping))
    threads = start_jobs(jobs, db, worker.stopping)
    worker.run()
    for thread in threads:
        thread.join(timeout=5)


def _stopper(stopping: threading.Event) -> Callable[[int, FrameType | None], None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    return stop
