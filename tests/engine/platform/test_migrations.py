"""Does a migrated database equal the models, whoever migrates it, how often and from where?"""

import importlib.util
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql
from sqlalchemy import create_engine

from tandem.kernel.errors import Misconfigured, Unavailable
from tandem.kernel.schema import Base
from tandem.kernel.settings import database_url, settings
from tandem.migrations import Outcome, migrate


@pytest.fixture
def empty(database_server_url: str) -> Iterator[str]:
    """The owner's address of a database with nothing in it."""
    name = f"migrated_{os.environ['TANDEM_TEST_RUN']}"
    with psycopg.connect(database_server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    yield database_url(database_server_url, name)
    with psycopg.connect(database_server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def run(empty: str) -> Callable[[], Outcome]:
    return lambda: migrate(empty, settings().master_key_bytes(), lock_timeout_seconds=0.3)


def ours(name: str | None, kind: str, _reflected: object) -> bool:
    """Partitions and Alembic's own table are in the database and not in the models."""
    return not (kind == "table" and (name == "alembic_version" or name not in Base.metadata.tables))


def differences(url: str) -> list[Any]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        options = {"include_name": ours, "compare_type": True, "compare_server_default": False}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    engine.dispose()
    return found


def test_an_empty_database_becomes_what_the_models_say(empty: str, run: Callable[[], Outcome]) -> None:
    outcome = run()
    assert outcome.before is None
    assert differences(empty) == []
    with psycopg.connect(empty) as connection:
        assert connection.execute("select version_num from alembic_version").fetchone() == (outcome.after,)


def test_a_second_migration_changes_nothing_and_waits_for_nobody(empty: str, run: Callable[[], Outcome]) -> None:
    first = run()
    with psycopg.connect(empty) as busy:
        busy.execute("lock table bucket_lease in access share mode")
        assert run() == Outcome(first.after, first.after)


def test_a_changed_model_is_brought_in(empty: str, run: Callable[[], Outcome]) -> None:
    run()
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("drop table worker_presence cascade")
        connection.execute("comment on table alembic_version is 'of an older release'")
    run()
    assert differences(empty) == []


def test_a_column_that_no_revision_adds_is_named(empty: str, run: Callable[[], Outcome]) -> None:
    run()
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("alter table bucket_lease drop column epoch cascade")
        connection.execute("comment on table alembic_version is 'of an older release'")
    with pytest.raises(Misconfigured, match=r"bucket_lease\.epoch"):
        run()


def test_a_table_that_stays_locked_stops_the_migration_with_a_sentence(empty: str, run: Callable[[], Outcome]) -> None:
    run()
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("comment on table alembic_version is 'of an older release'")
    with psycopg.connect(empty) as busy:
        busy.execute("lock table bucket_lease in access exclusive mode")
        with pytest.raises(Unavailable, match="migration_locked"):
            run()
    run()


def test_machines_that_start_together_migrate_once(run: Callable[[], Outcome]) -> None:
    with ThreadPoolExecutor(3) as pool:
        outcomes = list(pool.map(lambda _: run(), range(3)))
    assert sorted(str(outcome.before) for outcome in outcomes) == ["0001", "0001", "None"]


def test_every_revision_follows_the_one_before() -> None:
    room = importlib.util.find_spec("tandem.migrations")
    assert room is not None
    from tandem.migrations.run import alembic_configuration, head

    assert head(alembic_configuration("postgresql://nowhere")) >= "0001"
