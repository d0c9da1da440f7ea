"""Asking platforms: what is new, what was before, what pushes missed. Every page is durable before the next one is asked for.

A task is a stretch of time walked in windows; a window is walked in pages. The cursor (how far, which window, which page) goes forward in
the commit that keeps the page, so a round that dies anywhere goes on at its page, and what is met twice is a duplicate at the door.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog

from tandem.connectors.kit import clocks, doorway, places, wants
from tandem.connectors.kit.failures import ConnectorFailure, Lasting, NotAuthorised, WronglySetUp
from tandem.connectors.kit.platform import Feed, Page, Platform, Resource, Window, dumped
from tandem.connectors.kit.registry import platform_of
from tandem.connectors.kit.session import Session
from tandem.connectors.kit.sweep import missing
from tandem.connectors.kit.wire import Send, wired
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import new_id
from tandem.kernel.rounds import Rounds
from tandem.stream.door.pending import take_in
from tandem.stream.door.wire import Parsed
from tandem.stream.rows import to_json
from tandem.stream.sources import raw
from tandem.stream.sources.accounts import opened_account
from tandem.stream.sources.connector import Account, body_digest

log = structlog.get_logger("tandem.connectors")

LEASE: Final = timedelta(seconds=120)
PAGES_MAX: Final = 40
"""Pages of one round; the next round goes on, so that one account's past does not hold up another's present."""
FEED_PAGES_MAX: Final = 20
"""Pages of one feed at once; the rest is wanted again, behind what others want."""
PAUSE_MAX_SECONDS: Final = 3600.0
SOURCE_BROKEN_SECONDS: Final = 1800.0


class Task(msgspec.Struct, frozen=True):
    """A row of `connector_task`."""

    account_id: UUID
    resource: str
    purpose: str
    at: datetime
    until: datetime | None
    ends_at: datetime | None
    page: str | None
    failures: int


# What is new comes first; an account's past and its sweeps take turns behind it. Materialized: as a plain subquery a join may run it again
# for each row, and lease more tasks than are worked.
_TAKE: Final = """
with d as materialized (
  select account_id, resource, purpose from connector_task
  where tenant_id = %(tenant)s and done_at is null and next_at <= now() and (leased_until is null or leased_until <= now())
  order by purpose not in ('live', 'queue'), next_at limit 1 for update skip locked)
update connector_task t set leased_until = now() + %(lease)s, holder = %(holder)s from d
where t.tenant_id = %(tenant)s and t.account_id = d.account_id and t.resource = d.resource and t.purpose = d.purpose
returning t.account_id, t.resource, t.purpose, t.at, t.until, t.ends_at, t.page, t.failures
"""


# A sweep looks at the last two days once a day.
_SWEEP_AGAIN: Final = """
update connector_task set next_at = now() + interval '1 day', started_from = now() - interval '1 day', at = now() - interval '1 day',
  ends_at = now() + interval '1 day'
where tenant_id = %(tenant)s and account_id = %(account)s and resource = %(resource)s and purpose = 'sweep'
"""


@dataclass(slots=True)
class Worker:
    """What does the asking in one process. Tests put in their own `send` and `pause`."""

    db: Database
    send: Send | None = None
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def tenant(self, tenant: UUID) -> int:
        """One due task and some wanted things of a tenant; returns how many there were."""
        return self.task(tenant) + self.fetch(tenant)

    def task(self, tenant: UUID) -> int:
        """Walk on one due task. 0: none was due."""
        holder = new_id()
        with self.db.tx("worker", tenant=tenant) as tx:
            task = tx.maybe(Task, _TAKE, {"tenant": tenant, "lease": LEASE, "holder": holder})
            account = None if task is None else opened_account(tx, account_id=task.account_id)
            _note_clock(tx, account)
        if task is None:
            return 0
        held = _Held(self.db, tenant, task, holder)
        platform = None if account is None else platform_of(account.connector)
        if account is None or platform is None or account.status != "active":
            held.end(pause=PAUSE_MAX_SECONDS)
            return 1
        try:
            with wired(self.send) as send:
                session = Session(platform, account, self.db, send, self.pause)
                pause, done = _Walk(self, held, session, platform, account).run()
        except ConnectorFailure as failure:
            held.end(pause=_pause(failure, task.failures), problem=failure)
        else:
            held.end(pause=pause, done=done)
        return 1

    def fetch(self, tenant: UUID) -> int:
        """Fetch some things that pushes named."""
        with self.db.tx("worker", tenant=tenant) as tx:
            due = wants.take(tx)
            account = opened_account(tx, source=due[0].source) if due else None
            _note_clock(tx, account)
        if not due:
            return 0
        platform = None if account is None else platform_of(account.connector)
        with wired(self.send) as send:
            for index, one in enumerate(due):
                if account is None or platform is None or account.status != "active":
                    self._later(tenant, one, {"told": "the source is switched off"}, SOURCE_BROKEN_SECONDS)
                    continue
                session = Session(platform, account, self.db, send, self.pause)
                try:
                    self._fetch_one(session, platform, account, one)
                except ConnectorFailure as failure:
                    self._put_off(tenant, due[index:], failure)
                    break
        return len(due)

    def _fetch_one(self, session: Session, platform: Platform, account: Account, one: wants.Wanted) -> None:
        try:
            resource = platform.resource(one.resource)
        except LookupError:
            resource = None
        if resource is not None and resource.feed is not None:
            self._read_on(session, account, resource, resource.feed, one)
            return
        if resource is None or resource.detail is None:
            with self.db.tx("worker", tenant=account.tenant_id) as tx:
                wants.done(tx, one)
            return
        try:
            body = resource.detail(session, one.external_id)
        except Lasting as failure:
            # This thing alone is refused (deleted, of another shop): the others are fetched, this one is tried a few times more.
            self._later(account.tenant_id, one, _told(failure), min(PAUSE_MAX_SECONDS, 60 * 2**one.failures))
            return
        with self.db.tx("door", tenant=account.tenant_id) as tx:
            keep(tx, account, resource.name, body, mode=0, standing=not resource.windowed)
            wants.done(tx, one)

    def _read_on(self, session: Session, account: Account, resource: Resource, feed: Feed, one: wants.Wanted) -> None:
        spot = places.Spot(account.id, resource.name, feed.of(one.external_id))
        with self.db.tx("worker", tenant=account.tenant_id) as tx:
            place = places.place_of(tx, spot)
        for left in reversed(range(FEED_PAGES_MAX)):
            try:
                got = feed.read_on(session, one.external_id, place)
            except Lasting as failure:
                # Perhaps the place is refused: what is read from the beginning and known already is a duplicate at the door.
                with self.db.tx("worker", tenant=account.tenant_id) as tx:
                    places.forget(tx, spot)
                    wants.failed(tx, one, _told(failure), min(PAUSE_MAX_SECONDS, 60 * 2**one.failures))
                return
            more = got.more and got.place not in ("", place)
            with self.db.tx("door", tenant=account.tenant_id) as tx:
                if got.count:
                    keep(tx, account, resource.name, got.body, mode=0, standing=not resource.windowed)
                if got.place:
                    places.put(tx, spot, got.place)
                if not more:
                    wants.done(tx, one)
                elif not left:
                    wants.again(tx, one)
            if not more:
                return
            place = got.place

    def _put_off(self, tenant: UUID, rest: list[wants.Wanted], failure: ConnectorFailure) -> None:
        for one in rest:
            self._later(tenant, one, _told(failure), _pause(failure, one.failures))

    def _later(self, tenant: UUID, one: wants.Wanted, problem: dict[str, Any], pause: float) -> None:
        with self.db.tx("worker", tenant=tenant) as tx:
            wants.failed(tx, one, problem, pause)


@dataclass(slots=True)
class _Held:
    """A task that this worker holds. Every write asks whether it still does."""

    db: Database
    tenant: UUID
    task: Task
    holder: UUID

    def params(self) -> dict[str, Any]:
        return {
            "tenant": self.tenant,
            "account": self.task.account_id,
            "resource": self.task.resource,
            "purpose": self.task.purpose,
            "holder": self.holder,
            "lease": LEASE,
        }

    def step(self, tx: Tx, *, at: datetime, until: datetime | None, page: str | None, records: int, found: int) -> None:
        """Where the walk stands now. Raises ConnectorFailure when somebody else holds the task by now."""
        held = tx.execute(
            """
            update connector_task set at = %(at)s, until = %(until)s, page = %(page)s, pages = pages + 1, records = records + %(records)s,
              found = found + %(found)s, leased_until = now() + %(lease)s, failures = 0, problem = null
            where tenant_id = %(tenant)s and account_id = %(account)s and resource = %(resource)s and purpose = %(purpose)s
              and holder = %(holder)s
            """,
            self.params() | {"at": at, "until": until, "page": page, "records": records, "found": found},
        )
        if not held:
            raise Lasting("another worker took this task over")

    def end(self, *, pause: float, problem: ConnectorFailure | None = None, done: bool = False) -> None:
        """Give the task back."""
        with self.db.tx("worker", tenant=self.tenant) as tx:
            tx.execute(
                """
                update connector_task set leased_until = null, holder = null, next_at = now() + make_interval(secs => %(pause)s),
                  failures = case when %(problem)s::text is null then 0 else failures + 1 end, problem = %(problem)s::jsonb,
                  last_ok_at = case when %(problem)s::text is null then now() else last_ok_at end,
                  done_at = case when %(done)s and purpose <> 'sweep' then now() else done_at end
                where tenant_id = %(tenant)s and account_id = %(account)s and resource = %(resource)s and purpose = %(purpose)s
                  and holder = %(holder)s
                """,
                self.params()
                | {"pause": pause, "done": done, "problem": None if problem is None else to_json(_told(problem))},
            )
            if done and self.task.purpose == "sweep":
                tx.execute(_SWEEP_AGAIN, self.params())


@dataclass(slots=True)
class _Walk:
    """One round of one task."""

    worker: Worker
    held: _Held
    session: Session
    platform: Platform
    account: Account

    def run(self) -> tuple[float, bool]:
        """Walk some pages: for how long to pause then, and whether the task is done. Raises ConnectorFailure."""
        if self.held.task.purpose == "queue":
            return self._queue(), False
        return self._pages(self.platform.resource(self.held.task.resource))

    def _pages(self, resource: Resource) -> tuple[float, bool]:
        task = self.held.task
        at, until, page = task.at, task.until, task.page
        past = resource.past if task.purpose == "backfill" else None
        ask, widest = (past, resource.past_window) if past is not None else (resource.page, resource.window_max)
        for _ in range(PAGES_MAX):
            # Platforms write late, and some refuse to be asked for the last minutes: a stretch that ends now ends a little before.
            settled = self.worker.clock() - resource.settle
            end = settled if task.ends_at is None else min(task.ends_at, settled)
            if until is None:
                until = min(end, at + widest) if resource.windowed else end
                page = None
            if until <= at:
                return float(resource.every_seconds), task.ends_at is not None
            since = at - resource.overlap if task.purpose == "live" else at
            got = ask(self.session, Window(since, until), page)
            page = got.next
            if page is None:
                at, until_next = until, None
            else:
                until_next = until
            self._keep(resource, got, at=at, until=until_next, asked=until)
            until = until_next
            # What is read whole is read once a round: a clock that went on between two pages would begin it again, for ever.
            if page is None and (at >= end or not resource.windowed):
                return float(resource.every_seconds), task.ends_at is not None
        return 0.0, False

    def _keep(self, resource: Resource, got: Page, *, at: datetime, until: datetime | None, asked: datetime) -> None:
        with self.held.db.tx("door", tenant=self.held.tenant) as tx:
            found = missing(tx, self.account, resource, got.body) if self.held.task.purpose == "sweep" else 0
            self.held.step(tx, at=at, until=until, page=got.next, records=got.count, found=found)
            if got.count:
                mode = int(self.held.task.purpose == "backfill")
                # What is read whole has no moment of its own: a count that is again what it was is news all the same.
                moment = "" if resource.windowed else asked.isoformat()
                keep(
                    tx, self.account, resource.name, got.body, mode=mode, moment=moment, standing=not resource.windowed
                )

    def _queue(self) -> float:
        queue = self.platform.queue
        if queue is None:
            return PAUSE_MAX_SECONDS
        for _ in range(PAGES_MAX):
            got = queue.take(self.session)
            with self.held.db.tx("door", tenant=self.held.tenant) as tx:
                self.held.step(tx, at=self.worker.clock(), until=None, page=None, records=got.count, found=0)
                if got.count:
                    keep(tx, self.account, doorway.QUEUE, got.body, mode=0)
            if not got.count:
                break
            # Only now, when they are durable: what is confirmed is not sent again.
            queue.confirm(self.session, got.body)
        return float(queue.every_seconds)


def keep(
    tx: Tx, account: Account, resource: str, body: Any, *, mode: int, moment: str = "", standing: bool = False
) -> None:
    """Make a page durable, to be understood by the door later. The same body again is a duplicate, unless it is of another `moment`.

    `standing`: it says what stands there, however long ago it came about.
    """
    text = dumped(body)
    delivery = body_digest(resource.encode() + moment.encode() + text)
    query = {doorway.RESOURCE: resource} | ({raw.STANDING: "1"} if standing else {})
    item = raw.envelope(account.source, delivery, tx.now, raw.wrap(text, query), mode=mode)
    take_in(tx, Parsed([item], [], {}))


def _note_clock(tx: Tx, account: Account | None) -> None:
    # A real account has no clock beside its own, and is not asked for it at every round.
    if account is not None and account.config.get("simulated"):
        clocks.note(tx, account.id)


def _pause(failure: ConnectorFailure, failures: int) -> float:
    """For how long to leave a task alone after a failure."""
    if failure.retry_after_seconds is not None:
        return min(PAUSE_MAX_SECONDS, max(0.05, failure.retry_after_seconds))
    if isinstance(failure, NotAuthorised | WronglySetUp):
        return SOURCE_BROKEN_SECONDS
    return min(PAUSE_MAX_SECONDS, 2.0 * 2 ** min(failures, 12))


def _told(failure: ConnectorFailure) -> dict[str, Any]:
    return {"kind": failure.kind, "told": failure.told[:300], "code": failure.platform_code}


def job() -> Callable[[Database], float]:
    """The worker's job: a round over tenants."""
    rounds = Rounds("connectors")

    def run(db: Database) -> float:
        worker = Worker(db)
        with db.connection("worker") as connection:
            tenants = [row[0] for row in connection.execute("select tenant_id from connector_due_tenants()")]
        return 0.0 if rounds.each(tenants, worker.tenant) else 2.0

    return run
