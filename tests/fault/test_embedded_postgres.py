"""What does the embedded server survive, and does it end with its last owner?"""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from harness.database import folders
from tandem.kernel.postgres import EmbeddedServer, pidfile, server
from tandem.kernel.postgres.trouble import PostgresTrouble

pytestmark = pytest.mark.fault

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another account")


class Told:
    """Collects what the server says."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, zh: str, en: str) -> None:
        assert zh
        self.lines.append(en)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that every account can reach and whose server is stopped afterwards whatever the test did."""
    home = Path(tempfile.mkdtemp(prefix="tandem-home-", dir=folders()[0]))
    home.chmod(0o755)
    yield home
    EmbeddedServer(home, durable=False).stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def make(home: Path) -> Callable[..., EmbeddedServer]:
    def make(*, durable: bool = False, say: Told | None = None, free_bytes_min: int = 0) -> EmbeddedServer:
        return EmbeddedServer(home, durable=durable, say=say or Told(), free_bytes_min=free_bytes_min)

    return make


def write(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select generate_series(1, 1000) as n")


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from kept").fetchone()
        assert row is not None
        return row[0]


def killed(pid: int) -> None:
    process = psutil.Process(pid)
    process.kill()
    wait_for(lambda: pidfile.is_gone(process))


def wait_for(condition: Callable[[], bool], seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_it_ends_with_its_last_owner(make: Callable[..., EmbeddedServer]) -> None:
    first, second = make(), make()
    first.start()
    pid = first.pid
    second.start()
    assert second.pid == pid
    first.close()
    assert second.pid == pid
    write(second.url())
    second.close()
    assert second.pid is None
    with make() as again:
        assert count(again.url()) == 1000


def test_its_secrets_and_data_are_private(make: Callable[..., EmbeddedServer]) -> None:
    with make() as running:
        assert stat.S_IMODE(running.place.password_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(running.place.data.stat().st_mode) == 0o700
        assert stat.S_IMODE(running.place.sockets.stat().st_mode) == 0o700
        wrong = running.url().replace(":", ":x", 2).replace("postgresql:x", "postgresql:")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(wrong)


def test_a_killed_server_recovers(make: Callable[..., EmbeddedServer]) -> None:
    running = make(durable=True)
    running.start()
    write(running.url())
    busy = psycopg.connect(running.url(), autocommit=True)
    assert running.pid is not None
    killed(running.pid)
    busy.close()
    assert running.pid is None
    running.start()
    assert count(running.url()) == 1000
    running.close()


@pytest.mark.parametrize("holder", [1, os.getpid(), 2**22 - 3], ids=["first", "ours", "nobody"])
def test_a_stale_pid_file_does_not_stop_a_start(make: Callable[..., EmbeddedServer], holder: int) -> None:
    with make() as running:
        write(running.url())
        data, sockets = running.place.data, running.place.sockets
    lines = [str(holder), str(data), "1700000000", "5432", str(sockets), "", "  123 456", "ready   "]
    (data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    (sockets / ".s.PGSQL.5432.lock").write_text(f"{holder}\n")
    with make() as again:
        assert count(again.url()) == 1000


def test_an_empty_pid_file_does_not_stop_a_start(make: Callable[..., EmbeddedServer]) -> None:
    with make() as running:
        data = running.place.data
    (data / "postmaster.pid").write_text("")
    with make() as again:
        assert again.pid is not None


OWNER_PROGRAM = """
    import sys, time
    from pathlib import Path
    from tandem.kernel.postgres import EmbeddedServer
    EmbeddedServer(Path(sys.argv[1]), durable=False).start()
    print("up", flush=True)
    time.sleep(600)
"""


def owner_process(home: Path) -> subprocess.Popen[str]:
    program = textwrap.dedent(OWNER_PROGRAM)
    return subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)


def test_the_orphan_of_a_killed_owner_is_adopted(home: Path, make: Callable[..., EmbeddedServer]) -> None:
    owner = owner_process(home)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "up\n"
    orphan = make().pid
    owner.kill()
    owner.communicate()
    told = Told()
    with make(say=told) as adopted:
        assert adopted.pid == orphan
        assert "already running" in told.text
    assert adopted.pid is None


def test_an_orphan_that_does_not_let_us_in_is_replaced(home: Path, make: Callable[..., EmbeddedServer]) -> None:
    owner = owner_process(home)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "up\n"
    orphan = make().pid
    owner.kill()
    owner.communicate()
    (home / "pg" / "password").unlink()
    told = Told()
    with make(say=told) as replaced:
        assert replaced.pid not in {None, orphan}
        assert "does not answer" in told.text


def test_owners_that_start_together_share_one_server(home: Path, make: Callable[..., EmbeddedServer]) -> None:
    owners = [owner_process(home) for _ in range(3)]
    for owner in owners:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "up\n"
    running = make()
    assert len([p for p in pidfile.leftovers(running.place.data) if p.pid == running.pid]) == 1
    for owner in owners:
        owner.kill()
        owner.communicate()


def test_a_lost_password_is_set_anew(make: Callable[..., EmbeddedServer]) -> None:
    with make() as running:
        write(running.url())
        running.place.password_file.unlink()
        running.stop()
    with make() as again:
        assert count(again.url()) == 1000


def test_a_half_made_data_directory_is_moved_aside(home: Path, make: Callable[..., EmbeddedServer]) -> None:
    data = home / "pg" / "data"
    (data / "base").mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    (data / "precious").write_text("kept")
    (home / "pg" / "data.new-123").mkdir()
    told = Told()
    with make(say=told):
        assert "half-made" in told.text
    (aside,) = (home / "pg").glob("data.broken-*")
    assert (aside / "precious").read_text() == "kept"
    assert not list((home / "pg").glob("data.new-*"))


def test_data_of_another_major_version_is_refused_untouched(make: Callable[..., EmbeddedServer]) -> None:
    with make() as running:
        data = running.place.data
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(PostgresTrouble, match="PostgreSQL 15"):
        make().start()
    (data / "PG_VERSION").write_text("18\n")


@pytest.mark.slow
def test_a_long_recovery_is_waited_for_and_told(
    make: Callable[..., EmbeddedServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PROGRESS_SECONDS", 1.0)
    with make(durable=True) as running:
        write(running.url())
        data = running.place.data
    # Archive recovery waits for its archive: at the first file eleven seconds, longer than the wheel's own patience.
    slow = f"test -e {data}/asked || {{ touch {data}/asked; sleep 11; }}; false"
    (data / "custom.conf").write_text(f"restore_command = '{slow}'\n")
    (data / "recovery.signal").touch()
    for name in ("custom.conf", "recovery.signal"):
        shutil.chown(data / name, data.owner(), data.group())
    told = Told()
    begun = time.monotonic()
    with make(durable=True, say=told) as again:
        assert time.monotonic() - begun > 10.0
        assert told.text.count("is recovering") >= 5
        assert count(again.url()) == 1000


def test_a_setting_the_server_refuses_is_quoted(make: Callable[..., EmbeddedServer]) -> None:
    with make() as running:
        data = running.place.data
    (data / "custom.conf").write_text("shared_buffers = 'lots'\n")
    shutil.chown(data / "custom.conf", data.owner(), data.group())
    with pytest.raises(PostgresTrouble, match="shared_buffers"):
        make().start()


def test_a_home_with_a_long_name_gets_a_short_socket(home: Path) -> None:
    deep = home / ("long-" * 30)
    running = EmbeddedServer(deep, durable=False)
    with running:
        sockets = running.place.sockets
        assert len(str(sockets)) < 86
        assert EmbeddedServer(deep, durable=False).place.sockets == sockets
        write(running.url())
    shutil.rmtree(sockets)


@as_root
def test_a_checkout_closed_to_others_keeps_its_data_elsewhere(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    running = EmbeddedServer(closed / "home", durable=False)
    try:
        with running:
            assert tmp_path not in running.place.data.parents
            assert running.place.password_file.is_relative_to(closed)
            write(running.url())
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(running.place.data.parent)


def test_too_little_room_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(PostgresTrouble, match="full") as refused:
        EmbeddedServer(tmp_path / "home", free_bytes_min=2**62)
    assert refused.value.code == "disk_full"
    assert not (tmp_path / "home").exists()


@as_root
def test_a_disk_that_fills_up_is_one_sentence(home: Path) -> None:
    small = home / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=755", "tmpfs", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this sandbox allows no mounts")
    try:
        with pytest.raises(PostgresTrouble) as refused:
            EmbeddedServer(small, durable=False).start()
        assert refused.value.code == "disk_full"
        assert not list((small / "pg").glob("data*"))
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_sigint_to_the_owner_does_not_reach_the_server(home: Path, make: Callable[..., EmbeddedServer]) -> None:
    owner = owner_process(home)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "up\n"
    pid = make().pid
    assert pid is not None
    assert os.getpgid(pid) != os.getpgid(owner.pid)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
