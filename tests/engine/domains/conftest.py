"""A tenant with engines, for tests of domains."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from harness.database import Database
from harness.flows import FlowHouse, open_flow_house
from tandem.assembly import system
from tandem.flow.runtime import Engine
from tandem.stream.door.service import Answer, accept
from tandem.stream.door.wire import parse

Send = Callable[..., Answer]


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database) as opened:
        # The house of flow's own tests does without projections; domains are about them.
        opened.rooms = system()
        opened.engine = Engine(opened.rooms, opened.engine.worker)
        yield opened


@pytest.fixture
def send(house: FlowHouse) -> Send:
    """Hand records to the door: send((kind, payload), ..., mode=...)."""
    numbers = iter(range(1, 1_000_000))

    def hand_over(*records: tuple[str, dict[str, Any]], mode: str = "live") -> Answer:
        now = house.now().isoformat()
        events = [
            {
                "source": "pos",
                "external_id": f"x{next(numbers)}",
                "kind": kind,
                "time": now,
                "payload": payload,
                "mode": mode,
            }
            for kind, payload in records
        ]
        with house.tx("door") as tx:
            return accept(tx, house.rooms.door_kinds, parse(json.dumps({"events": events}).encode()))

    return hand_over


@pytest.fixture
def ago(house: FlowHouse) -> Callable[..., str]:
    """A moment before the tenant's now, as ISO text."""
    now: datetime = house.now()

    def moment(**length: float) -> str:
        return (now - timedelta(**length)).isoformat()

    return moment
