"""One simulated WeCom corporation behind a real door, and what its people do."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from harness.connectors import Story
from harness.database import Database
from harness.door import Door
from tandem.assembly import system
from tandem.connectors.kit import wire
from tandem.connectors.simulator.server import SimulatedTransport, Simulation
from tandem.connectors.wecom.simulator.corp import Corp
from tandem.connectors.wecom.simulator.platform import SIMULATOR, corp_of
from tandem.kernel.settings import settings
from tandem.kernel.turn import Turn
from tandem.stream.apply import apply
from tandem.stream.sources.connector import Delivery

LIN, ZHAO, QIAN, SUN, ZHOU = "linxiaotong", "zhaomin", "qianwei", "sunli", "zhoujie"


class Office(Story):
    """One corporation."""

    @property
    def corp(self) -> Corp:
        return corp_of(self.shop)

    def owner(self, statement: str, *params: Any) -> None:
        """Change rows as nobody of the house may: time passes, somebody else was here."""
        with self.door.database.connect() as owner:
            owner.execute(statement, params)

    def hear(self) -> list[Delivery]:
        """The platform tells us what waits to be told."""
        sent = [Delivery(one.headers, one.query, one.body) for one in SIMULATOR.callbacks(self.shop)]
        self.post(*sent)
        return sent

    def apply(self) -> None:
        """Let the door understand what came, and every bucket's turn take it."""
        self.resolve()
        for _ in range(4):  # what a projection tells is taken in the turn after
            for lane in (0, 1, 2):
                with self.door.tx("worker") as tx:
                    applied = apply(Turn(tx, list(range(256))), system(), 1000, lane)
                assert not applied.failures, applied.failures


Kind = TypeVar("Kind", bound=Story)


@contextmanager
def opened(kind: type[Kind], database: Database) -> Generator[Kind]:
    """A corporation of two days ago, so that whoever was there at its founding is an old friend."""
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    settings.cache_clear()
    door = Door(database)
    made = kind("wecom", door, Simulation(epoch=datetime.now(UTC) - timedelta(days=2), orders_before=1))
    made.connect()
    wire.route.append(SimulatedTransport(made.simulation))
    yield made
    wire.route.clear()
    made.wire.close()
    door.close()
    monkeypatch.undo()
    settings.cache_clear()
