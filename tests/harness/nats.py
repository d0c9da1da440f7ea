"""Three NATS servers on loopback that keep what they acknowledge: a cluster that tests may kill one of."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path


def program() -> str | None:
    """The server's binary: beside this Python, or on the path."""
    beside = Path(sys.executable).with_name("nats-server")
    return str(beside) if beside.exists() else shutil.which("nats-server")


def free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Cluster:
    """The servers by number. `kill` is SIGKILL: nothing is written any more."""

    def __init__(self, folder: Path, binary: str, size: int = 3) -> None:
        ports = free_ports(3 * size)
        self._clients, routes, self._monitors = ports[:size], ports[size : 2 * size], ports[2 * size :]
        self._binary = binary
        self._configs: list[Path] = []
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        peers = ", ".join(f'"nats://127.0.0.1:{port}"' for port in routes)
        for number in range(size):
            config = folder / f"n{number}.conf"
            config.write_text(
                f"""
                server_name: n{number}
                listen: "127.0.0.1:{self._clients[number]}"
                http: "127.0.0.1:{self._monitors[number]}"
                jetstream {{ store_dir: "{folder / f"n{number}"}", sync_interval: always, max_memory_store: 64MB, max_file_store: 1GB }}
                cluster {{ name: c, listen: "127.0.0.1:{routes[number]}", routes: [{peers}] }}
                """
            )
            self._configs.append(config)

    @property
    def url(self) -> str:
        return ",".join(f"nats://127.0.0.1:{port}" for port in self._clients)

    def start(self, number: int) -> None:
        self._running[number] = subprocess.Popen(
            [self._binary, "-c", str(self._configs[number])], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def start_all(self) -> None:
        for number in range(len(self._configs)):
            self.start(number)
        until = time.monotonic() + 120
        while not all(self._is_well(number) for number in range(len(self._configs))):
            assert time.monotonic() < until, "the cluster does not come up"
            time.sleep(0.2)

    def _is_well(self, number: int) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._monitors[number]}/healthz", timeout=1) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def kill(self, number: int) -> None:
        process = self._running.pop(number)
        process.kill()
        process.wait()

    def stop(self) -> None:
        for number in list(self._running):
            self.kill(number)
