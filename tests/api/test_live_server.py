"""The real server: a browser hears of a change over HTTP, and Ctrl-C does not wait for browsers that listen."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from harness.house import PASSWORD, House
from tandem.kernel.live import announce

SERVE = """
import os, socket, uvicorn
from tandem.kernel.settings import Settings
from tandem.web import create_app
from tandem.web.server import WebServer
config = uvicorn.Config(create_app(Settings()), log_config=None, access_log=False, timeout_graceful_shutdown=300)
WebServer(config).run(sockets=[socket.socket(fileno=int(os.environ["DOOR"]))])
"""


@pytest.fixture
def server(house: House, tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    door = socket.create_server(("127.0.0.1", 0))
    addresses = {f"TANDEM_{role.upper()}_DATABASE_URL": house.database.url(role) for role in ("web", "worker", "door")}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            env={**os.environ, **addresses, "DOOR": str(door.fileno()), "PYTHONPATH": "src"},
            pass_fds=[door.fileno()],
            stdout=log,
            stderr=log,
        )
        yield f"http://127.0.0.1:{door.getsockname()[1]}", process
        process.kill()
        process.wait(120)
    door.close()


def test_a_change_is_heard_and_stopping_ends_the_stream(
    house: House, server: tuple[str, subprocess.Popen[bytes]]
) -> None:
    address, process = server
    with httpx.Client(base_url=address, timeout=400) as browser:
        assert browser.post("/v1/session", json={"login": "marketing", "password": PASSWORD}).status_code == 200
        with browser.stream("GET", "/v1/live", params={"topics": "clock,flow:7"}) as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.iter_lines()
            assert next(lines).startswith("retry:")
            assert next(lines).startswith("id:")
            with house.db.tx("worker", tenant=house.a.id) as tx:
                announce(tx, "clock")
            told = next(line for line in lines if line.startswith('data: {"topic": "clock"'))
            assert json.loads(told.removeprefix("data: "))["data"]["moving"] is False
            process.send_signal(signal.SIGINT)
            for _rest in lines:
                pass
        # The server would wait five minutes for a browser that stays.
        process.wait(120)
