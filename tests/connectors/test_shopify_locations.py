"""Telling a Shopify shop with several locations a count: of all together, changed at the one that was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tandem.connectors.kit.failures import Lasting
from tandem.connectors.kit.wire import Call, Credentials, Wire
from tandem.connectors.shopify.connector import PLATFORM, judge, set_stock, sign
from tandem.connectors.shopify.simulator import ITEM, LOCATION, VARIANT
from tandem.connectors.simulator.base import token
from tandem.connectors.simulator.server import SimulatedTransport, Simulation

NUMBER = 1
THING = {"sku_id": str(VARIANT + NUMBER), "listing": str(ITEM + NUMBER)}


@dataclass
class Asking:
    """An account of the simulated shop, without a database."""

    credentials: Credentials
    wire: Wire

    def call(self, call: Call) -> Any:
        return judge(call, self.wire(sign(call, self.credentials)))


@pytest.fixture
def simulation() -> Simulation:
    return Simulation(epoch=datetime.now(UTC), orders_before=1)


@pytest.fixture
def wire(simulation: Simulation) -> Iterator[Wire]:
    made = Wire(SimulatedTransport(simulation))
    yield made
    made.close()


def asking(simulation: Simulation, wire: Wire, **settings: str) -> Asking:
    made = token(simulation.shops["shopify"], "offline", 3600)
    base = {"api": "http://simulated/shopify/api"}
    return Asking(Credentials(settings, {}, datetime.now(UTC), token=made, base=base), wire)


def told(simulation: Simulation) -> int | None:
    return simulation.shops["shopify"].world.stock.get(THING["sku_id"])


def test_one_location_is_told_the_number(simulation: Simulation, wire: Wire) -> None:
    set_stock(asking(simulation, wire), THING, 37)
    assert told(simulation) == 37


def test_of_several_the_chosen_one_gets_what_the_others_do_not_have(simulation: Simulation, wire: Wire) -> None:
    shop = simulation.shops["shopify"]
    shop.memory["elsewhere"] = {7: 10, 8: 5}
    with pytest.raises(Lasting, match=rf"choose one .*Tandem \({LOCATION}\), Depot 7 \(7\)"):
        set_stock(asking(simulation, wire), THING, 37)
    with pytest.raises(Lasting, match="none of the shop's"):
        set_stock(asking(simulation, wire, location_id="9"), THING, 37)
    with pytest.raises(Lasting, match="have 15 already"):
        set_stock(asking(simulation, wire, location_id=str(LOCATION)), THING, 14)
    assert told(simulation) is None, "what is refused changes nothing"
    set_stock(asking(simulation, wire, location_id=str(LOCATION)), THING, 37)
    assert told(simulation) == 37, "22 here, 15 elsewhere"
    levels = asking(simulation, wire).call(
        Call("inventory", {"inventory_item_ids": THING["listing"]}, "GET", "inventory_levels.json")
    )["inventory_levels"]
    assert [one["available"] for one in levels] == [22, 10, 5]
    assert "location_id" in {one.name for one in PLATFORM.manifest.settings}
