"""The one edge of the command line: every failure that is meant for people becomes one sentence and an exit code."""

import errno
import sys
from typing import Final, NoReturn

import psycopg

from tandem.cli.commands import app
from tandem.cli.talk import complain
from tandem.kernel.errors import TandemError
from tandem.kernel.postgres import trouble

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
        return 130
    except TandemError as error:
        return report(error)
    except psycopg.errors.DiskFull:
        return report(trouble.disk_full("PostgreSQL"))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return report(trouble.disk_full(str(error.filename or ".")))
    return 0


def report(error: TandemError) -> int:
    """Print the sentence, and the places it is about; return the exit code."""
    complain(error.zh, error.en)
    for detail in error.details:
        complain(f"  {detail.where}：{detail.what_zh}", f"{detail.where}: {detail.what_en}")
    return EXIT_CODES.get(error.code, 1)
