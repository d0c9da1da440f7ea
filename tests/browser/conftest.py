"""One live product per test process, people with browsers of their own, and what to look at when something fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.database import Databases
from harness.demo import demo_database

sys.path.insert(0, str(Path(__file__).parent))
from person import Person
from product import Product, open_product

TYPE_CHECKING = False
if TYPE_CHECKING:
    from playwright.sync_api import Browser

FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The demo at work. It is shared: a test may add to it and move its clock on, and must not rely on nobody else having done so.

    While writing tests, TANDEM_TEST_ADDRESS names a server that already runs.
    """
    running_already = os.environ.get("TANDEM_TEST_ADDRESS")
    if running_already:
        yield Product(running_already, Path(os.devnull))
        return
    databases: Databases = request.getfixturevalue("databases")
    database = demo_database(databases)
    with open_product(database, tmp_path_factory.mktemp("product")) as running:
        yield running
    databases.drop(database)


@pytest.fixture
def open_person(
    chromium: Browser, product: Product, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Person]]:
    """Give a person a browser: `open_person("marketing")` is signed in, `open_person(None)` stands before the door."""
    opened: list[Person] = []

    def open_one(login: str | None, *, width: int = 1366, height: int = 768, language: str = "zh") -> Person:
        opened.append(Person.come(chromium, product, login, width=width, height=height, language=language))
        return opened[-1]

    yield open_one
    for number, person in enumerate(opened):
        if request.node.stash.get(FAILED, False):
            person.leave_traces(tmp_path, number)
        person.page.context.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser beside a server, a worker and a database on two shared cores may starve: once more, and told in the summary."""
    for item in items:
        if "browser" in item.keywords:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report
