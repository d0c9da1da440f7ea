"""Fixtures for tests of every room; see ``harness`` for how they work."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from harness.browser import chromium
from harness.costs import Costs
from harness.database import (
    begin_run,
    database,
    database_server_url,
    databases,
    end_run,
    make_database,
    module_database,
)
from harness.order import LongestFirst, longest_first

# A busy machine is no finding: how long an example or its making takes decides nothing.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# A change is judged by the same examples each time, however often it is looked at: what chance finds, it finds when somebody asks for it
# (TANDEM_TEST_EXPLORE=1), and not in the change of somebody else.
settings.register_profile("tandem", settings.get_profile("explore"), derandomize=True)
settings.load_profile("explore" if os.environ.get("TANDEM_TEST_EXPLORE") else "tandem")
if not os.environ.get("TANDEM_TEST_EXPLORE"):
    # Examples are mixed with the constants of whatever modules this worker happens to have loaded by now.
    providers._get_local_constants = lambda: providers._local_constants

# What is logged of an exception is read by nobody while tests pass. The colourful way prints the variables of each frame, the whole house
# among them: ten minutes for one on a busy machine.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

# Half a million objects that live to the end are loaded until the tests are collected: looking through them again and again took a
# quarter of the loading.
gc.disable()

__all__ = ["chromium", "database", "database_server_url", "databases", "make_database", "module_database"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--costs", type=int, nargs="?", const=25, help="name so many of the dearest files and tests, by CPU"
    )


def pytest_configure(config: pytest.Config) -> None:
    begin_run(config)
    if config.getoption("--costs"):
        config.pluginmanager.register(Costs(config.getoption("--costs")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return LongestFirst(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests recorded as a "table": measurements that belong in every run's output, also under xdist."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in getattr(report, "user_properties", []):
            if name == "table" and report.when == "call":
                terminalreporter.write_line(f"\n{value}")


def pytest_unconfigure(config: pytest.Config) -> None:
    end_run(config)
