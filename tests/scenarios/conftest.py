"""Every story has a town of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.database import Database

sys.path.insert(0, str(Path(__file__).parent))
from town import Town, open_town


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    with open_town(database) as opened:
        yield opened
