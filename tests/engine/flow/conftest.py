"""A flow house for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.database import Database
from harness.flows import FlowHouse, open_flow_house


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database) as opened:
        yield opened
