"""Do the fixtures that all rooms stand on keep their promises?"""

from collections.abc import Callable

from harness.database import Database


def test_a_fresh_database_is_ours_alone(make_database: Callable[[], Database]) -> None:
    first, second = make_database(), make_database()
    with first.connect(autocommit=True) as connection:
        connection.execute("create table only_here (n int)")
    with second.connect() as connection:
        assert connection.execute("select to_regclass('only_here')").fetchone() == (None,)


def test_the_owner_may_do_everything(database: Database) -> None:
    with database.connect("owner") as connection:
        assert connection.execute("select current_database()").fetchone() == (database.name,)
