"""A burst of mixed platforms' webhooks into the durable door: verified, written, answered.

    script/bench hooks [--rates 500,1000,5000] [--seconds 10] [--web 1] [--tenants 4] [--connections 256] [--calls 20000]

Simulated platforms that push (Douyin shop, Kuaishou, WeChat shop, Youzan, Shopify, eBay) sign what they send, and the door verifies it.
`http`: at each offered rate, whole web processes behind sockets; an answer's time runs from the moment its call was due, so that a door
that falls behind is seen. The generator is a process of its own, its CPU is told apart. `door`: the same deliveries without HTTP, from
coroutines of one process: verify, group, commit. `per_commit` is how many deliveries shared a commit. Nothing resolves meanwhile, and the
gate for a tenant's backlog is raised for it. fsync is on. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing as mp
import os
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen
from uuid import UUID

import psutil
import psycopg
import uvloop

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench")]

from _measure import versions  # noqa: E402

from tandem.kernel.db import Database  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import LOGIN_ROLES, database_url, role_url, settings  # noqa: E402

PUSHING = ("douyin", "kuaishou", "wechat_shop", "youzan", "shopify", "ebay")
ACCOUNTS_EACH = 4
"""Of each platform and tenant: one account may send 6,000 a minute."""
WARM = 300


@dataclass
class Burst:
    """What one offered rate gave."""

    offered: int
    taken: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu: float = 0.0


Account = tuple[str, UUID]


def prepare(url: str, tenants: int) -> list[Account]:
    """Tenants with accounts of every pushing platform; returns (platform, account)."""
    from tandem.access.service import create_tenant
    from tandem.connectors.kit import service
    from tandem.connectors.simulator.server import keys
    from tandem.kernel.crypto import MasterKey
    from tandem.kernel.db import begin
    from tandem.migrations import migrate

    key = settings().master_key_bytes()
    migrate(url, key)
    found: list[Account] = []
    with psycopg.connect(url) as connection:
        for number in range(tenants):
            tenant = create_tenant(connection, MasterKey(key), code=f"bench{number}", name="Bench")
            tx = begin(connection, tenant=tenant)
            for name in PUSHING:
                plain, hidden = keys(name)
                for index in range(ACCOUNTS_EACH):
                    given = {**plain, **hidden, "simulated": True}
                    found.append((name, service.create(tx, name, f"{name}{index}", name, given)))
            connection.commit()
    return found


def deliveries(count: int, salt: int) -> list[tuple[str, Any]]:
    """So many signed pushes, the platforms taking turns."""
    from tandem.connectors.simulator.server import Simulation, simulators

    simulation = Simulation(epoch=datetime.now(UTC) - timedelta(minutes=1), orders_before=0)
    each = count // len(PUSHING) + 1
    made: list[list[tuple[str, Any]]] = []
    for name in PUSHING:
        shop, simulator = simulation.shops[name], simulators()[name]
        # Numbers of no other burst: a repeated delivery would be known already, and cost less.
        first = 1 + salt * 100_000
        orders = [shop.world._life(number, simulation.epoch, quick=True) for number in range(first, first + each)]  # noqa: SLF001
        made.append([(name, push) for order in orders for push in simulator.pushes(shop, order)[:1]])
    return [one for turn in zip(*made, strict=False) for one in turn][:count]


def requests(count: int, accounts: list[Account], salt: int) -> list[bytes]:
    """The bytes of so many calls, spread over the accounts."""
    by = {name: [account for known, account in accounts if known == name] for name in PUSHING}
    found: list[bytes] = []
    for number, (name, push) in enumerate(deliveries(count, salt)):
        account = by[name][number // len(PUSHING) % len(by[name])]
        query = f"?{urlencode(push.query)}" if push.query else ""
        lines = [f"POST /hooks/{name}/{account}{query} HTTP/1.1", "host: bench", f"content-length: {len(push.body)}"]
        lines += [f"{key}: {value}" for key, value in push.headers.items()]
        found.append("\r\n".join(lines).encode() + b"\r\n\r\n" + push.body)
    return found


class _Line(asyncio.Protocol):
    """A connection kept open: one call at a time, its answer read no further than needed."""

    def __init__(self, generator: _Generator) -> None:
        self.generator = generator
        self.due = 0.0
        self.transport: Any = None
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self, call: bytes, due: float) -> None:
        self.due = due
        self.transport.write(call)

    def data_received(self, data: bytes) -> None:
        data = self.rest + data if self.rest else data
        head = data.find(b"\r\n\r\n")
        at = data.find(b"content-length: ", 0, head) + 16
        if head < 0 or len(data) < head + 4 + int(data[at : data.find(b"\r\n", at)]):
            self.rest = data
            return
        self.rest = b""
        self.generator.answered(self, int(data[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.generator.lost(self)


class _Generator:
    """Calls at a rate over so many connections. One that finds every connection taken waits, and its time runs."""

    def __init__(self, calls: list[bytes], rate: float) -> None:
        self.calls = calls
        self.rate = rate
        self.burst = Burst(int(rate))
        self.free: deque[_Line] = deque()
        self.next = 0
        self.ended = asyncio.Event()
        self.begun = 0.0

    def dispatch(self) -> None:
        """Send what is due while a connection is free."""
        until = min(len(self.calls), int((time.perf_counter() - self.begun) * self.rate) + 1)
        while self.next < until and self.free:
            self.free.popleft().send(self.calls[self.next], self.begun + self.next / self.rate)
            self.next += 1

    def answered(self, line: _Line, status: int) -> None:
        burst = self.burst
        burst.taken.append(time.perf_counter() - line.due)
        burst.statuses[status] += 1
        self.free.append(line)
        if len(burst.taken) == len(self.calls):
            self.ended.set()
        else:
            self.dispatch()

    def lost(self, line: _Line) -> None:
        if line in self.free:
            self.free.remove(line)  # kept open for nothing too long
        elif not self.ended.is_set():
            self.burst.taken.append(time.perf_counter() - line.due)
            self.burst.statuses[0] += 1


async def _send(port: int, calls: list[bytes], rate: float, connections: int) -> Burst:
    generator, loop = _Generator(calls, rate), asyncio.get_running_loop()
    for _ in range(connections):
        _, line = await loop.create_connection(lambda: _Line(generator), "127.0.0.1", port)
        generator.free.append(line)
    generator.begun = time.perf_counter()
    while generator.next < len(calls):
        generator.dispatch()
        await asyncio.sleep(0.001)
    await asyncio.wait_for(generator.ended.wait(), 60)
    generator.burst.seconds = time.perf_counter() - generator.begun
    return generator.burst


def generate(port: int, calls: list[bytes], rate: float, connections: int, answer: Any) -> None:
    """In a process of its own: send the calls at a rate, tell what came of them and what it cost."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    burst = uvloop.run(_send(port, calls, rate, connections))
    after = resource.getrusage(resource.RUSAGE_SELF)
    burst.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    answer.put(burst)


@contextmanager
def web_processes(url: str, count: int, home: Path) -> Iterator[tuple[int, list[psutil.Process]]]:
    """So many web processes at one socket: (port, processes)."""
    key = settings().master_key_bytes()
    environment = {name: value for name, value in os.environ.items() if name != "TANDEM_DATABASE_URL"}
    environment |= {f"TANDEM_{role.upper()}_DATABASE_URL": role_url(url, role, key) for role in LOGIN_ROLES}
    environment |= {"TANDEM_HOME": str(home), "TANDEM_LOG_LEVEL": "warning"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT / "src"), os.environ.get("PYTHONPATH"))))
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as door:
        command = [sys.executable, "-c", _WEB, str(door.fileno())]
        started = [subprocess.Popen(command, env=environment, pass_fds=(door.fileno(),)) for _ in range(count)]
        port = door.getsockname()[1]
        try:
            _until_ready(port)
            yield port, [psutil.Process(one.pid) for one in started]
        finally:
            for one in started:
                one.terminate()
            for one in started:
                one.wait()


# The backlog gate is raised: nothing resolves here, which no installation does for ten seconds of such a burst.
_WEB = """
import sys
from tandem.stream.door import pressure
pressure.PRESSURE.pending_max = 10**9
from tandem.cli.commands import web
web(fd=int(sys.argv[1]))
"""


def _until_ready(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the web processes do not answer")


def cpu_of(processes: list[psutil.Process]) -> float:
    """CPU seconds of processes and of their children, ended ones too."""
    total = 0.0
    for one in processes:
        times = one.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
        for child in one.children():
            spent = child.cpu_times()
            total += spent.user + spent.system
    return total


def figures(burst: Burst, web: float, database: float, rows: int, commits: int) -> dict[str, Any]:
    """What is told of one rate."""
    ordered, good = sorted(burst.taken), burst.statuses[200]
    at = {share: ordered[min(len(ordered) - 1, len(ordered) * share // 100)] * 1000 for share in (50, 95, 99)}
    return {
        "offered_per_second": burst.offered,
        "answered_per_second": round(good / burst.seconds),
        **{f"p{share}_ms": round(value, 1) for share, value in at.items()},
        "statuses": {str(status): count for status, count in burst.statuses.items()},
        "durable": rows,
        "per_commit": round(rows / commits, 1) if commits else None,
        "cpu_us_each": {
            "generator": round(burst.cpu / len(ordered) * 1e6),
            "web": round(web / len(ordered) * 1e6),
            "database": round(database / len(ordered) * 1e6),
        },
        "cores_busy": {
            "generator": round(burst.cpu / burst.seconds, 2),
            "web": round(web / burst.seconds, 2),
            "database": round(database / burst.seconds, 2),
        },
    }


def over_http(url: str, accounts: list[Account], asked: argparse.Namespace, home: Path) -> list[dict[str, Any]]:
    """Each offered rate in turn."""
    found: list[dict[str, Any]] = []
    with web_processes(url, asked.web, home) as (port, web), psycopg.connect(url, autocommit=True) as look:
        postgres = psutil.Process(look.info.backend_pid).parent()
        assert postgres is not None
        _burst(port, requests(WARM, accounts, 999), 200, asked.connections)
        for number, rate in enumerate(asked.rates):
            calls = requests(int(rate * asked.seconds), accounts, number)
            before = (cpu_of(web), cpu_of([postgres]), _rows(look), _commits(look))
            burst = _burst(port, calls, rate, asked.connections)
            after = (cpu_of(web), cpu_of([postgres]), _rows(look), _commits(look))
            spent = [late - early for early, late in zip(before, after, strict=True)]
            found.append(figures(burst, spent[0], spent[1], int(spent[2]), int(spent[3])))
    return found


def _burst(port: int, calls: list[bytes], rate: float, connections: int) -> Burst:
    answer: Any = mp.get_context("fork").Queue()
    process = mp.get_context("fork").Process(target=generate, args=(port, calls, rate, connections, answer))
    process.start()
    burst: Burst = answer.get(timeout=180)
    process.join()
    return burst


def _rows(look: psycopg.Connection) -> int:
    found = look.execute("select count(*) from intake_pending").fetchone()
    return 0 if found is None else found[0]


def _commits(look: psycopg.Connection) -> int:
    """Transactions that wrote: how far the counter of transaction ids went."""
    found = look.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
    return 0 if found is None else found[0]


def without_http(url: str, accounts: list[Account], asked: argparse.Namespace) -> dict[str, Any]:
    """The same deliveries from coroutines of this process: verify, group, commit."""
    from tandem.assembly import system
    from tandem.stream.door import pressure
    from tandem.stream.sources.connector import Delivery
    from tandem.stream.sources.hooks import HookDoor
    from tandem.stream.sources.limits import Limit

    system()
    pressure.PRESSURE.pending_max = 10**9
    key = settings().master_key_bytes()
    db = Database({role: role_url(url, role, key) for role in LOGIN_ROLES}, size=8)
    door = HookDoor(db, limit=Limit(10**9, 10**9))
    by = {name: [account for known, account in accounts if known == name] for name in PUSHING}
    work = [
        (name, by[name][number // len(PUSHING) % len(by[name])], Delivery(push.headers, push.query, push.body))
        for number, (name, push) in enumerate(deliveries(asked.calls, 500))
    ]
    taken: list[float] = []

    async def caller(line: Iterator[tuple[str, UUID, Delivery]]) -> None:
        for name, account, delivery in line:
            begun = time.perf_counter()
            await door.take(await door.find(name, account), delivery)
            taken.append(time.perf_counter() - begun)

    async def whole() -> None:
        line = iter(work)
        await asyncio.gather(*(caller(line) for _ in range(asked.callers)))

    with psycopg.connect(url, autocommit=True) as look:
        rows, commits, cpu = _rows(look), _commits(look), time.process_time()
        begun = time.perf_counter()
        uvloop.run(whole())
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        rows, commits = _rows(look) - rows, _commits(look) - commits
    door.close()
    db.close()
    ordered = sorted(taken)
    return {
        "callers": asked.callers,
        "per_second": round(len(ordered) / seconds),
        "p50_ms": round(ordered[len(ordered) // 2] * 1000, 1),
        "p99_ms": round(ordered[len(ordered) * 99 // 100] * 1000, 1),
        "durable": rows,
        "per_commit": round(rows / commits, 1) if commits else None,
        "python_cpu_us_each": round(cpu / len(ordered) * 1e6),
    }


def _simulated() -> ThreadingHTTPServer:
    """The platforms, for what the door has to ask them once: the keys by which they sign."""
    from tandem.connectors.simulator.listen import serve
    from tandem.connectors.simulator.server import Simulation

    server = serve(Simulation(orders_before=0), "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=lambda text: [int(one) for one in text.split(",")], default=[500, 1000, 5000])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--web", type=int, default=1)
    parser.add_argument("--tenants", type=int, default=4)
    parser.add_argument("--connections", type=int, default=256)
    parser.add_argument("--callers", type=int, default=64)
    parser.add_argument("--calls", type=int, default=20_000)
    asked = parser.parse_args()
    os.environ.setdefault("TANDEM_MASTER_KEY", "YmVuY2gtbWFzdGVyLWtleS1iZW5jaC1tYXN0ZXIta2U=")
    simulated = _simulated()
    os.environ["TANDEM_SIMULATOR_URL"] = f"http://127.0.0.1:{simulated.server_port}"
    settings.cache_clear()
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home, EmbeddedServer(Path(home)) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("create database bench_hooks")
        url = database_url(server.url(), "bench_hooks")
        accounts = prepare(url, asked.tenants)
        with psycopg.connect(url, autocommit=True) as connection:
            told = {
                "what": "hooks",
                "http": {"web_processes": asked.web, "rates": over_http(url, accounts, asked, Path(home))},
                "door": without_http(url, accounts, asked),
                "load": round(os.getloadavg()[0], 2),
                "versions": versions(connection),
            }
        print(json.dumps(told))
    simulated.shutdown()


if __name__ == "__main__":
    main()
