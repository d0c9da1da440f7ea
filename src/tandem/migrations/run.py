"""Migrate under a lock, so that several machines may start at once, and under time-outs, so that nobody waits for us long."""

import hashlib
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

from tandem.kernel.errors import Misconfigured, Unavailable
from tandem.kernel.roles import OWNER, create_all, ensure_partitions, ensure_roles, statements
from tandem.kernel.schema import Base, info_of

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
    load_rooms()
    with psycopg.connect(owner_url, autocommit=True) as connection, _alone(connection):
        _set_timeouts(connection, lock_timeout_seconds, statement_timeout_seconds)
        before = current(connection)
        configuration = alembic_configuration(owner_url)
        newest = head(configuration)
        digest = digest_of(connection.info.server_version, newest)
        try:
            if before is None or digest != recorded(connection):
                _rebuild(connection, configuration, before, master_key)
                _record(connection, digest)
            else:
                _keep_up(connection, master_key)
        except psycopg.errors.LockNotAvailable as error:
            raise _locked() from error
    return Outcome(before, newest)


def _rebuild(connection: psycopg.Connection[Any], configuration: Config, before: str | None, master_key: bytes) -> None:
    if before is not None:
        command.upgrade(configuration, "head")
    _check_columns(connection)
    create_all(connection, master_key)
    if before is None:
        command.stamp(configuration, "head")


def _check_columns(connection: psycopg.Connection[Any]) -> None:
    """Refuse a database in which an existing table lacks a column: the models have grown and no revision says how it gets there."""
    rows = connection.execute(
        "select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped"
    ).fetchall()
    there = {(table, column) for table, column in rows}
    tables = {table for table, _ in there}
    missing = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if table.name in tables and (table.name, column.name) not in there
    ]
    if missing:
        named = ", ".join(missing[:10])
        raise Misconfigured(
            "schema_behind",
            f"数据库来自较早的版本，缺少 {named}，且没有对应的升级脚本；开发中的数据可以删除后重建（TANDEM_HOME 下的 pg 目录）。",
            f"This database is of an older version: it lacks {named} and no revision adds that. "
            "Data of a development version can be removed and made anew (the folder pg in TANDEM_HOME).",
        )


def _keep_up(connection: psycopg.Connection[Any], master_key: bytes) -> None:
    """Do what every start needs though the schema is the same: partitions for the days ahead, passwords after a new key.

    Policies and grants are left alone: setting them again would take a lock on every table, under the feet of running workers.
    """
    ensure_roles(connection, master_key)
    with connection.transaction():
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(OWNER)))
        ensure_partitions(connection)


def digest_of(server_version: int, revision: str) -> str:
    """Return a digest of everything that create_all would do on a server, and of the revisions."""
    digest = hashlib.sha256(revision.encode())
    for statement in statements(server_version):
        digest.update(statement.encode() + b"\0")
    for table in Base.metadata.sorted_tables:
        digest.update(repr(sorted(info_of(table).get("grants", {}).items())).encode())
    return digest.hexdigest()


def recorded(connection: psycopg.Connection[Any]) -> str | None:
    """Return the digest that the last migration left as a comment on Alembic's table."""
    row = connection.execute("select obj_description('alembic_version'::regclass, 'pg_class')").fetchone()
    return None if row is None or row[0] is None else str(row[0])


def _record(connection: psycopg.Connection[Any], digest: str) -> None:
    connection.execute(sql.SQL("comment on table alembic_version is {}").format(sql.Literal(digest)))


def load_rooms() -> None:
    """Import every room, so that the metadata holds all tables and all functions and views are registered."""
    from tandem.assembly import system

    system()


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
