"""The life of an embedded server: start or adopt, wait as long as it recovers, stop with the last owner."""

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from tandem.kernel.postgres import account as accounts
from tandem.kernel.postgres import binaries, cluster, pidfile, place, trouble
from tandem.kernel.postgres.binaries import Installation
from tandem.kernel.postgres.ownership import Ownership
from tandem.kernel.postgres.trouble import PostgresTrouble

Say = Callable[[str, str], None]
"""Tells the person what is going on: the sentence in Chinese, the same in English."""

DATABASE: Final = "tandem"
LOG_BYTES_MAX: Final = 20_000_000
POLL_SECONDS: Final = 0.02
PROGRESS_SECONDS: Final = 5.0
STOP_PATIENCE_SECONDS: Final = 120.0
ORPHAN_PATIENCE_SECONDS: Final = 20.0
# Backends of a killed postmaster notice within a second or two; until they are gone a new server refuses the directory.
SHARED_MEMORY_PATIENCE_SECONDS: Final = 30.0


def silent(zh: str, en: str) -> None:
    """Say nothing: for tests and for commands whose output is data."""


class EmbeddedServer:
    """A PostgreSQL server of our own under ``home/pg``, shared by all processes that name the same home.

    ``durable=False`` switches safety against power loss off: for tests only. ``free_bytes_min`` refuses a start on a disk
    that is about to be full.
    """

    def __init__(self, home: Path, *, say: Say = silent, durable: bool = True, free_bytes_min: int = 0) -> None:
        self.home = Path(os.path.abspath(home))  # noqa: PTH100  # resolve() would turn a short symlink into a long socket path
        self._say = say
        self._durable = durable
        self._free_bytes_min = free_bytes_min
        self._account = accounts.choose()
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._check_space()
        self.place = place.decide(self.home, self._account)
        self._ownership = Ownership(self.place.control)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------------ addresses

    def url(self, database: str = DATABASE) -> str:
        """Return the superuser's address of a database, with its password: for this process and its children only."""
        password = quote(self.place.password_file.read_text(encoding="ascii").strip(), safe="")
        sockets = quote(str(self._socket_dir()), safe="/")
        return f"postgresql://{cluster.SUPERUSER}:{password}@/{database}?host={sockets}&port={place.PORT}"

    @property
    def pid(self) -> int | None:
        """The postmaster's process number while it runs."""
        process = pidfile.running(self.place.data)
        return None if process is None else process.pid

    def log_tail(self, bytes_max: int = 4000) -> str:
        """Return the end of what the server has logged since we started it (or of all, when we did not)."""
        if not self.place.log.exists():
            return ""
        with self.place.log.open("rb") as file:
            file.seek(max(self._log_start, self.place.log.stat().st_size - bytes_max))
            return file.read().decode(errors="replace")

    def _socket_dir(self) -> Path:
        known = pidfile.read(self.place.data)
        return Path(known.socket_dir) if known is not None and known.socket_dir else self.place.sockets

    # ------------------------------------------------------------------------------------------------- starting

    def start(self) -> None:
        """Make, start or adopt the server and become one of its owners. Returns when it answers.

        Raises PostgresTrouble: no programs, no account, no room, another major version, or the server's own last words.
        """
        with self._ownership.changing():
            self._ensure_password()
            if not self._adopted():
                self._launch()
            self._ensure_database()
            self._ownership.join()

    def _adopted(self) -> bool:
        """Use a server that already runs here: another owner's, or the orphan of a killed run. Stop one that is not well."""
        process = pidfile.running(self.place.data)
        if process is None:
            return False
        if self._wait_ready(process) and self._is_ours():
            self._say("使用已在运行的 PostgreSQL。", "PostgreSQL is already running; using it.")
            return True
        self._say(
            "发现一个无法使用的 PostgreSQL 进程，正在停止它。", "A PostgreSQL left behind does not answer; stopping it."
        )
        pidfile.stop(process, patience_seconds=ORPHAN_PATIENCE_SECONDS)
        return False

    def _is_ours(self) -> bool:
        """Tell whether the running server lets us in and is of the version that made the data."""
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=10) as connection:
                major = connection.info.server_version // 10000
        except psycopg.OperationalError:
            return False
        return major == int((self.place.data / "PG_VERSION").read_text(encoding="ascii"))

    def _launch(self) -> None:
        self._check_space()
        found = binaries.find()
        programs = Installation(place.programs_within_reach(found.bin, self.place, self._account), found.major)
        self._say("正在启动 PostgreSQL……", "Starting PostgreSQL ...")
        moved = cluster.ensure(self.place, programs, self._account, durable=self._durable)
        if moved is not None:
            self._say(f"发现不完整的数据目录，已移到 {moved}。", f"A half-made data directory was moved to {moved}.")
        self._spawn_patiently(programs)
        if not self._is_ours():
            # The password file was lost or changed since the cluster was made; whoever may write here may set a new one.
            self.stop()
            cluster.set_password(self.place, programs, self._account)
            self._spawn_patiently(programs)

    def _spawn_patiently(self, programs: Installation) -> None:
        """Start the server; try again while backends of a killed one still hold its shared memory."""
        self._clear_stale()
        deadline = time.monotonic() + SHARED_MEMORY_PATIENCE_SECONDS
        while not self._spawned(programs):
            log = self.log_tail()
            if time.monotonic() > deadline or "shared memory block" not in log:
                raise trouble.from_log("postgres_start", "PostgreSQL 没有启动", "PostgreSQL did not start", log)
            time.sleep(0.5)

    def _clear_stale(self) -> None:
        """Remove what a killed server left. Nobody else can be using it: we hold the lock and saw no live postmaster."""
        for process in pidfile.leftovers(self.place.data):
            process.terminate()
        (self.place.data / "postmaster.pid").unlink(missing_ok=True)
        for socket in self.place.sockets.glob(".s.PGSQL.*"):
            socket.unlink(missing_ok=True)

    def _spawned(self, programs: Installation) -> bool:
        """Start the server and wait until it is ready; False when it ended instead."""
        self._turn_log()
        command = [programs.program("postgres"), "-D", str(self.place.data), "-k", str(self.place.sockets)]
        command += ["-p", str(place.PORT)]
        run_as = accounts.RunAs() if self._account is None else self._account.run_as()
        with self.place.log.open("ab") as log:
            self._log_start = log.tell()
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.place.data,
                env=cluster.clean_environment(),
                # Ctrl-C in the terminal must reach the supervisor only; it then stops the server in order.
                start_new_session=True,
                **run_as,
            )
        return self._wait_ready(psutil.Process(self._child.pid))

    def _wait_ready(self, process: psutil.Process) -> bool:
        """Wait until the server reports ready, however long its recovery takes; False when the process ends first."""
        begun = told = time.monotonic()
        while True:
            if pidfile.is_gone(process):
                return False
            known = pidfile.read(self.place.data)
            if known is not None and known.pid == process.pid and known.status in ("ready", "standby"):
                return True
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                self._tell_progress(told - begun)
            time.sleep(POLL_SECONDS)

    def _tell_progress(self, seconds: float) -> None:
        last = trouble.reason_in(self.log_tail()).partition("LOG:")[2].strip()
        self._say(
            f"PostgreSQL 正在恢复，已等待 {seconds:.0f} 秒（{last}）。",
            f"PostgreSQL is recovering, {seconds:.0f} s so far ({last}).",
        )

    def _ensure_password(self) -> None:
        path = self.place.password_file
        if path.exists() and path.stat().st_size > 0:
            return
        draft = path.with_name(path.name + ".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(24) + "\n")
        draft.replace(path)

    def _ensure_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            there = connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone()
            if there is None:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))

    def _check_space(self) -> None:
        existing = next(folder for folder in (self.home, *self.home.parents) if folder.exists())
        free = shutil.disk_usage(existing).free
        if free < self._free_bytes_min:
            raise trouble.disk_full(str(self.home), free)

    def _turn_log(self) -> None:
        log = self.place.log
        if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
            log.replace(log.with_name("server.log.1"))

    # ------------------------------------------------------------------------------------------------- stopping

    def close(self) -> None:
        """Cease to be an owner; the last owner stops the server, with a checkpoint, so the next start needs no recovery."""
        with self._ownership.changing():
            if self._ownership.leave():
                self.stop()

    def stop(self) -> None:
        """Stop the server whoever uses it."""
        process = pidfile.running(self.place.data)
        if process is not None:
            pidfile.stop(process, patience_seconds=STOP_PATIENCE_SECONDS)
        if self._child is not None:
            self._child.wait()
            self._child = None


__all__ = ["EmbeddedServer", "PostgresTrouble", "Say", "silent"]
