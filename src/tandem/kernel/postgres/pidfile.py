"""What a running server says of itself in ``postmaster.pid``, and whether that is still true."""

import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

POLL_SECONDS: Final = 0.02


@dataclass(frozen=True)
class Postmaster:
    """The lines of ``postmaster.pid`` that matter; ``status`` is starting, stopping, ready, standby or empty."""

    pid: int
    socket_dir: str
    port: int
    status: str


def read(data: Path) -> Postmaster | None:
    """Return the file's content; None when there is none or it is still being written."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        pid = abs(int(lines[0]))
    except (FileNotFoundError, IndexError, ValueError):
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else 0
    socket_dir = lines[4].strip() if len(lines) > 4 else ""
    status = lines[7].strip() if len(lines) > 7 else ""
    return Postmaster(pid, socket_dir, port, status)


def running(data: Path) -> psutil.Process | None:
    """Return the live server process of this data directory.

    A process number alone proves nothing after a reboot or in a new container, where numbers come again: the process must
    be a ``postgres`` that works in this very directory.
    """
    known = read(data)
    return None if known is None else server_process(known.pid, data)


def server_process(pid: int, data: Path) -> psutil.Process | None:
    """Return the process when it is a server working in the data directory and alive, else None."""
    try:
        process = psutil.Process(pid)
        if is_gone(process) or "postgres" not in process.name():
            return None
        same = Path(process.cwd()).samefile(data)
    except (psutil.NoSuchProcess, FileNotFoundError):
        return None
    except (psutil.AccessDenied, PermissionError):
        return None
    return process if same else None


def leftovers(data: Path) -> list[psutil.Process]:
    """Return every server process still working in the data directory: backends outlive a killed postmaster briefly."""
    servers = (process for process in psutil.process_iter(["name"]) if process.info["name"] == "postgres")
    return [process for process in servers if server_process(process.pid, data) is not None]


def is_gone(process: psutil.Process) -> bool:
    """Tell whether a process has ended; one that ended unreaped (its starter is another owner, still busy) has."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stop(process: psutil.Process, *, patience_seconds: float) -> None:
    """Stop a server: fast shutdown with its checkpoint; after the patience an immediate one (which the next start recovers)."""
    for how, seconds in ((signal.SIGINT, patience_seconds), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        deadline = time.monotonic() + seconds
        with suppress(psutil.NoSuchProcess):
            process.send_signal(how)
        while time.monotonic() < deadline:
            if is_gone(process):
                return
            time.sleep(POLL_SECONDS)
