"""From an event's commit to its committed effect: one live event through everything, alone and beside a bulk enrolment.

    script/bench latency [--events 500] [--rate 100] [--bulk 50000]

An order is filed in the inbox (with its notification); the worker applies it, starts a run, moves it through a branch to an outbox row.
The time is taken when another connection sees the row's run. Prints one JSON object with p50, p95, p99 in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import structlog

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench"), str(ROOT / "tests")]

import journeys  # noqa: E402
from _measure import versions  # noqa: E402

from tandem.kernel.ids import new_id  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import database_url, role_url, settings  # noqa: E402


def flow_graph() -> dict[str, Any]:
    """The same blocks as the reference journey, without the wait."""
    from harness.flows import block, graph

    send = {"template": str(journeys.TEMPLATE), "message_class": "marketing", "when_capped": "skip"}
    way = [{"name": "vip", "label": "VIP", "condition": "customer.level = 'vip'"}]
    return graph(
        [
            block("start", "start.event", event_type="campaign.reached"),
            block("branch", "decide.condition", ways=way),
            block("send", "messaging.send", **send),
            block("exit", "flow.exit"),
        ],
        ["start.entered>branch", "branch.vip>send", "branch.else>send", "send.sent>exit"],
        reentry={"rule": "always", "concurrent": True},
    )


def serve(url: str, ready: Any, stop: Any) -> None:
    """One ordinary worker."""
    from tandem.assembly import system
    from tandem.flow.worker import Worker

    worker = Worker(url, system())
    worker.renew()
    ready.set()
    while not stop.is_set():
        worker.round(0.2)
    worker.close()


def fire(url: str, tenant: UUID, customers: list[UUID], rate: float) -> list[float]:
    """File events at a rate, one commit each; wait for each one's effect before the next is due. Seconds from commit to effect."""
    from tandem.kernel.db import Database
    from tandem.stream.events import NewEvent
    from tandem.stream.inbox import emit

    key = settings().master_key_bytes()
    db = Database({"door": role_url(url, "door", key)})
    taken: list[float] = []
    with psycopg.connect(url, autocommit=True) as watch:
        for customer in customers:
            due = time.perf_counter() + 1 / rate
            event = new_id()
            with db.tx("door", tenant=tenant) as tx:
                made = NewEvent(
                    type="campaign.reached",
                    bucket=customer.bytes[15],
                    customer_id=customer,
                    occurred_at=tx.now - timedelta(microseconds=1),
                    payload={},
                    event_id=event,
                )
                emit(tx, [made])
            began = time.perf_counter()
            while not watch.execute(
                "select 1 from flow_run r join outbox_message o on o.bucket = r.bucket and o.run_id = r.id"
                " where r.bucket = %s and r.customer_id = %s and r.cause_id = %s",
                (customer.bytes[15], customer, event),
                prepare=True,
            ).fetchone():
                assert time.perf_counter() - began < 30, "no effect within 30 s"
            taken.append(time.perf_counter() - began)
            time.sleep(max(0.0, due - time.perf_counter()))
    db.close()
    return taken


def figures(taken: list[float]) -> dict[str, float]:
    """Percentiles in milliseconds."""
    ordered = sorted(taken)
    return {
        f"p{share}_ms": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)] * 1000, 2)
        for share in (50, 95, 99)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--bulk", type=int, default=50_000)
    asked = parser.parse_args()
    os.environ.setdefault("TANDEM_MASTER_KEY", "YmVuY2gtbWFzdGVyLWtleS1iZW5jaC1tYXN0ZXIta2U=")
    settings.cache_clear()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    journeys.journey, reference = flow_graph, journeys.journey
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home, EmbeddedServer(Path(home)) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("create database bench_latency")
        url = database_url(server.url(), "bench_latency")
        tenant = journeys.prepare(url, asked.bulk, 1)
        journeys.publish(url, tenant)
        journeys.journey = reference
        bulk = journeys.publish(url, tenant)
        print(json.dumps(measure(url, tenant, bulk, asked)))


def measure(url: str, tenant: UUID, bulk: UUID, asked: argparse.Namespace) -> dict[str, Any]:
    """First alone, then while `bulk` journeys are moved by the same worker."""
    ready, stop = mp.Event(), mp.Event()
    worker = mp.Process(target=serve, args=(role_url(url, "worker", settings().master_key_bytes()), ready, stop))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("analyze")
        rows = connection.execute(
            "select id from customer where tenant_id = %s and district = '0' limit %s", (tenant, 2 * asked.events)
        )
        customers = [row[0] for row in rows]
        worker.start()
        ready.wait()
        fire(url, tenant, customers[:20], asked.rate)
        alone = figures(fire(url, tenant, customers[: asked.events], asked.rate))
        journeys.enrol(connection, tenant, bulk, 1)
        beside = figures(fire(url, tenant, customers[asked.events :], asked.rate))
        left = connection.execute("select count(*) from flow_due").fetchone()
        stop.set()
        worker.join()
        return {
            "what": "latency",
            "n": asked.events,
            "alone": alone,
            "beside_bulk": beside,
            "bulk": asked.bulk,
            "bulk_left_at_end": left[0] if left else 0,
            "load": round(os.getloadavg()[0], 2),
            "versions": versions(connection),
        }


if __name__ == "__main__":
    main()
