"""A file of a million rows through upload, reading, mapping and the door, until every record is resolved; COPY of the rows beside it.

    script/bench import [--n 1000000] [--kind customer|order] [--known 0.9] [--workers 2]

`known`: the share of rows about people who are there already. Prints one JSON object: seconds by part, rows a second, CPU
microseconds a row (ours and PostgreSQL's), peak memory of a worker, and the same rows by COPY into a bare table as the limit.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench")]

from _measure import Meter, versions  # noqa: E402

from tandem.kernel.db import Database  # noqa: E402
from tandem.kernel.jobs import run_next  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import database_url, role_url, settings  # noqa: E402

CITIES = ("上海", "杭州", "苏州", "南京", "宁波")


def customers(n: int, known: float, seed: int = 1) -> Iterator[str]:
    """Rows of a member list; `known` of them about the first tenth of the members."""
    chance = random.Random(seed)
    yield "会员号,姓名,手机号,性别,生日,城市,标签\n"
    base = max(1, n // 10)
    for number in range(n):
        who = chance.randrange(base) if chance.random() < known else base + number
        yield f"M{who},客户{number},137{who:08d},女,1990-01-02,{CITIES[number % 5]},新客\n"


def orders(n: int, known: float, seed: int = 1) -> Iterator[str]:
    """Rows of an order list, three to an order."""
    chance = random.Random(seed)
    yield "订单号,下单时间,付款时间,手机号,商品编码,数量,行金额\n"
    base = max(1, n // 10)
    begin = datetime.now(UTC) - timedelta(days=60)
    for number in range(0, n, 3):
        who = chance.randrange(base) if chance.random() < known else base + number
        at = (begin + timedelta(seconds=number)).strftime("%Y-%m-%d %H:%M:%S")
        for line in range(min(3, n - number)):
            yield f"A{number},{at},{at},137{who:08d},p{(number + line) % 200},1,{10 + line}\n"


def first_members(n: int) -> Iterator[str]:
    """The members that most rows speak of."""
    yield "会员号,姓名,手机号\n"
    for who in range(max(1, n // 10)):
        yield f"M{who},老客{who},137{who:08d}\n"


def build(server: EmbeddedServer) -> UUID:
    """A fresh database with one tenant."""
    from tandem.access.service import create_tenant
    from tandem.assembly import system
    from tandem.kernel.crypto import MasterKey
    from tandem.kernel.roles import create_all

    system()
    key = settings().master_key_bytes()
    with psycopg.connect(server.url(), autocommit=True) as owner:
        owner.execute("create database bench_import")
    with psycopg.connect(database_url(server.url(), "bench_import")) as connection:
        create_all(connection, key)
        return create_tenant(connection, MasterKey(key), code="bench", name="Bench")


def open_database(url: str) -> Database:
    key = settings().master_key_bytes()
    return Database({role: role_url(url, role, key) for role in ("web", "worker", "door")})


def work(url: str) -> None:
    """What one worker process does: jobs of imports until there is none. Prints its peak memory in MB."""
    from tandem.assembly import system
    from tandem.kernel.collector import calm_collector
    from tandem.stream.imports.run import handler
    from tandem.stream.imports.service import JOB_KIND
    from tandem.stream.imports.upload import READ_JOB, read_handler

    kinds = system().door_kinds
    calm_collector()
    db = open_database(url)
    while run_next(db, {READ_JOB: read_handler, JOB_KIND: handler(lambda: kinds)}):
        pass
    db.close()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def spawn(url: str, workers: int) -> int:
    """Run workers to their end; the largest peak memory in MB."""
    command = [sys.executable, __file__, "--work", url]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
    return max(int(one.communicate()[0].strip().splitlines()[-1]) for one in running)


class Run:
    """One import after another, each timed by part."""

    def __init__(self, server: EmbeddedServer, tenant: UUID, workers: int) -> None:
        self.url = database_url(server.url(), "bench_import")
        self.db = open_database(self.url)
        self.tenant = tenant
        self.workers = workers
        self.pid = server.pid or 0
        self.memory = 0

    def take(self, content: bytes, kind: str) -> dict[str, Any]:
        from tandem.stream.imports import files, service
        from tandem.stream.imports.upload import Upload, upload

        told: dict[str, Any] = {"megabytes": round(len(content) / 1e6, 1)}
        began = time.perf_counter()
        with self.db.tx("web", tenant=self.tenant) as tx:
            made = upload(tx, io.BytesIO(content), Upload(kind, "rows.csv", f"bench-{kind}"))
        told["upload_s"] = round(time.perf_counter() - began, 2)
        began = time.perf_counter()
        self.memory = max(self.memory, spawn(self.url, 1))
        told["read_s"] = round(time.perf_counter() - began, 2)
        with self.db.tx("web", tenant=self.tenant) as tx:
            row = files.get(tx, made)
            service.start(tx, made, row.mapping, row.cleaning, {"score": 0})
        began = time.perf_counter()
        self.memory = max(self.memory, spawn(self.url, self.workers))
        told["take_in_s"] = round(time.perf_counter() - began, 2)
        with self.db.tx("web", tenant=self.tenant) as tx:
            done = files.get(tx, made)
        assert (done.state, done.rows_done) == ("done", done.rows_total), done.error
        told |= {"rows": done.rows_done, "accepted": done.accepted, "updates": done.updates}
        return told | {"duplicates": done.duplicates, "refused": done.refused, "people_made": done.people_made}


def limit(url: str, content: bytes) -> dict[str, Any]:
    """The same rows by COPY into a table with one index."""
    began = time.perf_counter()
    with psycopg.connect(url) as owner:
        columns = content[: content.index(b"\n")].decode().split(",")
        owner.execute(f"create table bare ({', '.join(f'c{at} text' for at in range(len(columns)))})")
        owner.execute("create index on bare (c0)")
        with owner.cursor().copy("copy bare from stdin with (format csv, header)") as copy:
            copy.write(content)
        owner.commit()
    return {"copy_s": round(time.perf_counter() - began, 2)}


def _silent(*_: str) -> None: ...


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--n", type=int, default=1_000_000)
    ask.add_argument("--kind", choices=("customer", "order"), default="order")
    ask.add_argument("--known", type=float, default=0.9)
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--work", help=argparse.SUPPRESS)
    asked = ask.parse_args()
    if asked.work:
        work(asked.work)
        return
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home:
        os.environ["TANDEM_HOME"] = home
        settings.cache_clear()
        with EmbeddedServer(Path(home), say=_silent) as server:
            run = Run(server, build(server), asked.workers)
            run.take("".join(first_members(asked.n)).encode(), "customer")
            told = customers if asked.kind == "customer" else orders
            content = "".join(told(asked.n, asked.known)).encode("gb18030")
            with Meter(run.pid) as meter:
                result = run.take(content, asked.kind)
            with psycopg.connect(run.url) as owner:
                known = versions(owner)
            total = result["upload_s"] + result["read_s"] + result["take_in_s"]
            bare = limit(run.url, content.decode("gb18030").encode())
            print(
                json.dumps(
                    {
                        "what": f"import of {asked.kind} rows",
                        "n": asked.n,
                        "known": asked.known,
                        "workers": asked.workers,
                        **result,
                        "seconds": round(total, 2),
                        "rows_per_second": round(asked.n / total),
                        **meter.per(asked.n),
                        "worker_memory_mb": run.memory,
                        **bare,
                        "times_the_limit": round(total / bare["copy_s"], 1),
                        **known,
                    },
                    ensure_ascii=False,
                )
            )
            run.db.close()


if __name__ == "__main__":
    main()
