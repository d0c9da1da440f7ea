"""Over real sockets: a simulator that hangs up, throttles, dies and returns is only passing trouble."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tandem.connectors.kit.failures import Passing, TooMany
from tandem.connectors.kit.wire import Request, Wire, check_status
from tandem.connectors.simulator.listen import serve
from tandem.connectors.simulator.server import Simulation


@pytest.fixture
def simulation() -> Simulation:
    return Simulation(epoch=datetime.now(UTC), orders_before=3)


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = Wire()
    yield made
    made.close()


def test_a_platform_that_hangs_up_dies_and_returns(simulation: Simulation, wire: Wire) -> None:
    server = serve(simulation, "127.0.0.1", 0)
    port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    token = Request("POST", f"http://127.0.0.1:{port}/taobao/auth/token", body=b"grant_type=refresh_token")
    assert wire(token).status == 400
    simulation.shops["taobao"].trouble.drop = 1
    with pytest.raises(Passing) as told:
        wire(token)
    assert str(port) not in str(told.value), "an address may hold a token"
    simulation.shops["shopify"].trouble.throttle = 1
    answer = wire(Request("GET", f"http://127.0.0.1:{port}/shopify/api/admin/api/x/shop.json"))
    with pytest.raises(TooMany) as slower:
        check_status(answer)
    assert slower.value.retry_after_seconds == 2
    server.shutdown()
    server.server_close()
    with pytest.raises(Passing):
        Wire()(token)
    again = serve(simulation, "127.0.0.1", port)
    threading.Thread(target=again.serve_forever, daemon=True).start()
    assert wire(token).status == 400
    again.shutdown()
    again.server_close()
