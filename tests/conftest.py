"""Fixtures for tests of every room; see ``harness`` for how they work."""

import pytest

from harness.browser import chromium
from harness.database import (
    begin_run,
    database,
    database_server_url,
    databases,
    end_run,
    make_database,
    module_database,
)

__all__ = ["chromium", "database", "database_server_url", "databases", "make_database", "module_database"]


def pytest_configure(config: pytest.Config) -> None:
    begin_run(config)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded as a "table": measurements that belong in every run's output, also under xdist."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in getattr(report, "user_properties", []):
            if name == "table" and report.when == "call":
                terminalreporter.write_line(f"\n{value}")


def pytest_unconfigure(config: pytest.Config) -> None:
    end_run(config)
