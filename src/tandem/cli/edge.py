"""The one edge of the command line: every failure that is meant for people becomes one sentence and an exit code."""

import errno
import sys
import traceback
from datetime import UTC, datetime
from typing import Final, NoReturn

import psycopg

from tandem.cli.commands import app
from tandem.cli.talk import complain
from tandem.kernel.errors import Misconfigured, TandemError
from tandem.kernel.postgres import trouble
from tandem.kernel.settings import settings

DEFECT: Final = 70
INTERRUPTED: Final = 130

# Stable, so that a script can tell them apart. 1: any other; 2: wrong usage (Typer); 130: interrupted.
EXIT_CODES: Final = {
    "disk_full": 5,
    "port_busy": 6,
    "already_running": 7,
    "database_url": 8,
    "database_unreachable": 8,
    "database_too_old": 8,
    "database_encoding": 8,
    "postgres_missing": 9,
    "not_writable": 10,
    "settings": 11,
    "port_privileged": 11,
    "npm_registry": 12,
    "node_missing": 12,
}


def main() -> NoReturn:
    """Run the command line and leave the process."""
    sys.exit(run())


def run() -> int:
    """Run the command line and return the exit code."""
    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the edge: what is not meant for people is written down whole
        return answer(error)
    return 0


def answer(error: Exception) -> int:
    """Say what happened in one sentence; return the exit code."""
    if isinstance(error, TandemError):
        return report(error)
    if isinstance(error, psycopg.errors.DiskFull):
        return report(trouble.disk_full("PostgreSQL"))
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return report(trouble.disk_full(str(error.filename or ".")))
    if isinstance(error, OSError) and error.errno in _NOT_WRITABLE and error.filename:
        return report(_not_writable(str(error.filename)))
    return report_defect(error)


_NOT_WRITABLE: Final = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR)


def _not_writable(path: str) -> Misconfigured:
    return Misconfigured(
        "not_writable",
        f"无法写入 {path}；请修改它的权限，或用 TANDEM_HOME 指定另一个数据目录。",
        f"{path} cannot be written; change its permissions, or name another folder for the data in TANDEM_HOME.",
    )


def report_defect(error: Exception) -> int:
    """Write the traceback to a file and say where it is; return the exit code."""
    home = settings().home
    path = home / "defect.log"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat()} {sys.argv[1:]}\n")
            traceback.print_exception(error, file=file)
    except OSError:
        # Where nothing can be written the terminal is the only place left.
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}".strip().splitlines()[0]
    complain(f"程序出错了：{what}（详情见 {path}）。", f"Something broke: {what} (details in {path}).")
    return DEFECT


def report(error: TandemError) -> int:
    """Print the sentence, and the places it is about; return the exit code."""
    complain(error.zh, error.en)
    for detail in error.details:
        complain(f"  {detail.where}：{detail.what_zh}", f"{detail.where}: {detail.what_en}")
    return EXIT_CODES.get(error.code, 1)
