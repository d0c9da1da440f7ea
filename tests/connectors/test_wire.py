"""Over real sockets: a simulator that hangs up, throttles, dies and returns is only passing trouble."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
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


class Rude:
    """A platform at a socket that treats each connection as the next word says, and listens all the while."""

    WHOLE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

    def __init__(self, *manners: str) -> None:
        self.manners = iter(manners)
        self.open: list[socket.socket] = []
        self.treated = threading.Semaphore(0)
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        for manner in self.manners:
            peer, _ = self.door.accept()
            peer.recv(65_536)
            peer.sendall({"half": self.WHOLE[:-1], "whole": self.WHOLE}.get(manner, b""))
            if manner != "silent":
                peer.shutdown(socket.SHUT_WR)  # half closed: we may go on writing, and are never answered again
            self.open.append(peer)
            self.treated.release()

    def close(self) -> None:
        for one in [*self.open, self.door]:
            one.close()


def test_half_closed_and_silent_connections_are_passing_trouble() -> None:
    platform = Rude("whole", "whole", "half", "shut", "silent", "whole")
    # Only who is never answered waits in vain: all others have as long as a busy machine needs.
    wire, hasty = Wire(timeout=httpx.Timeout(60.0)), Wire(timeout=httpx.Timeout(60.0, read=0.2))
    request = Request("GET", platform.url)
    try:
        assert wire(request).body == b"{}"
        platform.treated.acquire()
        # The connection that was kept from the first call is half closed by now: the second goes by a new one.
        assert wire(request).body == b"{}"
        platform.treated.acquire()
        for one in (wire, wire, hasty):
            with pytest.raises(Passing):
                one(request)
            platform.treated.acquire()
        assert wire(request).body == b"{}"
    finally:
        wire.close()
        hasty.close()
        platform.close()
