"""Keep a handful of processes running: start, watch, restart with back-off, stop in order."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tandem.kernel.postgres import Say

LIFELINE: Final = "TANDEM_LIFELINE_FD"
"""Names the read end of a pipe whose write end only the supervisor holds: end of file means that it is gone."""

BACKOFF_SECONDS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
HEALTHY_SECONDS: Final = 60.0
STOP_PATIENCE_SECONDS: Final = 20.0
POLL_SECONDS: Final = 0.1
LOG_BYTES_MAX: Final = 20_000_000


@dataclass(frozen=True)
class Program:
    """A process to keep running."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    pass_fds: tuple[int, ...] = ()


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    crashes: int = 0
    restart_at: float | None = None


@dataclass
class Supervisor:
    """Runs programs until told to stop. ``also`` is called at every look around, for what else must be kept alive."""

    programs: Sequence[Program]
    say: Say
    also: Callable[[], None] = lambda: None
    # No threading.Event: a signal handler that sets one while its own thread is entering or leaving `wait` waits for itself for ever.
    _stopping: bool = False
    _children: list[_Child] = field(default_factory=list["_Child"])
    _pipe: tuple[int, int] = field(default_factory=os.pipe)

    def stop(self) -> None:
        """Ask ``run`` to end; safe from a signal handler."""
        self._stopping = True

    @property
    def stopping(self) -> bool:
        return self._stopping

    def start(self) -> None:
        """Start every program."""
        self._children = [_Child(program, self._spawn(program), time.monotonic()) for program in self.programs]

    def run(self) -> None:
        """Watch until ``stop``. Children that end are restarted, later each time they fail soon after a start."""
        while not self._stopping:
            self.look()
            time.sleep(POLL_SECONDS)

    def look(self) -> None:
        """Look around once."""
        self.also()
        for child in self._children:
            self._look_after(child)

    def end(self) -> None:
        """Stop every child, politely first, and wait for it."""
        living = [child.process for child in self._children if child.process.poll() is None]
        for process in living:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_PATIENCE_SECONDS
        for process in living:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for descriptor in self._pipe:
            os.close(descriptor)

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                child.process, child.started, child.restart_at = self._spawn(child.program), now, None
            return
        code = child.process.poll()
        if code is None:
            return
        child.crashes = 1 if now - child.started > HEALTHY_SECONDS else child.crashes + 1
        wait = BACKOFF_SECONDS[min(child.crashes, len(BACKOFF_SECONDS)) - 1]
        child.restart_at = now + wait
        name, last, log = child.program.name, last_line(child.program.log), os.path.relpath(child.program.log)
        self.say(
            f"{name} 进程意外退出（{code}），{wait:.0f} 秒后重启；最后输出：{last}（日志 {log}）",
            f"{name} ended unexpectedly ({code}), starting again in {wait:.0f} s; its last words: {last} (log {log})",
        )

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        lifeline = self._pipe[0]
        program.log.parent.mkdir(parents=True, exist_ok=True)
        if program.log.exists() and program.log.stat().st_size > LOG_BYTES_MAX:
            program.log.replace(program.log.with_name(program.log.name + ".1"))
        with program.log.open("ab") as log:
            return subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**program.environment, LIFELINE: str(lifeline)},
                pass_fds=(lifeline, *program.pass_fds),
                # Ctrl-C goes to the supervisor alone, which then stops its children in order.
                process_group=0,
            )


def last_line(log: Path, bytes_max: int = 4000) -> str:
    """Return the last line of a log that says something."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - bytes_max))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def follow_lifeline() -> None:
    """End this process when the supervisor that started it is gone, however it went. No effect without a supervisor."""
    number = os.environ.pop(LIFELINE, "")
    if not number:
        return
    threading.Thread(target=_end_with, args=(int(number),), name="lifeline", daemon=True).start()


def _end_with(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_PATIENCE_SECONDS)
    os._exit(1)
