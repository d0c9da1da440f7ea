"""What ``script/server`` does: everything from an empty checkout to an address people can open, and back to silence."""

import base64
import fcntl
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from tandem.cli import frontend, shops
from tandem.cli.address import listen
from tandem.cli.database import Addresses, addresses, read_settings
from tandem.cli.demo import Login, ensure_demo
from tandem.cli.supervisor import POLL_SECONDS, Program, Supervisor
from tandem.cli.talk import say
from tandem.kernel.collector import calm_collector, pause_collector
from tandem.kernel.errors import Conflict
from tandem.kernel.postgres import EmbeddedServer
from tandem.kernel.settings import Settings, checkout

READY_SECONDS_MAX: Final = 120.0


class Stopped(BaseException):
    """Raised by the first SIGTERM while things are still being prepared: unwinds like Ctrl-C does."""


def serve() -> None:
    """Start everything, keep it running, stop everything in order. Returns after Ctrl-C or SIGTERM."""
    known = read_settings()
    signal.signal(signal.SIGTERM, _unwind)
    signal.signal(signal.SIGHUP, _unwind)
    try:
        with _only_one(known), listen(known.host, known.port) as door:
            web = checkout() / "web"
            if known.build_web and (web / "package.json").is_file():
                frontend.ensure_built(web, say)
            with addresses() as database:
                _prepare(known, database)
                _run(known, database, door)
    except (Stopped, KeyboardInterrupt):
        pass
    say("已停止。", "Stopped.")


def _prepare(known: Settings, database: Addresses) -> None:
    # Loads every room; a wrong setting, a busy port or a wrong address has been said by now.
    pause_collector()
    from tandem.migrations import migrate

    outcome = migrate(
        database.owner,
        known.master_key_bytes(),
        lock_timeout_seconds=known.lock_timeout_seconds,
        statement_timeout_seconds=known.migration_statement_timeout_seconds,
    )
    if outcome.before != outcome.after:
        say(f"数据库结构已升级到 {outcome.after}。", f"The database schema is now at {outcome.after}.")
    calm_collector()


def _run(known: Settings, database: Addresses, door: socket.socket) -> None:
    with shops.listening(known) as beside:
        logins = ensure_demo(database.urls, known, say) if known.demo else []
        story = shops.connect(database.urls, known) if beside is not None else None
        programs = _programs(known, database, door)
        if beside is not None and story is not None:
            programs.append(shops.program(beside, door, story, known, programs[0]))
        _supervise(known, database, door, logins, programs)


def _supervise(
    known: Settings, database: Addresses, door: socket.socket, logins: list[Login], programs: list[Program]
) -> None:
    supervisor = Supervisor(programs, say, also=_keeper(database.server))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: supervisor.stop())
    supervisor.start()
    try:
        if _until_ready(supervisor, door):
            _welcome(known, door, logins)
        supervisor.run()
    finally:
        say("正在停止……", "Stopping ...")
        supervisor.end()


def _unwind(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


# ----------------------------------------------------------------------------------------------------- processes


def _programs(known: Settings, database: Addresses, door: socket.socket) -> list[Program]:
    """Return the web and worker processes. They get the application roles' addresses, never the owner's."""
    environment = {name: value for name, value in os.environ.items() if name != "TANDEM_DATABASE_URL"}
    environment |= {
        f"TANDEM_{role.upper()}_DATABASE_URL": url for role, url in database.urls.items() if role != "owner"
    }
    environment["TANDEM_HOME"] = str(known.home.absolute())
    environment["TANDEM_MASTER_KEY"] = base64.b64encode(known.master_key_bytes()).decode("ascii")
    logs = known.home.absolute() / "logs"
    tandem = [sys.executable, "-m", "tandem"]
    descriptor = door.fileno()
    web = [
        Program(
            f"web-{n}", [*tandem, "web", "--fd", str(descriptor)], logs / f"web-{n}.log", environment, (descriptor,)
        )
        for n in range(1, known.web_processes + 1)
    ]
    workers = [
        Program(f"worker-{n}", [*tandem, "worker"], logs / f"worker-{n}.log", environment)
        for n in range(1, known.worker_processes + 1)
    ]
    return [*web, *workers]


def _keeper(server: EmbeddedServer | None) -> Callable[[], None]:
    """Return what brings the embedded server back when it died (killed for memory, say). Looks once a second."""
    if server is None:
        return lambda: None
    looked = time.monotonic()

    def keep() -> None:
        nonlocal looked
        if time.monotonic() - looked < 1.0:
            return
        looked = time.monotonic()
        if server.pid is None:
            say("PostgreSQL 意外退出，正在重新启动。", "PostgreSQL ended unexpectedly; starting it again.")
            server.start()

    return keep


def _until_ready(supervisor: Supervisor, door: socket.socket) -> bool:
    """Wait until the web process answers; False when told to stop meanwhile or after two minutes (its log says why)."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    while not supervisor.stopping and time.monotonic() < deadline:
        if _healthy(door):
            return True
        supervisor.look()
        time.sleep(POLL_SECONDS)
    return False


def _healthy(door: socket.socket) -> bool:
    try:
        with urlopen(f"{_base(door)}/healthz", timeout=2) as answer:  # noqa: S310  # our own address
            return answer.status == 200
    except (URLError, OSError):
        return False


def _base(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  # shown, not bound
    return f"http://{shown}:{port}"


def _welcome(known: Settings, door: socket.socket, logins: list[Login]) -> None:
    say(f"Tandem 已就绪：{known.public_url or _base(door)}", f"Tandem is ready: {known.public_url or _base(door)}")
    for login in logins:
        say(
            f"  演示登录 {login.name} / {login.password}（{login.zh}）",
            f"demo log-in {login.name} / {login.password} ({login.en})",
        )
    say("按 Ctrl-C 停止。", "Press Ctrl-C to stop.")


# ------------------------------------------------------------------------------------------------------ only one


@contextmanager
def _only_one(known: Settings) -> Generator[None]:
    """Hold the checkout's server lock; Conflict names the process that has it."""
    known.home.mkdir(parents=True, exist_ok=True)
    path = known.home / "server.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _already_running(path) from None
        file.truncate(0)
        file.write(f"{os.getpid()} {known.port}\n")
        file.flush()
        yield


def _already_running(path: Path) -> Conflict:
    pid, _, port = path.read_text(encoding="ascii").strip().partition(" ")
    return Conflict(
        "already_running",
        f"本目录的 Tandem 已在运行（进程 {pid}，端口 {port}）；先停止它，或用 TANDEM_HOME 指定另一个数据目录。",
        f"Tandem already runs for this checkout (process {pid}, port {port}); stop it, or name another TANDEM_HOME.",
    )
