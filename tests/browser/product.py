"""The whole product as people meet it: a database with the demo in it, one web process that serves the built web app, one worker."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from harness.database import Database as Fresh

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS_MAX = 300.0
STOP_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.1
PASSWORD = "tandem-demo"


@dataclass(frozen=True)
class Product:
    """A running Tandem: its address, and where its processes write what they do."""

    address: str
    logs: Path


@contextmanager
def open_product(database: Fresh, logs: Path) -> Iterator[Product]:
    """Run a web process and a worker on a database with the demo in it, as `script/server` does."""
    logs.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as door, ExitStack() as running:
        environment = _environment(database)
        address = f"http://127.0.0.1:{door.getsockname()[1]}"
        web = ["web", "--fd", str(door.fileno())]
        running.enter_context(_process(web, environment, logs / "web.log", door.fileno()))
        running.enter_context(_process(["worker"], environment, logs / "worker.log"))
        _until_healthy(address)
        yield Product(address, logs)


def _environment(database: Fresh) -> dict[str, str]:
    roles = {f"TANDEM_{role.upper()}_DATABASE_URL": database.url(role) for role in ("web", "worker", "door")}
    return {**os.environ, **roles, "PYTHONPATH": str(ROOT / "src")}


@contextmanager
def _process(arguments: list[str], environment: dict[str, str], log: Path, *inherited: int) -> Iterator[None]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tandem", *arguments],
            cwd=ROOT,
            env=environment,
            pass_fds=inherited,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _until_healthy(address: str) -> None:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{address}/healthz", timeout=2) as answer:  # noqa: S310  # our own address
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"{address} did not answer within {READY_SECONDS_MAX} s")
