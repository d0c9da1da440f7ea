"""Every story has a town of its own, or a part of one that several share."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.database import Database, Databases

sys.path.insert(0, str(Path(__file__).parent))
from town import Town, open_town


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    with open_town(database) as opened:
        yield opened


@pytest.fixture(scope="session")
def commons(databases: Databases) -> Iterator[Town]:
    """One town for all stories that only ask about their own people: each takes member numbers, sources and names of its own.

    Opening a town costs as much as most of these stories. Its clock only goes forward, so they tell times by `ago`.
    """
    made = databases.create()
    with open_town(made) as opened:
        yield opened
    databases.drop(made)


@pytest.fixture(scope="session")
def fair(databases: Databases) -> Iterator[Town]:
    """One town for all stories that keep out of each other's way: their flows listen to behaviours of their own names."""
    made = databases.create()
    with open_town(made) as opened:
        yield opened
    databases.drop(made)
