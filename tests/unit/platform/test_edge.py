"""Does every failure leave the command line as one sentence with a stable exit code?"""

import errno
from pathlib import Path

import psycopg
import pytest

from tandem.cli import edge
from tandem.kernel.errors import Detail, InvalidInput, TandemError
from tandem.kernel.settings import settings


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (TandemError("port_busy", "端口被占", "Port taken"), 6, "端口被占 · Port taken\n"),
        (
            InvalidInput("x", "错", "Wrong", details=(Detail("a.b", "坏", "bad"),)),
            1,
            "错 · Wrong\n  a.b：坏 · a.b: bad\n",
        ),
        (psycopg.errors.DiskFull("no room"), 5, "磁盘空间不足"),
        (OSError(errno.ENOSPC, "no space", "/data/x"), 5, "/data/x"),
    ],
)
def test_a_failure_is_a_sentence(
    error: Exception, code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edge.answer(error) == code
    assert sentence in capsys.readouterr().err


def test_a_defect_is_written_down_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TANDEM_HOME", str(tmp_path))
    settings.cache_clear()
    with pytest.raises(ZeroDivisionError) as caught:
        raise ZeroDivisionError("by zero")
    assert edge.answer(caught.value) == edge.DEFECT
    settings.cache_clear()
    assert "ZeroDivisionError: by zero" in capsys.readouterr().err
    assert "test_a_defect_is_written_down_whole" in (tmp_path / "defect.log").read_text()
