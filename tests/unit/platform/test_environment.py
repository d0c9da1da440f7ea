"""Do the scripts find a Python, make their environment once, and say one sentence when they cannot?"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The environment script as a module, working in a project of its own."""
    spec = importlib.util.spec_from_file_location("environment_script", ROOT / "script" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_text(name)
    (tmp_path / ".venv").mkdir()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "stamp.json")
    monkeypatch.setattr(module, "STATE", tmp_path / ".tandem")
    monkeypatch.setattr(module, "LOG", tmp_path / ".tandem" / "environment.log")
    return module


class Pip:
    """Stands in for pip: answers by what it is asked to install."""

    def __init__(self, refuse: Callable[[str], str] = lambda _: "") -> None:
        self.asked: list[str] = []
        self.refuse = refuse

    def __call__(self, arguments: list[str]) -> tuple[int, str]:
        self.asked.append(arguments[-1])
        reason = self.refuse(arguments[-1])
        return (1 if reason else 0), reason


def prepared(room: ModuleType, monkeypatch: pytest.MonkeyPatch, pip: Pip) -> None:
    monkeypatch.setattr(room, "try_pip", pip)
    monkeypatch.setattr(room, "interpreter_works", lambda: True)


def test_it_installs_once_and_again_when_more_is_wanted(room: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = Pip()
    prepared(room, monkeypatch, pip)
    assert room.main({"node"}) == 0
    assert pip.asked == ["setuptools", ".[node]"]
    assert room.main({"node"}) == 0
    assert len(pip.asked) == 2
    assert room.main({"test"}) == 0
    assert pip.asked[-1] == ".[node,test]"
    assert json.loads(room.STAMP.read_text())["extras"] == ["node", "test"]
    (room.ROOT / "requirements.lock").write_text("newer")
    assert room.main({"node"}) == 0
    assert pip.asked[-1] == ".[node,test]"


def test_a_platform_without_a_build_uses_the_machines_programs(
    room: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pip = Pip(lambda asked: "no build" if "postgres" in asked else "")
    prepared(room, monkeypatch, pip)
    assert room.main({"postgres", "node"}) == 0
    assert pip.asked[-1] == ".[node]"
    assert "the machine's own is used" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("output", "code", "sentence"),
    [
        ("noise\nERROR: Could not find a version that satisfies x\n", 4, "Could not find a version"),
        ("OSError: [Errno 28] No space left on device", 5, "disk is full"),
        ("WARNING: Retrying after connection broken by 'NewConnectionError'", 4, "name a mirror in PIP_INDEX_URL"),
    ],
)
def test_a_failed_installation_is_one_sentence(
    room: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    output: str,
    code: int,
    sentence: str,
) -> None:
    prepared(room, monkeypatch, Pip(lambda _: output))
    assert room.main({"demo"}) == code
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.splitlines()) == 1
    assert not room.STAMP.exists()


def test_a_python_without_venv_is_one_sentence(
    room: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    assert room.main(set()) == 3
    assert "lacks its venv module" in capsys.readouterr().err


def test_a_full_disk_is_said_before_anything_is_made(
    room: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(room, "FREE_BYTES_MIN", 2**62)
    assert room.main(set()) == 5
    assert "磁盘空间不足" in capsys.readouterr().err


@pytest.mark.parametrize("script", ["server", "test", "lint", "bench", "rehearse-restore"])
def test_without_a_new_enough_python_it_says_so(tmp_path: Path, script: str) -> None:
    for tool in ("sh", "dirname", "env"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "TANDEM_PYTHON"}
    done = subprocess.run(
        [str(ROOT / "script" / script)],
        env={**environment, "PATH": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3
    assert "Tandem needs Python 3.11 or newer" in done.stderr
    assert "Python 3.11 或更高版本" in done.stderr


@pytest.mark.parametrize("text", ["abc", "-1", "70000", "8420 "])
def test_a_wrong_port_is_said_before_minutes_of_installing(
    room: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    pip = Pip()
    prepared(room, monkeypatch, pip)
    monkeypatch.setenv("TANDEM_PORT", text)
    assert room.main({"demo"}) == 11
    assert "no whole number from 0 to 65535" in capsys.readouterr().err
    assert pip.asked == []


def test_a_checkout_that_cannot_be_written_is_one_sentence(
    room: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied", "/opt/tandem/.venv")

    monkeypatch.setattr(room, "ensure", refuse)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert room.main({"demo"}) == 1
    assert capsys.readouterr().err == (
        "/opt/tandem/.venv cannot be written; change its permissions, or put the checkout where you may write.\n"
    )


SLOW = """
import pathlib, sys, time
print("Collecting x", flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.01)
"""


def test_a_slow_installation_is_spoken_of(
    room: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    room.STATE.mkdir()
    heard, tell = tmp_path / "heard", room.tell

    def told(seconds: float) -> None:
        """It lasts until it was spoken of, however late this machine gets to that."""
        collected = "Collecting" in room.LOG.read_text(encoding="utf-8")
        tell(seconds)
        if collected:
            heard.touch()

    monkeypatch.setattr(room, "TELL_SECONDS", 0.0)
    monkeypatch.setattr(room, "tell", told)
    code, output = room.watched([sys.executable, "-c", SLOW, str(heard)])
    assert (code, output) == (0, "Collecting x\n")
    assert "1 packages" in capsys.readouterr().out
