"""Are partitions there before the first row wants them, however far a clock leaps, and only where they belong?"""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from harness.database import Database
from tandem.kernel.db import connect
from tandem.kernel.partitions import make_partitions


def _partitions(database: Database, parent: str) -> set[str]:
    with database.connect() as owner:
        rows = owner.execute(
            "select inhrelid::regclass::text from pg_inherits where inhparent = %s::regclass", (parent,)
        )
        return {row[0] for row in rows}


def test_a_far_day_gets_its_partitions_once(database: Database) -> None:
    far = date.today() + timedelta(days=400)  # noqa: DTZ011 - the partitions' own calendar
    with connect(database.url("worker"), autocommit=True) as worker:
        assert make_partitions(worker, far) > 0
        assert make_partitions(worker, far) == 0
    assert f"event_p{far:%Y%m}" in _partitions(database, "event")
    assert f"intake_p{far:%Y%m%d}" in _partitions(database, "intake")
    assert f"flow_step_log_p{far:%Y%m}" in _partitions(database, "flow_step_log")


def test_made_at_run_time_they_are_like_those_made_at_a_start(database: Database) -> None:
    far = date.today() + timedelta(days=400)  # noqa: DTZ011 - the partitions' own calendar
    with connect(database.url("worker"), autocommit=True) as worker:
        make_partitions(worker, far)
    with database.connect() as owner:
        shapes = owner.execute(
            """
            select c.relname = %s, pg_get_userbyid(c.relowner)::text, c.relacl is null,
                   (select array_agg(attname || ':' || atttypid::regtype || ':' || attnotnull order by attname)
                    from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped),
                   (select count(*) from pg_index where indrelid = c.oid)
            from pg_class c join pg_inherits i on i.inhrelid = c.oid where i.inhparent = 'event'::regclass
            """,
            (f"event_p{far:%Y%m}",),
        ).fetchall()
    assert len({tuple(map(str, row[1:])) for row in shapes}) == 1
    assert any(row[0] for row in shapes)


def test_nobody_else_may_make_them(database: Database) -> None:
    for role in ("web", "door"):
        with database.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select tandem_make_partitions(now()::date)")
