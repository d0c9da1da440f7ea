"""Is every mistake around the first start one clear sentence, in the terminal's language?"""

import errno
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tandem.cli import address, edge
from tandem.cli.database import read_settings
from tandem.cli.talk import language
from tandem.kernel.errors import Misconfigured
from tandem.kernel.settings import settings

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"LANG": "C.UTF-8"}, None),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "de_DE@euro"}, "en"),
    ],
)
def test_the_language_is_the_terminals(environment: dict[str, str], expected: str | None) -> None:
    assert language(environment) == expected


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("TANDEM_PORT", "abc", "TANDEM_PORT=abc 不是整数。", "TANDEM_PORT=abc is no whole number."),
        ("TANDEM_PORT", "70000", "TANDEM_PORT=70000 应不大于 65535。", "TANDEM_PORT=70000 should be 65535 or less."),
        ("TANDEM_DEMO", "perhaps", "TANDEM_DEMO=perhaps 应为 true 或 false。", "should be true or false."),
        ("TANDEM_LOG_LEVEL", "loud", "TANDEM_LOG_LEVEL=loud 应为", "should be one of 'debug', 'info'"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, zh: str, en: str
) -> None:
    monkeypatch.setenv(name, value)
    for lang, expected in (("zh_CN.UTF-8", zh), ("en_GB.UTF-8", en)):
        monkeypatch.setenv("LANG", lang)
        settings.cache_clear()
        with pytest.raises(Misconfigured) as caught:
            read_settings()
        assert edge.answer(caught.value) == 11
        said = capsys.readouterr().err
        assert expected in said
        assert said.count("\n") == 1
    settings.cache_clear()


class Barred:
    """A socket that may not be bound, as for an ordinary user below 1024."""

    def __init__(self, *_: object) -> None: ...

    def setsockopt(self, *_: object) -> None: ...

    def bind(self, _: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    def close(self) -> None: ...


def test_a_privileged_port_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(address.socket, "socket", Barred)
    with pytest.raises(Misconfigured) as caught:
        address.listen("127.0.0.1", 80)
    assert edge.answer(caught.value) == 11
    assert "use one above 1024: TANDEM_PORT=8420 script/server" in capsys.readouterr().err


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOTDIR])
def test_a_folder_that_cannot_be_written_is_one_sentence(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert edge.answer(OSError(number, os.strerror(number), "/data/tandem")) == 10
    said = capsys.readouterr().err
    assert "/data/tandem cannot be written" in said
    assert "TANDEM_HOME" in said
    assert said.count("\n") == 1


def test_a_home_below_a_file_is_said_by_the_server(tmp_path: Path, unused_port: int) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [str(ROOT / ".venv" / "bin" / "python"), "-m", "tandem", "server"],
        env={
            **os.environ,
            "TANDEM_HOME": str(tmp_path / "file" / "home"),
            "TANDEM_PORT": str(unused_port),
            "LANG": "en_US.UTF-8",
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 10
    assert done.stderr.count("\n") == 1
    assert "cannot be written" in done.stderr


def script_without(tmp_path: Path, path: str, name: str = "answer") -> subprocess.CompletedProcess[str]:
    """Run a script of the house's shape in a checkout of its own, whose environment script only says which Python ran it."""
    folder = tmp_path / "script"
    folder.mkdir()
    shutil.copy(ROOT / "script" / "environment.sh", folder)
    (folder / "environment.py").write_text("import sys; print(sys.version_info[:2] >= (3, 11))")
    script = folder / name
    script.write_text('#!/bin/sh\nEXTRAS=""\n. "${0%/*}/environment.sh"\n')
    script.chmod(0o755)
    return subprocess.run([str(script)], env={"PATH": path}, check=False, capture_output=True, text=True)


def test_an_empty_path_finds_the_machines_python(tmp_path: Path) -> None:
    usual = any(
        Path(folder, name).exists()
        for folder in ("/usr/local/bin", "/opt/homebrew/bin", "/usr/bin", "/bin")
        for name in ("python3.13", "python3.12", "python3.11")
    )
    done = script_without(tmp_path, "")
    assert (done.returncode, done.stdout) == ((0, "True\n") if usual else (3, ""))


def test_no_git_is_needed(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3").symlink_to(ROOT / ".venv" / "bin" / "python")
    done = script_without(tmp_path, str(tools))
    assert (done.returncode, done.stdout) == (0, "True\n")


def test_no_python_is_said_in_the_terminals_language(tmp_path: Path) -> None:
    done = script_without(tmp_path, str(tmp_path))
    assert done.returncode == 3
    assert "安装后重试" in done.stderr
    assert "install it" in done.stderr
