"""Do the fixtures that all rooms stand on keep their promises?"""

from collections.abc import Callable

from harness.database import Database
from tandem.kernel.settings import LOGIN_ROLES


def test_a_fresh_database_is_ours_alone(make_database: Callable[[], Database]) -> None:
    first, second = make_database(), make_database()
    with first.connect(autocommit=True) as connection:
        connection.execute("create table only_here (n int)")
    with second.connect() as connection:
        assert connection.execute("select to_regclass('only_here')").fetchone() == (None,)


def test_the_owner_may_do_everything(database: Database) -> None:
    with database.connect("owner") as connection:
        assert connection.execute("select current_database()").fetchone() == (database.name,)


def test_the_application_roles_log_in_and_own_nothing(database: Database) -> None:
    for role in LOGIN_ROLES:
        with database.connect(role) as connection:
            owned = connection.execute(
                "select count(*) from pg_class where relowner = current_user::regrole"
            ).fetchone()
            assert connection.execute("select session_user").fetchone() == (f"tandem_{role}",)
            assert owned == (0,)
