"""Are a worker's plans made anew once a table has outgrown them, and only then?"""

from __future__ import annotations

from harness.database import Database
from tandem.flow.outgrown import Growth
from tandem.flow.worker import tune
from tandem.kernel.db import Connection

_PLAN = "explain (format json) execute of_one(7)"


def expected_rows(connection: Connection) -> int:
    found = connection.execute(_PLAN).fetchone()
    connection.commit()
    assert found is not None
    return int(found[0][0]["Plan"]["Plan Rows"])


def test_plans_follow_a_table_that_has_grown(database: Database) -> None:
    growth = Growth()
    with database.connect("owner") as owner, database.connect("worker") as worker:
        owner.execute("create table grown (id int, kind int) with (autovacuum_enabled = off)")
        owner.execute("grant select on grown to tandem_worker")
        owner.execute("insert into grown values (1, 7)")
        owner.commit()
        tune(worker)
        worker.execute("prepare of_one (int) as select from grown where kind = $1")
        assert expected_rows(worker) < 100
        assert not growth.follow(worker)
        owner.execute("insert into grown select g, 7 from generate_series(1, 40000) g")
        owner.commit()
        # PostgreSQL alone keeps the plan.
        before = expected_rows(worker)
        assert before < 100
        assert growth.follow(worker)
        assert expected_rows(worker) > before
        assert not growth.follow(worker)


def test_what_stays_small_or_grows_slowly_keeps_its_plans(database: Database) -> None:
    growth = Growth()
    with database.connect("owner") as owner, database.connect("worker") as worker:
        owner.execute("create table steady (id int) with (autovacuum_enabled = off)")
        owner.execute("insert into steady select generate_series(1, 30000)")
        owner.commit()
        assert not growth.follow(worker)
        owner.execute("insert into steady select generate_series(1, 30000)")
        owner.commit()
        assert not growth.follow(worker)
