"""Migrate under a lock, so that several machines may start at once, and under time-outs, so that nobody waits for us long."""

import importlib.util
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from tandem.kernel.errors import Unavailable
from tandem.kernel.roles import create_all

ADVISORY_LOCK: Final = 0x54414E44
MASTER_OPTION: Final = "tandem_url"


@dataclass(frozen=True)
class Outcome:
    """What a migration did: the revision before (None: the database was empty) and after."""

    before: str | None
    after: str


def migrate(
    owner_url: str, master_key: bytes, *, lock_timeout_seconds: float = 5.0, statement_timeout_seconds: float = 600.0
) -> Outcome:
    """Bring the database to the current schema; safe to repeat and to run from several machines at once.

    Raises Unavailable when a table stays locked by others, in which case nothing of that step has happened.
    """
    load_tables()
    with psycopg.connect(owner_url, autocommit=True) as connection, _alone(connection):
        _set_timeouts(connection, lock_timeout_seconds, statement_timeout_seconds)
        before = current(connection)
        configuration = alembic_configuration(owner_url)
        try:
            if before is not None:
                command.upgrade(configuration, "head")
            create_all(connection, master_key)
        except psycopg.errors.LockNotAvailable as error:
            raise _locked() from error
        after = head(configuration)
        if before is None:
            command.stamp(configuration, "head")
    return Outcome(before, after)


def load_tables() -> None:
    """Import every room's tables; only the kernel's while the assembly does not exist."""
    if importlib.util.find_spec("tandem.assembly") is not None:
        from tandem.assembly import load_tables as load

        load()


def alembic_configuration(url: str) -> Config:
    """Return Alembic's configuration for a database; it has no file of its own."""
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent))
    configuration.attributes[MASTER_OPTION] = url
    return configuration


def head(configuration: Config) -> str:
    """Return the newest revision."""
    return ScriptDirectory.from_config(configuration).get_current_head() or "none"


def current(connection: psycopg.Connection[Any]) -> str | None:
    """Return the database's revision, None for one that Tandem has never seen."""
    if connection.execute("select to_regclass('alembic_version')").fetchone() == (None,):
        return None
    row = connection.execute("select version_num from alembic_version").fetchone()
    return None if row is None else str(row[0])


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Generator[None]:
    """Hold the installation's migration lock; another machine's migration is waited for."""
    connection.execute("select pg_advisory_lock(%s)", (ADVISORY_LOCK,))
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(%s)", (ADVISORY_LOCK,))


def _set_timeouts(connection: psycopg.Connection[Any], lock_seconds: float, statement_seconds: float) -> None:
    for name, seconds in (("lock_timeout", lock_seconds), ("statement_timeout", statement_seconds)):
        connection.execute(sql.SQL("set {} = {}").format(sql.Identifier(name), sql.Literal(f"{int(seconds * 1000)}ms")))


def _locked() -> Unavailable:
    return Unavailable(
        "migration_locked",
        "升级数据库结构时有表被其他会话长时间占用，本步骤没有生效，请稍后重试。",
        "A table stayed locked by another session during the migration; that step did not happen, try again later.",
    )
