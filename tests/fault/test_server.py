"""Does `tandem server` start, say one sentence when it cannot, survive kills, and leave nothing running?"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

from harness.database import folders
from tandem.kernel.postgres import EmbeddedServer, pidfile

pytestmark = pytest.mark.fault
ROOT = Path(__file__).resolve().parents[2]


class Running:
    """One `tandem server` process with everything it has said so far."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.output = home / f"output-{time.monotonic_ns()}.txt"
        quiet = {
            "TANDEM_DEMO": "false",
            "TANDEM_BUILD_WEB": "false",
            "TANDEM_WORKER_PROCESSES": "0",
            "TANDEM_PORT": "0",
        }
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tandem", "server"],
                cwd=ROOT,
                env={**os.environ, **quiet, "TANDEM_HOME": str(home), **environment},
                stdout=file,
                stderr=file,
            )

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def until_ready(self) -> str:
        wait_for(lambda: "Tandem is ready" in self.said or self.process.poll() is not None)
        found = re.search(r"Tandem is ready: (\S+)", self.said)
        assert found, self.said
        return found[1]

    def ended(self) -> int:
        return self.process.wait(400)

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.ended()


@contextmanager
def empty_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="tandem-home-", dir=folders()[0]))
    home.chmod(0o755)
    try:
        yield home
    finally:
        leave(home)


def leave(home: Path) -> None:
    if (home / "server.lock").exists() and (number := (home / "server.lock").read_text().split()):
        with_number = int(number[0])
        if psutil.pid_exists(with_number) and "tandem" in " ".join(psutil.Process(with_number).cmdline()):
            psutil.Process(with_number).kill()
    EmbeddedServer(home).stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def home() -> Iterator[Path]:
    with empty_home() as made:
        yield made


@dataclass(frozen=True)
class FirstStart:
    """A server that was started in an empty place, looked at, refused a second one and was stopped; what it made is good for others."""

    home: Path
    pid: int
    healthy: bool
    parts: list[psutil.Process]
    second: tuple[int, str]
    code: int
    said: str


@pytest.fixture(scope="module")
def first_start() -> Iterator[FirstStart]:
    with empty_home() as made:
        running = Running(made)
        well = healthy(running.until_ready())
        parts = children(running.process)
        second = Running(made)
        refusal = second.ended(), second.said
        yield FirstStart(made, running.process.pid, well, parts, refusal, running.stop(signal.SIGINT), running.said)


@pytest.fixture
def lived_in(home: Path, first_start: FirstStart) -> Path:
    # With their owners: as root, the database belongs to a user of its own.
    subprocess.run(["cp", "-a", f"{first_start.home}/.", str(home)], check=True)
    return home


def wait_for(condition: Callable[[], bool], seconds: float = 400.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def healthy(address: str) -> bool:
    try:
        with urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310  # our own address
            return answer.status == 200
    except (URLError, OSError):
        return False


def children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return [child for child in psutil.Process(process.pid).children() if not pidfile.is_gone(child)]


def web_process(running: Running) -> psutil.Process:
    return next(child for child in children(running.process) if "web" in child.cmdline())


def left_nothing(parts: list[psutil.Process], code: int, said: str) -> None:
    assert len(parts) == 2
    assert code == 0
    assert all(pidfile.is_gone(one) for one in parts)
    assert "Stopped." in said
    assert "Traceback" not in said


def test_it_starts_serves_and_leaves_nothing(first_start: FirstStart) -> None:
    assert first_start.healthy
    left_nothing(first_start.parts, first_start.code, first_start.said)


def test_a_second_one_in_the_same_place_says_so(first_start: FirstStart) -> None:
    code, said = first_start.second
    assert code == 7
    assert len(said.splitlines()) == 1
    assert f"process {first_start.pid}" in said


def test_a_busy_port_names_who_has_it(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = Running(home, TANDEM_PORT=str(port))
        assert refused.ended() == 6
    assert f"Port {port} is taken by process {os.getpid()}" in refused.said
    assert f"TANDEM_PORT={port + 1}" in refused.said
    assert len(refused.said.splitlines()) == 1


@pytest.mark.parametrize(
    ("environment", "code", "sentence"),
    [
        ({"TANDEM_DATABASE_URL": "localhost"}, 8, "no database address"),
        ({"TANDEM_DATABASE_URL": "postgresql://u:hidden@127.0.0.1:1/x"}, 8, "nothing listens"),
        ({"TANDEM_PORT": "many"}, 11, "TANDEM_PORT"),
        ({"TANDEM_HOST": "203.0.113.7"}, 1, "Cannot listen on 203.0.113.7"),
        ({"TANDEM_MASTER_KEY": "short"}, 1, "TANDEM_MASTER_KEY"),
        ({"TANDEM_FREE_SPACE_BYTES_MIN": str(2**62)}, 5, "full"),
    ],
)
def test_what_is_wrong_is_one_sentence(home: Path, environment: dict[str, str], code: int, sentence: str) -> None:
    refused = Running(home, **environment)
    assert refused.ended() == code, refused.said
    assert sentence in refused.said
    assert "Traceback" not in refused.said
    assert "hidden" not in refused.said


def test_after_a_kill_the_next_start_takes_over(lived_in: Path) -> None:
    killed = Running(lived_in)
    address = killed.until_ready()
    web = web_process(killed)
    server = EmbeddedServer(lived_in).pid
    killed.stop(signal.SIGKILL)
    wait_for(lambda: pidfile.is_gone(web))
    assert not healthy(address)
    port = address.rpartition(":")[2]
    again = Running(lived_in, TANDEM_PORT=port)
    assert again.until_ready() == address
    assert "already running; using it" in again.said
    assert EmbeddedServer(lived_in).pid == server
    parts = children(again.process)
    left_nothing([*parts, psutil.Process(server)], again.stop(signal.SIGTERM), again.said)
    assert EmbeddedServer(lived_in).pid is None


def test_killed_parts_come_back(lived_in: Path) -> None:
    running = Running(lived_in)
    address = running.until_ready()
    web_process(running).kill()
    wait_for(lambda: "web-1 ended unexpectedly" in running.said)
    wait_for(lambda: healthy(address))
    server = EmbeddedServer(lived_in).pid
    assert server is not None
    os.kill(server, signal.SIGKILL)
    wait_for(lambda: "PostgreSQL ended unexpectedly" in running.said)
    wait_for(lambda: EmbeddedServer(lived_in).pid not in {None, server})
    wait_for(lambda: healthy(address))
    assert running.stop() == 0
