"""What each test costs in CPU: its process, the processes it starts, and PostgreSQL (`pytest -n0 --costs`; on Linux).

CPU and not time, so that the figures of a busy machine compare with those of a quiet one.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PHASES = ("setup", "call", "teardown")
PROCESSES = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Costs:
    """The plugin; the summary names the dearest files and tests."""

    def __init__(self, shown: int) -> None:
        self._shown = shown

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        with counted(item, "setup"):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        with counted(item, "call"):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        with counted(item, "teardown"):
            return (yield)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        tests: dict[str, dict[str, float]] = defaultdict(dict)
        for reports in terminalreporter.stats.values():
            for report in reports:
                for name, value in getattr(report, "user_properties", []):
                    if name in PHASES:
                        tests[report.nodeid][name] = float(value)
        files: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(PHASES, 0.0))
        for node, phases in tests.items():
            for phase, seconds in phases.items():
                files[node.partition("::")[0]][phase] += seconds
        write = terminalreporter.write_line
        write(f"\nCPU: {sum(sum(phases.values()) for phases in tests.values()):.1f} s in {len(tests)} tests")
        _print(write, "dearest files", files, self._shown)
        _print(write, "dearest tests", tests, self._shown)


@contextmanager
def counted(item: pytest.Item, phase: str) -> Iterator[None]:
    before = spent()
    yield
    item.user_properties.append((phase, f"{spent() - before:.3f}"))


def spent() -> float:
    """CPU seconds so far of this process, all below it and the run's PostgreSQL, with those that have ended."""
    ticks: dict[int, int] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for folder in PROCESSES.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        number = int(folder.name)
        children[int(fields[1])].append(number)
        ticks[number] = sum(map(int, fields[11:15]))
    roots = [os.getpid(), *postmasters()]
    found: set[int] = set()
    while roots:
        number = roots.pop()
        if number not in found:
            found.add(number)
            roots += children[number]
    return sum(ticks.get(number, 0) for number in found) / TICKS


def postmasters() -> list[int]:
    """The run's own server, once it is up."""
    said = Path(os.environ.get("TANDEM_TEST_HOME", "/nonexistent"), "pg", "data", "postmaster.pid")
    try:
        return [int(said.read_text().split("\n", 1)[0])]
    except (FileNotFoundError, ValueError):
        return []


def _print(write: Callable[[str], None], title: str, costs: dict[str, dict[str, float]], shown: int) -> None:
    write(f"\n{title} (CPU seconds: all, {', '.join(PHASES)})")
    for name, phases in sorted(costs.items(), key=lambda one: -sum(one[1].values()))[:shown]:
        parts = " ".join(f"{phases.get(phase, 0.0):7.2f}" for phase in PHASES)
        write(f"{sum(phases.values()):7.2f}  {parts}  {name}")
