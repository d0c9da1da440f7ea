"""Are children restarted when they crash, and do they end with their supervisor however it ends?"""

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tandem.cli import supervisor as room
from tandem.cli.supervisor import Program, Supervisor

pytestmark = pytest.mark.fault

CHILD = """
    import sys, time
    from pathlib import Path
    from tandem.cli.supervisor import follow_lifeline
    follow_lifeline()
    with Path(sys.argv[1]).open("a") as f:
        f.write("up\\n")
    time.sleep(600)
"""


def wait_for(condition: Callable[[], bool], seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def program(tmp_path: Path, text: str, name: str = "child") -> Program:
    command = [sys.executable, "-c", textwrap.dedent(text), str(tmp_path / "ups")]
    return Program(name, command, tmp_path / f"{name}.log", {})


def ups(tmp_path: Path) -> int:
    file = tmp_path / "ups"
    return file.read_text().count("up") if file.exists() else 0


def test_a_crashed_child_is_restarted_with_growing_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "BACKOFF_SECONDS", (0.01, 0.02, 0.04))
    told: list[str] = []
    text = 'open(__import__("sys").argv[1], "a").write("up "); raise SystemExit("no luck today")'
    watched = Supervisor([program(tmp_path, text)], lambda zh, en: told.append(en))
    watched.start()
    wait_for(lambda: watched.look() or len(told) >= 4)
    watched.end()
    assert ups(tmp_path) >= 4
    assert "no luck today" in told[0]
    assert "(1)" in told[0]


def test_ending_stops_children_and_kills_the_deaf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "STOP_PATIENCE_SECONDS", 0.5)
    deaf = """
        import signal, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(sys.argv[1], "a").write("up")
        time.sleep(600)
    """
    watched = Supervisor([program(tmp_path, CHILD, "polite"), program(tmp_path, deaf, "deaf")], lambda zh, en: None)
    watched.start()
    wait_for(lambda: ups(tmp_path) == 2)
    children = [child.process for child in watched._children]
    watched.end()
    assert all(child.poll() is not None for child in children)


SUPERVISOR = """
    import sys
    from pathlib import Path
    from tandem.cli.supervisor import Program, Supervisor
    child = [sys.executable, "-c", sys.argv[2], sys.argv[1]]
    watched = Supervisor([Program("child", child, Path(sys.argv[1] + ".log"), {})], print)
    watched.start()
    watched.run()
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_when_their_supervisor_is_killed(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-c", textwrap.dedent(SUPERVISOR), str(tmp_path / "ups"), textwrap.dedent(CHILD)]
    parent = subprocess.Popen(command)
    wait_for(lambda: ups(tmp_path) == 1)
    children = psutil.Process(parent.pid).children()
    assert len(children) == 1
    parent.send_signal(how)
    parent.wait()
    wait_for(lambda: not children[0].is_running() or children[0].status() == psutil.STATUS_ZOMBIE)
