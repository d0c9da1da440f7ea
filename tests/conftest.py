"""Fixtures for tests of every room; see ``harness`` for how they work."""

import pytest

from harness.database import (
    begin_run,
    database,
    database_server_url,
    databases,
    end_run,
    make_database,
    module_database,
)

__all__ = ["database", "database_server_url", "databases", "make_database", "module_database"]


def pytest_configure(config: pytest.Config) -> None:
    begin_run(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    end_run(config)
