"""Do old raw envelopes go by the day, without anybody waiting, and does what is still needed stay?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from harness.database import Database
from harness.door import Door
from tandem.kernel import retention
from tandem.kernel.settings import settings

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def _day_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that passes midnight has loaded this file on the day before."""
    monkeypatch.setitem(globals(), "TODAY", datetime.now(UTC).date())


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    made = Door(database)
    with database.connect() as owner:
        for back in (33, 32, 31, 30):
            day = TODAY - timedelta(days=back)
            owner.execute("set local role tandem_owner")
            owner.execute(
                f"create table {_name(day)} partition of intake "  # type: ignore[arg-type]
                f"for values from ('{day} 00:00+00') to ('{day + timedelta(days=1)} 00:00+00')"
            )
            owner.execute("insert into intake_day_key values (%s, %s, 'k')", (made.tenant, day))
    yield made
    made.close()


def _name(day: date) -> str:
    return f"intake_p{day:%Y%m%d}"


def _old(door: Door) -> list[int]:
    """How many days back the partitions from before yesterday lie."""
    names = door.rows(
        "select inhrelid::regclass::text from pg_inherits where inhparent = 'intake'::regclass order by 1"
    )
    days = [datetime.strptime(name[-8:], "%Y%m%d").replace(tzinfo=UTC).date() for (name,) in names]
    return [(TODAY - day).days for day in days if day < TODAY - timedelta(days=1)]


def _keys(door: Door) -> list[int]:
    return [(TODAY - row[0]).days for row in door.rows("select day from intake_day_key order by day")]


def test_days_beyond_the_set_number_go_with_their_keys(door: Door) -> None:
    assert settings().intake_retention_days == 30
    assert retention.drop_old_intake(door.db) == retention.SECONDS_BETWEEN
    assert _old(door) == _keys(door) == [30]


def test_what_waits_to_be_resolved_keeps_its_day_and_quarantine_its_key(door: Door) -> None:
    with door.database.connect() as owner:
        owner.execute(
            "insert into intake_pending values (%s, %s, gen_random_uuid())",
            (door.tenant, datetime.combine(TODAY - timedelta(days=32), datetime.min.time(), UTC)),
        )
    retention.drop_old_intake(door.db)
    assert _old(door) == [32, 31, 30]
    with door.database.connect() as owner:
        owner.execute("delete from intake_pending")
        owner.execute(
            """
            insert into quarantine (tenant_id, id, source, external_id, kind, mode, payload_enc, key_day, problems, schema_version, received_at)
            values (%s, gen_random_uuid(), 's', 'x', 'visit', 0, '', %s, '[]', '1', now())
            """,
            (door.tenant, TODAY - timedelta(days=31)),
        )
    retention.drop_old_intake(door.db)
    assert _old(door) == [30]
    assert _keys(door) == [31, 30]


def test_in_use_it_is_left_for_later(door: Door) -> None:
    with door.database.connect() as reader:
        reader.execute("select count(*) from intake")
        assert retention.drop_old_intake(door.db) == retention.BUSY_SECONDS
        assert _old(door) == [33, 32, 31, 30]
        reader.rollback()
    assert retention.drop_old_intake(door.db) == retention.SECONDS_BETWEEN
    assert _old(door) == [30]


def test_yesterday_stays_whatever_is_asked_and_only_workers_ask(door: Door) -> None:
    with door.database.connect("worker") as worker:
        while worker.execute("select tandem_drop_old_intake(-1000)").fetchone() != (None,):
            worker.commit()
    assert door.value("select to_regclass(%s) is not null", _name(TODAY - timedelta(days=1)))
    for role in ("web", "door"):
        with door.database.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select tandem_drop_old_intake(30)")
