"""Rehearse what an operator hopes never to do: restore from a backup, and go back to a moment before a mistake.

A base backup is taken from the running server while every change is streamed to an archive beside it. Two servers are then built
from those files alone: one as of a named moment, one as of the end. Their row counts must equal what was counted at those moments.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tandem.kernel.errors import Unavailable
from tandem.kernel.postgres import EmbeddedServer, Say, account, binaries, cluster, place, trouble

RESTORE_POINT: Final = "tandem_rehearsal"
SLOT: Final = "tandem_rehearsal"
STREAM_SECONDS_MAX: Final = 120.0
RECOVERY_SECONDS_MAX: Final = 3600.0

ARCHIVE_LATE: Final = ("archive_behind", "归档没有跟上。", "The archive did not keep up.")
RECOVERY_LATE: Final = ("recovery_late", "恢复用时过长。", "The recovery took too long.")

Counts = dict[str, int]


@dataclass(frozen=True)
class Report:
    """Row counts by table: at the moment and at the end, as counted then and as restored; and how long restoring took."""

    at_moment: Counts
    moment_restored: Counts
    at_end: Counts
    end_restored: Counts
    restore_seconds: float

    @property
    def differences(self) -> list[str]:
        """Every table whose restored count is not the one counted then."""
        pairs = (("moment", self.at_moment, self.moment_restored), ("end", self.at_end, self.end_restored))
        return [
            f"{name}: {table} had {then.get(table)} rows, restored {now.get(table)}"
            for name, then, now in pairs
            for table in sorted(then.keys() | now.keys())
            if then.get(table) != now.get(table)
        ]


def rehearse(
    server: EmbeddedServer, work: Path, say: Say, *, before: Callable[[str], None], mistake: Callable[[str], None]
) -> Report:
    """Back up, change, mark the moment, make the mistake, and restore both states below ``work``.

    ``before`` and ``mistake`` get the server's address; they stand for a day's work and for what should be undone.
    Raises Unavailable when a program fails or the archive falls behind.
    """
    url, archive, base = server.url(), work / "archive", work / "base"
    archive.mkdir(parents=True)
    with _streaming(url, archive):
        say("正在做基础备份……", "Taking a base backup ...")
        _client("pg_basebackup", ["-D", str(base), "-X", "none", "--checkpoint=fast", "--no-sync"], url)
        _client("pg_verifybackup", ["--no-parse-wal", str(base)], url)
        before(url)
        at_moment = counts(url)
        _execute(url, "select pg_create_restore_point(%s)", RESTORE_POINT)
        mistake(url)
        at_end = counts(url)
        _until_archived(url)
    begun = time.monotonic()
    moment_restored = _restored(server, work, "moment", say, f"recovery_target_name = '{RESTORE_POINT}'\n")
    end_restored = _restored(server, work, "end", say, "")
    return Report(at_moment, moment_restored, at_end, end_restored, time.monotonic() - begun)


def counts(url: str) -> Counts:
    """Count the rows of every ordinary table in one snapshot; partitions count with their parents."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        tables = connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
            " and not relispartition order by 1"
        ).fetchall()
        return {name: _count(connection, name) for (name,) in tables}


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchone()
    return 0 if row is None else int(row[0])


@contextmanager
def _streaming(url: str, archive: Path) -> Generator[None]:
    """Stream every change to the archive meanwhile, as a second machine would.

    A replication slot keeps the server from recycling what a slow stream has not fetched: without it a checkpoint that comes
    first leaves the archive waiting forever.
    """
    slot = ["-S", SLOT]
    _client("pg_receivewal", ["--create-slot", "--if-not-exists", *slot], url)
    command, environment = _command(
        "pg_receivewal", ["-D", str(archive), *slot, "--synchronous", "--status-interval=1"], url
    )
    try:
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as stream:
            try:
                _wait(url, "select exists (select from pg_stat_replication where application_name = 'pg_receivewal')")
                yield
            finally:
                stream.send_signal(signal.SIGINT)
    finally:
        # A slot left behind would keep every change from now on, until the disk is full.
        _wait(url, "select not active from pg_replication_slots where slot_name = %s", SLOT)
        _execute(url, "select pg_drop_replication_slot(%s)", SLOT)
    for partial in archive.glob("*.partial"):
        partial.rename(partial.with_suffix(""))
    # Under root the servers to come run as another account, which must be able to read what we have archived.
    place.give(archive, account.choose())


def _until_archived(url: str) -> None:
    """Close the current piece of the log and wait until the archive has all of it."""
    position = _execute(url, "select pg_switch_wal()::text")
    _wait(
        url,
        "select coalesce(bool_or(flush_lsn >= %s::pg_lsn), false) from pg_stat_replication"
        " where application_name = 'pg_receivewal'",
        position,
    )


def _wait(
    url: str,
    question: str,
    *values: object,
    late: tuple[str, str, str] = ARCHIVE_LATE,
    seconds: float = STREAM_SECONDS_MAX,
) -> None:
    deadline = time.monotonic() + seconds
    while _execute(url, question, *values) is not True:
        if time.monotonic() > deadline:
            raise Unavailable(*late)
        time.sleep(0.1)


def _restored(server: EmbeddedServer, work: Path, name: str, say: Say, target: str) -> Counts:
    """Build a server from the backup and the archive alone and count what it holds."""
    say(f"正在恢复（{name}）……", f"Restoring ({name}) ...")
    home = work / name
    data = home / "pg" / "data"
    data.parent.mkdir(parents=True)
    shutil.copytree(work / "base", data)
    data.chmod(0o700)
    shutil.copyfile(server.place.password_file, home / "pg" / "password")
    (home / "pg" / "password").chmod(0o600)
    archive = str(work / "archive").replace("'", "''")
    recovery = f"restore_command = 'cp \"{archive}/%f\" \"%p\"'\nrecovery_target_action = 'promote'\n{target}"
    (data / "custom.conf").write_text(recovery, encoding="utf-8")
    (data / "recovery.signal").touch()
    with EmbeddedServer(home, say=say) as restored:
        # It lets readers in as soon as it is consistent, while it still goes on through the log.
        _wait(restored.url(), "select not pg_is_in_recovery()", late=RECOVERY_LATE, seconds=RECOVERY_SECONDS_MAX)
        return counts(restored.url())


def _execute(url: str, statement: str, *values: object) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement, values).fetchone()  # pyright: ignore[reportArgumentType, reportCallIssue]
        return None if row is None else row[0]


def _client(name: str, arguments: list[str], url: str) -> None:
    command, environment = _command(name, arguments, url)
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise trouble.from_log("backup_failed", f"{name} 失败", f"{name} failed", done.stderr)


def _command(name: str, arguments: list[str], url: str) -> tuple[list[str], dict[str, str]]:
    """Return a client program's command line, with the password in the environment where other users cannot read it."""
    known = conninfo_to_dict(url)
    password = str(known.pop("password", ""))
    environment = {**cluster.clean_environment(), "PGPASSWORD": password, "PATH": os.environ.get("PATH", "")}
    connect = [] if name == "pg_verifybackup" else ["-d", make_conninfo("", **known)]
    return [binaries.find().program(name), *connect, *arguments], environment
