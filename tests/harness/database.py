"""A throw-away PostgreSQL for one test run, and databases cloned from a migrated template.

All xdist workers share one server: the first to need it starts it, the last to leave stops it. The run's folder carries the
process number of its pytest, so that a later run can sweep up after one that was killed.
"""

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

from tandem.kernel.postgres import EmbeddedServer
from tandem.kernel.settings import LOGIN_ROLES, Role, database_url, role_url, settings

PREFIX = "tandem-test-"
MASTER_KEY = "dGFuZGVtLXRlc3QtbWFzdGVyLWtleS0zMi1ieXRlcyE="
# On a busy disk a clone of some 1,200 files takes a second; in memory 0.03 s by copying files, 0.08 s through the log.
CLONE_STRATEGY = "file_copy"
MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108  # mkdtemp makes our own private folder in it
MEMORY_BYTES_MIN = 3_000_000_000


@dataclass(frozen=True)
class Database:
    """One fresh database holding the whole schema. Addresses by role: owner (all rights), web, worker, door."""

    name: str
    owner_url: str

    def url(self, role: Role | None = None) -> str:
        return role_url(self.owner_url, role or "owner", settings().master_key_bytes())

    def urls(self) -> dict[Role, str]:
        """The addresses that ``kernel.db.Database`` asks for."""
        return {role: self.url(role) for role in ("owner", *LOGIN_ROLES)}

    def connect(self, role: Role | None = None, *, autocommit: bool = False) -> psycopg.Connection:
        """Open a plain connection as a role; close it, or use it as a context manager."""
        return psycopg.connect(self.url(role), autocommit=autocommit)


class Databases:
    """Makes and drops databases on one server (its superuser's address is given)."""

    def __init__(self, server_url: str, run: str) -> None:
        self._server_url = server_url
        self._run = run
        self._numbers = itertools.count(1)

    @property
    def template(self) -> str:
        return f"tandem_template_{self._run}"

    def ensure_template(self) -> None:
        """Make the template unless another worker has; the caller holds the run's lock."""
        self._ensure(self.template, "template1", build_schema)

    def create(self) -> Database:
        return self._clone(self.template)

    def create_like(self, kind: str, fill: Callable[[Database], None]) -> Database:
        """A fresh database in which `fill` has already been at work: it works once in a run, on what all of this kind are cloned from."""
        template = f"{self.template}_{kind}"
        with run_lock():
            self._ensure(template, self.template, lambda url: fill(Database(url.rpartition("/")[2], url)))
        return self._clone(template)

    def _ensure(self, template: str, base: str, build: Callable[[str], None]) -> None:
        if self._exists(template):
            return
        draft = f"{template}_draft"
        self._execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(draft)))
        self._execute(sql.SQL("create database {} template {}").format(sql.Identifier(draft), sql.Identifier(base)))
        build(database_url(self._server_url, draft))
        self._execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(draft), sql.Identifier(template)))

    def _clone(self, template: str) -> Database:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        name = f"t_{self._run}_{worker}_{next(self._numbers)}"
        self._execute(
            sql.SQL("create database {} template {} strategy {}").format(
                sql.Identifier(name), sql.Identifier(template), sql.SQL(CLONE_STRATEGY)
            )
        )
        return Database(name, database_url(self._server_url, name))

    def drop(self, database: Database) -> None:
        self._execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database.name)))

    def drop_templates(self) -> None:
        """Drop what this run's databases were cloned from."""
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            found = connection.execute(
                "select datname from pg_database where starts_with(datname, %s)", (self.template,)
            ).fetchall()
        for (name,) in found:
            self._execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

    def _exists(self, name: str) -> bool:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            return connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone() is not None

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(statement)


def build_schema(url: str) -> None:
    """Build the whole schema in an empty database, as a migration does."""
    # Loads Alembic and every room; of a run's processes one alone builds the template.
    from tandem.migrations import migrate

    migrate(url, settings().master_key_bytes())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(LOCKED)


# Whoever changes runs has locked their buckets: statements find a run again by its place, which only the lock keeps (ENGINE_RULES 1). A
# row's `xmax` names who locked it last; savepoints have numbers of their own, later than their transaction's. The owner, as whom tests
# put in what they want, is asked nothing.
LOCKED = """
create schema watch;
create function watch.flow_run_locked() returns trigger language plpgsql set search_path = public as $$
declare stray text;
begin
  if session_user not in ('tandem_web', 'tandem_worker', 'tandem_door') then return null; end if;
  select string_agg(c.bucket::text, ', ') into stray from (select distinct bucket from changed) as c
  where not exists (select from bucket_lease as l where l.bucket = c.bucket
    and l.xmax::text::bigint >= pg_current_xact_id()::text::bigint and pg_xact_status(l.xmax::text::xid8) = 'in progress');
  if stray is not null then
    raise exception 'runs of bucket % are changed by who has not locked it: see kernel.turn.in_bucket', stray;
  end if;
  return null;
end $$;
create trigger updated_locked after update on flow_run referencing new table as changed for each statement execute function watch.flow_run_locked();
create trigger deleted_locked after delete on flow_run referencing old table as changed for each statement execute function watch.flow_run_locked();
revoke all on function watch.flow_run_locked() from public;
"""
WATCHES = ("deleted_locked", "updated_locked")
"""The triggers that only tests' databases have."""


# ------------------------------------------------------------------------------------------------------- the run


def begin_run(config: pytest.Config) -> None:
    """Give this run a folder and an environment of its own. Workers inherit both from the controlling process."""
    if hasattr(config, "workerinput"):
        return
    sweep_dead_runs()
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=folders()[0]))
    os.environ["TANDEM_TEST_HOME"] = str(home)
    os.environ["TANDEM_TEST_RUN"] = str(os.getpid())
    # Nothing a test does may touch the developer's own data or key.
    os.environ["TANDEM_HOME"] = str(home / "home")
    os.environ["TANDEM_MASTER_KEY"] = MASTER_KEY
    os.environ.pop("TANDEM_DATABASE_URL", None)
    settings.cache_clear()


def end_run(config: pytest.Config) -> None:
    """Remove the run's folder, stopping whatever server still runs in it."""
    if hasattr(config, "workerinput") or "TANDEM_TEST_HOME" not in os.environ:
        return
    home = Path(os.environ.pop("TANDEM_TEST_HOME"))
    override = os.environ.get("TANDEM_TEST_DATABASE_URL")
    if override:
        Databases(override, os.environ["TANDEM_TEST_RUN"]).drop_templates()
    _remove(home)


def folders() -> list[Path]:
    """Where runs may keep their data, best first: memory where there is plenty, else the temporary folder."""
    disk = Path(tempfile.gettempdir())
    roomy = MEMORY_FOLDER.is_dir() and os.access(MEMORY_FOLDER, os.W_OK)
    if roomy and shutil.disk_usage(MEMORY_FOLDER).free > MEMORY_BYTES_MIN:
        return [MEMORY_FOLDER, disk]
    return [disk]


def sweep_dead_runs() -> None:
    """Remove the folders of earlier runs whose pytest is gone (killed, or the machine stopped)."""
    for folder in (found for place in folders() for found in place.glob(f"{PREFIX}*")):
        number = folder.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)) and folder.owner() == Path.home().owner():
            _remove(folder)


def _remove(home: Path) -> None:
    if (home / "pg").exists():
        EmbeddedServer(home, durable=False).stop()
    shutil.rmtree(home, ignore_errors=True)


@contextmanager
def run_lock() -> Iterator[None]:
    """Hold the run's lock against its other workers."""
    with (Path(os.environ["TANDEM_TEST_HOME"]) / "run.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# -------------------------------------------------------------------------------------------------------- fixtures


@pytest.fixture(scope="session")
def database_server_url() -> Iterator[str]:
    """The superuser's address of the run's server: TANDEM_TEST_DATABASE_URL, else an embedded one."""
    override = os.environ.get("TANDEM_TEST_DATABASE_URL")
    if override:
        yield override
        return
    with EmbeddedServer(Path(os.environ["TANDEM_TEST_HOME"]), durable=False) as server:
        yield server.url()


@pytest.fixture(scope="session")
def databases(database_server_url: str) -> Databases:
    """The maker of databases, with its template ready."""
    made = Databases(database_server_url, os.environ["TANDEM_TEST_RUN"])
    with run_lock():
        made.ensure_template()
    return made


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """A fresh database for one test."""
    made = databases.create()
    yield made
    databases.drop(made)


@pytest.fixture(scope="module")
def module_database(databases: Databases) -> Iterator[Database]:
    """A fresh database shared by the tests of one module, for those that build something large once."""
    made = databases.create()
    yield made
    databases.drop(made)


@pytest.fixture
def make_database(databases: Databases) -> Iterator[Callable[[], Database]]:
    """Make as many fresh databases as a test wants; all are dropped afterwards."""
    made: list[Database] = []

    def make() -> Database:
        made.append(databases.create())
        return made[-1]

    yield make
    for one in made:
        databases.drop(one)
