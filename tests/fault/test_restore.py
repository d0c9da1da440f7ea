"""Does a restore from backup bring everything back, and does recovery to a moment undo exactly the mistake?"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from harness.database import folders
from tandem.cli.rehearsal import rehearse
from tandem.kernel.postgres import EmbeddedServer, silent
from tandem.kernel.settings import settings
from tandem.migrations import migrate

pytestmark = [pytest.mark.fault, pytest.mark.slow]


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tandem-rehearsal-", dir=folders()[0]))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def a_days_work(url: str) -> None:
    execute(url, "insert into ledger_of_the_day select n, 'after the backup' from generate_series(1001, 5000) n")


def the_mistake(url: str) -> None:
    execute(url, "delete from ledger_of_the_day where n % 2 = 0", "truncate bucket_lease", "create table later (n int)")


def test_backup_archive_and_recovery_to_a_moment(folder: Path) -> None:
    with EmbeddedServer(folder / "home") as server:
        migrate(server.url(), settings().master_key_bytes())
        execute(
            server.url(),
            "create table ledger_of_the_day (n int, note text)",
            "insert into ledger_of_the_day select n, 'before the backup' from generate_series(1, 1000) n",
        )
        report = rehearse(server, folder / "work", silent, before=a_days_work, mistake=the_mistake)
    assert report.differences == []
    assert report.moment_restored["ledger_of_the_day"] == 5000
    assert report.moment_restored["bucket_lease"] == 256
    assert "later" not in report.moment_restored
    assert report.end_restored["ledger_of_the_day"] == 2500
    assert report.end_restored["bucket_lease"] == 0
    assert report.end_restored["later"] == 0
