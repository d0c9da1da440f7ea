"""Events through the whole data path: receive, resolve, apply with 50 live segments; COPY without dedupe beside it as the limit.

    script/bench intake [--n 20000] [--batch 1000] [--customers 5000] [--segments 50] [--windowed 0.2] [--new 0.1]

One process is door and worker in turn, so that the CPU of each part (Python's and its back end's) can be told apart. Row-level security,
fsync and encryption are on. Prints one JSON object; `cpu_us_each` is CPU microseconds per record sent, by part and in all;
`quiet_batch_us_each` is that of a batch which the machine's other programs hardly disturbed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench"), str(ROOT / "tests")]

from _measure import versions  # noqa: E402
from _statements import Ledger  # noqa: E402

from tandem.flow.lookout import look  # noqa: E402
from tandem.flow.runs import Work  # noqa: E402
from tandem.flow.worker import tune  # noqa: E402
from tandem.kernel.collector import calm_collector  # noqa: E402
from tandem.kernel.db import Connection, begin, connect  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import database_url, role_url, settings  # noqa: E402
from tandem.kernel.turn import Turn  # noqa: E402

CITIES = ("上海", "杭州", "苏州", "南京", "宁波")
CATEGORIES = ("奶粉", "纸尿裤", "水果", "饮料", "烘焙", "零食", "粮油", "日化")
ALL_BUCKETS = list(range(256))
TICK = os.sysconf("SC_CLK_TCK")


class Generator:
    """Seeded records: 50 % behaviour, 20 % visits, 20 % till sales of two lines, 10 % what a source knows of a person."""

    def __init__(self, seed: int, customers: int, fresh: float) -> None:
        self._chance = random.Random(seed)
        self._people = customers
        self._fresh = fresh
        self._number = 0
        self._begin = datetime.now(UTC) - timedelta(days=60)

    def identifiers(self) -> list[dict[str, str]]:
        """A known person by phone or member number; with the stated chance one nobody has seen."""
        if self._chance.random() < self._fresh:
            self._people += 1
            return self.person(self._people - 1)
        return [self._chance.choice(self.person(self._chance.randrange(self._people)))]

    @staticmethod
    def person(number: int) -> list[dict[str, str]]:
        return [{"kind": "phone", "value": f"1371{number:07d}"}, {"kind": "member_no", "value": f"M{number}"}]

    def introduce(self, number: int) -> dict[str, Any]:
        return self._record(
            "customer", {"identifiers": self.person(number), "name": f"客户{number}", "city": CITIES[number % 5]}
        )

    def product(self, number: int) -> dict[str, Any]:
        payload = {
            "product_id": f"p{number}",
            "name": f"商品{number}",
            "category": CATEGORIES[number % 8],
            "department": "食品",
        }
        return self._record("product", payload)

    def record(self) -> dict[str, Any]:
        roll = self._chance.random()
        at = (self._begin + timedelta(seconds=self._number)).isoformat()
        if roll < 0.5:
            payload: dict[str, Any] = {
                "name": "looked",
                "identifiers": self.identifiers(),
                "at": at,
                "properties": {"page": "p1", "seconds": 12},
            }
            return self._record("behaviour", payload, at)
        if roll < 0.7:
            return self._record("visit", {"store": "s1", "identifiers": self.identifiers(), "at": at}, at)
        if roll < 0.9:
            return self._record("order", self._order(at), at)
        payload = {
            "identifiers": self.identifiers(),
            "name": f"客户{self._chance.randrange(9999)}",
            "city": self._chance.choice(CITIES),
        }
        return self._record("customer", payload, at)

    def _order(self, at: str) -> dict[str, Any]:
        lines = [
            {
                "line_no": number,
                "product_id": f"p{self._chance.randrange(200)}",
                "quantity": 1,
                "amount": self._chance.randrange(1, 200),
            }
            for number in (1, 2)
        ]
        total = sum(line["amount"] for line in lines)
        person = {
            "order_id": f"o{self._number}",
            "identifiers": self.identifiers(),
            "status": "paid",
            "placed_at": at,
            "paid_at": at,
        }
        return {**person, "total": total, "lines": lines, "store": "s1"}

    def _record(self, kind: str, payload: dict[str, Any], at: str | None = None) -> dict[str, Any]:
        self._number += 1
        when = at or self._begin.isoformat()
        return {"source": "bench", "external_id": f"r{self._number}", "kind": kind, "time": when, "payload": payload}


class Parts:
    """CPU microseconds of this process and of one back end, by part."""

    def __init__(self, *connections: Connection) -> None:
        self._backends = [psutil.Process(one.info.backend_pid) for one in connections]
        self.python: dict[str, float] = defaultdict(float)
        self.postgres: dict[str, float] = defaultdict(float)
        self.wall: dict[str, float] = defaultdict(float)
        self._batches: list[float] = [0.0]

    def batch_done(self) -> None:
        """Note what the batch cost, so that the quiet ones can be told from those that other programs disturbed."""
        self._batches.append(sum(self.python.values()) + sum(self.postgres.values()))

    def quiet(self) -> float:
        """CPU seconds of a batch that hardly anything disturbed: the cheapest fifth's dearest."""
        costs = sorted(after - before for before, after in pairwise(self._batches))
        return costs[len(costs) // 5] if costs else 0.0

    def _server(self) -> float:
        total = 0.0
        for backend in self._backends:
            # schedstat counts nanoseconds; /proc/PID/stat only ticks.
            total += int(Path(f"/proc/{backend.pid}/schedstat").read_text().split()[0]) / 1e9
        return total

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        # Our own clock is read last and first: reading the others' (two files) is no work of the part.
        server, wall = self._server(), time.perf_counter()
        own = time.process_time()
        yield
        self.python[name] += time.process_time() - own
        self.postgres[name] += self._server() - server
        self.wall[name] += time.perf_counter() - wall

    def report(self, n: int) -> dict[str, Any]:
        def each(seconds: float) -> float:
            return round(seconds / n * 1e6, 1)

        names = list(self.python)
        whole = sum(self.python.values()) + sum(self.postgres.values())
        return {
            "parts_us": {
                name: {"python": each(self.python[name]), "postgres": each(self.postgres[name])} for name in names
            },
            "cpu_us_each": each(whole),
            "python_us_each": each(sum(self.python.values())),
            "postgres_us_each": each(sum(self.postgres.values())),
            "wall_s": round(sum(self.wall.values()), 3),
            "per_second": round(n / sum(self.wall.values())),
        }


def segment_texts(count: int, windowed: float) -> list[str]:
    """Live segments of the kinds people make: a share looks into windows of orders and visits, the others at who and how much."""
    made: list[str] = []
    for number in range(count):
        category = CATEGORIES[number % 8]
        kinds = (
            f"count(orders where paid_at >= now() - {30 + number} days) >= {1 + number % 4}",
            f"count(purchases where category = '{category}' and paid_at >= now() - 90 days) >= 2",
            f"count(visits where at >= now() - {7 + number} days) >= {1 + number % 3}",
        )
        plain = (
            f"customer.city = '{CITIES[number % 5]}' and customer.order_count >= {number // 5}",
            f"customer.spend_total > {number * 37}",
            f"customer.average_order_value > {number * 5} and customer.city in ['上海', '杭州']",
            f"customer.favourite_category = '{category}'",
        )
        made.append(kinds[number % 3] if number < count * windowed else plain[number % 4])
    return made


class Bench:
    """One tenant on a fresh server, driven by a door's and a worker's connection."""

    def __init__(self, server: EmbeddedServer, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.tenant = build(server)
        key = settings().master_key_bytes()
        owner = database_url(server.url(), "bench_intake")
        self.door = connect(role_url(owner, "door", key))
        self.worker = connect(role_url(owner, "worker", key))
        tune(self.worker)
        self.owner = owner
        self.generator = Generator(asked.seed, asked.customers, asked.new)

    def send(self, body: bytes, parts: Parts | None = None) -> int:
        """The door's transaction, taken apart for the clock."""
        from tandem.assembly import system
        from tandem.stream.door import entities, resolve, service
        from tandem.stream.door.wire import parse

        del entities, resolve
        timer = parts.part if parts else _untimed
        with timer("door: begin"):
            tx = begin(self.door, tenant=self.tenant)
        with timer("door: parse"):
            parsed = parse(body)
        with _steps(service, timer):
            answer = service.accept(tx, system().door_kinds, parsed)
        with timer("door: commit"):
            self.door.commit()
        return answer.events

    def apply(self, parts: Parts | None = None, lane: int = 0) -> int:
        from tandem.assembly import system
        from tandem.stream.apply import apply

        timer = parts.part if parts else _untimed
        with timer("apply"):
            tx = begin(self.worker, tenant=self.tenant)
            applied = apply(Turn(tx, ALL_BUCKETS), system(), self.asked.turn, lane, frozenset())
            self.worker.commit()
        if applied.failures:
            raise AssertionError(applied.failures[0].reason)
        return len(applied.events)

    def settle(self, parts: Parts | None = None) -> int:
        """As a worker does: the live lane until it gives less than a batch, then it asks where work is left."""
        timer = parts.part if parts else _untimed
        total = 0
        lanes = [0]
        while lanes:
            for lane in lanes:
                while (done := self.apply(parts, lane)) >= self.asked.turn:
                    total += done
                total += done
            with timer("look"):
                lanes = [one.lane for one in look(self.worker, ALL_BUCKETS) if one.buckets and one.work & Work.EVENTS]
        return total

    def prepare(self) -> None:
        """Known customers with a history, products, filled segments."""
        from tandem.assembly import system
        from tandem.stream.segment.service import Draft, create
        from tandem.stream.steps import STEPS

        people = self.asked.customers
        first = [self.generator.product(number) for number in range(200)] + [
            self.generator.introduce(number) for number in range(people)
        ]
        for start in range(0, len(first), 1000):
            self.send(encoded(first[start : start + 1000]))
        self.settle()
        for _ in range(3):
            self.send(encoded([self.generator.record() for _ in range(1000)]))
        self.settle()
        tx = begin(self.worker, tenant=self.tenant)
        for number, text in enumerate(segment_texts(self.asked.segments, self.asked.windowed)):
            create(tx, system().catalog, Draft(name=f"段{number}", text=text))
        self.worker.commit()
        fill = next(step for step in STEPS if step.name == "stream.fill_segments")
        while True:
            tx = begin(self.worker, tenant=self.tenant)
            done = fill.run(Turn(tx, ALL_BUCKETS), system(), 5000)
            self.worker.commit()
            if not done:
                break
        while self.settle() + self.apply(lane=2):
            pass
        with psycopg.connect(self.owner, autocommit=True) as owner:
            owner.execute("vacuum analyze")
            owner.execute("checkpoint")

    def run(self) -> dict[str, Any]:
        n = self.asked.n
        bodies = [
            encoded([self.generator.record() for _ in range(self.asked.batch)]) for _ in range(n // self.asked.batch)
        ]
        made = self._customers()
        parts = Parts(self.door, self.worker)
        emitted = applied = 0
        ledger = Ledger()
        with ledger.listening() if self.asked.statements else nullcontext():
            for body in bodies:
                emitted += self.send(body, parts)
                applied += self.settle(parts)
                parts.batch_done()
        with psycopg.connect(self.owner) as owner:
            kept = owner.execute("select count(*) from intake_key").fetchone()
            left = owner.execute("select count(*) from inbox").fetchone()
            members = owner.execute("select count(*) from segment_member").fetchone()
        assert left == (0,)
        assert applied >= emitted
        return {
            "what": "intake: receive, resolve, apply",
            "n": n,
            "batch": self.asked.batch,
            "segments": self.asked.segments,
            "windowed": self.asked.windowed,
            **parts.report(n),
            "quiet_batch_us_each": round(parts.quiet() / self.asked.batch * 1e6, 1),
            "customers_made": self._customers() - made,
            "events_emitted": emitted,
            "events_applied": applied,
            "records_kept": kept[0] if kept else None,
            "memberships": members[0] if members else None,
            **({"statements": ledger.report(n)} if self.asked.statements else {}),
        }

    def _customers(self) -> int:
        with psycopg.connect(self.owner) as owner:
            row = owner.execute("select count(*) from customer").fetchone()
        return int(row[0]) if row else 0

    def limit(self) -> dict[str, Any]:
        """The same records by COPY into a plain table with one index: no dedupe, no identity, nothing applied."""
        records = [self.generator.record() for _ in range(self.asked.n)]
        with psycopg.connect(self.owner) as owner:
            owner.execute("create table bare (source text, external_id text, kind text, at timestamptz, payload jsonb)")
            owner.execute("create index on bare (source, external_id)")
            owner.commit()
            parts = Parts(owner)
            for start in range(0, len(records), self.asked.batch):
                with parts.part("copy"), owner.cursor().copy("copy bare from stdin") as copy:
                    for one in records[start : start + self.asked.batch]:
                        copy.write_row(
                            (one["source"], one["external_id"], one["kind"], one["time"], json.dumps(one["payload"]))
                        )
                with parts.part("commit"):
                    owner.commit()
            return parts.report(self.asked.n)


@contextmanager
def _untimed(_: str) -> Iterator[None]:
    yield


@contextmanager
def _steps(service: Any, timer: Any) -> Iterator[None]:
    """Time the steps of `accept` from outside, by wrapping what it calls."""
    resolving = "resolve_apart" if hasattr(service, "resolve_apart") else "resolve"
    names = {"receive": "receive: keys", "keep": "receive: envelopes", resolving: "resolve"}
    kept = {name: getattr(service, name) for name in names}
    reader = service.Interpreter.read

    def timed(name: str) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            with timer(names[name]):
                return kept[name](*args, **more)

        return call

    def read_all(original: Any) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            with timer("door: understand"):
                return original(*args, **more)

        return call

    understand = service.understand
    for name in names:
        setattr(service, name, timed(name))
    service.understand = read_all(understand)
    try:
        yield
    finally:
        for name, call in kept.items():
            setattr(service, name, call)
        service.understand = understand
        assert service.Interpreter.read is reader


def encoded(records: list[dict[str, Any]]) -> bytes:
    return json.dumps({"events": records}, ensure_ascii=False).encode()


def build(server: EmbeddedServer) -> UUID:
    """A fresh database with one tenant."""
    from tandem.access.service import create_tenant
    from tandem.assembly import load_tables
    from tandem.kernel.crypto import MasterKey
    from tandem.kernel.roles import create_all

    load_tables()
    key = settings().master_key_bytes()
    with psycopg.connect(server.url(), autocommit=True) as owner:
        owner.execute("create database bench_intake")
    with psycopg.connect(database_url(server.url(), "bench_intake")) as connection:
        create_all(connection, key)
        return create_tenant(connection, MasterKey(key), code="bench", name="Bench")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--n", type=int, default=20_000)
    ask.add_argument("--batch", type=int, default=1000)
    ask.add_argument(
        "--turn", type=int, default=2000, help="events a turn takes at most; a worker's turn takes up to 4,000"
    )
    ask.add_argument("--customers", type=int, default=5000)
    ask.add_argument("--segments", type=int, default=50)
    ask.add_argument(
        "--windowed", type=float, default=0.2, help="share of segments that look into windows of orders or visits"
    )
    ask.add_argument("--new", type=float, default=0.1)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument(
        "--statements", action="store_true", help="name the statements that cost most (measuring them costs, too)"
    )
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        os.environ.setdefault("TANDEM_HOME", home)
        settings.cache_clear()
        with EmbeddedServer(Path(home)) as server:
            bench = Bench(server, asked)
            bench.prepare()
            calm_collector()
            load = os.getloadavg()[0]
            result = bench.run()
            limit = bench.limit()
            with psycopg.connect(bench.owner) as owner:
                result |= {"versions": versions(owner)}
            bench.door.close()
            bench.worker.close()
    result |= {
        "limit_copy": limit,
        "ratio_cpu": round(limit["cpu_us_each"] / result["cpu_us_each"], 4),
        "load": round(load, 2),
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
