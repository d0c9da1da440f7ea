"""The house for tests that go through HTTP; shared by a module, so each test makes its own things."""

from collections.abc import Iterator

import pytest

from harness.database import Database
from harness.house import House, open_house


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[House]:
    with open_house(module_database) as made:
        yield made
