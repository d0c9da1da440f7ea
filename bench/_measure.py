"""Parts that benchmarks share: CPU of our processes and of PostgreSQL, load, versions."""

from __future__ import annotations

import os
import platform
import time
from dataclasses import dataclass, field
from typing import Self

import psutil
import psycopg


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, its living children and those it has waited for."""
    total = 0.0
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        total = times.user + times.system + times.children_user + times.children_system
        for child in process.children():
            try:
                one = child.cpu_times()
                total += one.user + one.system
            except psutil.Error:
                continue
    except psutil.Error:
        pass
    return total


@dataclass
class Meter:
    """`with Meter(server_pid) as m: ...` gives m.wall, m.own and m.server: seconds, and CPU seconds of our children and of PostgreSQL."""

    server_pid: int
    wall: float = 0.0
    own: float = 0.0
    server: float = 0.0
    load: float = 0.0
    _began: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0))

    def __enter__(self) -> Self:
        self.load = os.getloadavg()[0]
        self._began = (time.perf_counter(), self._ours(), cpu_of(self.server_pid))
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self._began[0]
        self.own = self._ours() - self._began[1]
        # Backends that have just ended are counted once their postmaster has waited for them.
        time.sleep(0.3)
        self.server = cpu_of(self.server_pid) - self._began[2]

    @staticmethod
    def _ours() -> float:
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system

    def per(self, n: int) -> dict[str, float]:
        """Rates for n units."""
        return {
            "wall_s": round(self.wall, 3),
            "per_second": round(n / self.wall, 1),
            "cpu_ms_each": round((self.own + self.server) / n * 1000, 5),
            "own_cpu_ms_each": round(self.own / n * 1000, 5),
            "postgres_cpu_ms_each": round(self.server / n * 1000, 5),
            "load": round(self.load, 2),
        }


def pace() -> float:
    """CPU milliseconds of one fixed loop, the middle of five: by it a slow hour of a shared machine is told from slow code."""
    taken: list[float] = []
    for _ in range(5):
        began, total = time.process_time(), 0
        for number in range(500_000):
            total += number * number
        taken.append(time.process_time() - began)
    return round(sorted(taken)[2] * 1000, 1)


def versions(connection: psycopg.Connection) -> dict[str, str]:
    """What this was measured with, and how fast the machine was just then."""
    return {
        "pace_ms": str(pace()),
        "python": platform.python_version(),
        "psycopg": psycopg.__version__,
        "postgres": connection.info.parameter_status("server_version") or "?",
        "cores": str(os.cpu_count()),
    }
