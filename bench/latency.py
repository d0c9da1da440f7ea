"""From an event's commit to its committed effect: one live event through everything, alone and beside a bulk enrolment.

    script/bench latency [--events 500] [--rate 100] [--bulk 50000] [--open-rate 500] [--through-rate 200]

An event is filed in the inbox (with its notification); the worker applies it, starts a run, moves it through a branch to an outbox row.
The time is taken when another connection sees the row's run. `open`: events come at a rate whether or not the ones before are done.
`through`: paid orders at a rate, each until it shows in its customer's profile, in a live segment, and as a run. Prints one JSON object
with p50, p95, p99 in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import os
import sys
import tempfile
import threading
import time
from datetime import timedelta
from functools import partial
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


def flow_graph(event_type: str = "campaign.reached") -> dict[str, Any]:
    """The same blocks as the reference journey, without the wait."""
    from harness.flows import block, graph

    send = {"template": str(journeys.TEMPLATE), "message_class": "marketing", "when_capped": "skip"}
    way = [{"name": "vip", "label": "VIP", "condition": "customer.level = 'vip'"}]
    return graph(
        [
            block("start", "start.event", event_type=event_type),
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
                # Whoever looks without a pause takes one of two cores from what is looked at.
                time.sleep(0.0005)
            taken.append(time.perf_counter() - began)
            time.sleep(max(0.0, due - time.perf_counter()))
    db.close()
    return taken


EFFECT = """
select e.customer from unnest(%s::smallint[], %s::uuid[]) e(bucket, customer) where exists (
  select from flow_run r join outbox_message o on o.bucket = r.bucket and o.run_id = r.id
  where r.bucket = e.bucket and r.customer_id = e.customer)
"""
THROUGH = """
select e.customer from unnest(%s::smallint[], %s::uuid[]) e(bucket, customer)
where exists (select from flow_run r where r.bucket = e.bucket and r.customer_id = e.customer)
  and exists (select from customer_profile p where p.bucket = e.bucket and p.customer_id = e.customer and p.order_count = 1)
  and exists (select from segment_member m where m.bucket = e.bucket and m.customer_id = e.customer)
"""


def reached(tx: Any, customer: UUID) -> Any:
    """The event that starts the flow."""
    from tandem.stream.events import NewEvent

    at = tx.now - timedelta(microseconds=1)
    return NewEvent(
        type="campaign.reached", bucket=customer.bytes[15], customer_id=customer, occurred_at=at, payload={}
    )


def paid(tx: Any, customer: UUID) -> Any:
    """A paid order of two lines, as the door files it."""
    from tandem.stream.events import NewEvent

    at = tx.now - timedelta(microseconds=1)
    line = {"product_id": "p1", "quantity": "1", "amount": "10.00", "discount": "0"}
    return NewEvent(
        type="order.paid",
        bucket=customer.bytes[15],
        customer_id=customer,
        occurred_at=at,
        subject_type="order",
        subject_id=new_id(),
        payload={
            "source": "bench",
            "order_id": str(customer),
            "status": "paid",
            "placed_at": at.isoformat(),
            "paid_at": at.isoformat(),
            "modified_at": at.isoformat(),
            "currency": "CNY",
            "total": "20.00",
            "discount": "0",
            "line_count": 2,
            "lines": [line | {"line_no": 1}, line | {"line_no": 2}],
        },
    )


def stream(url: str, tenant: UUID, customers: list[UUID], rate: float, made: Any, seen: str) -> list[float]:
    """File one event for each customer at a rate, one commit each, whatever becomes of them. Seconds from commit to effect."""
    from tandem.kernel.db import Database
    from tandem.stream.inbox import emit

    db = Database({"door": role_url(url, "door", settings().master_key_bytes())})
    filed: dict[UUID, float] = {}

    def file(mine: list[UUID], each: float) -> None:
        due = time.perf_counter()
        for customer in mine:
            with db.tx("door", tenant=tenant) as tx:
                emit(tx, [made(tx, customer)])
            filed[customer] = time.perf_counter()
            due += each
            time.sleep(max(0.0, due - time.perf_counter()))

    # Two senders, since each waits for its commits.
    senders = [threading.Thread(target=file, args=(customers[part::2], 2 / rate)) for part in (0, 1)]
    taken: list[float] = []
    ended = 0.0
    with psycopg.connect(url, autocommit=True) as watch:
        for one in senders:
            one.start()
        while len(taken) < len(customers):
            waiting = list(filed)
            found = (
                watch.execute(seen, ([one.bytes[15] for one in waiting], waiting), prepare=True).fetchall()
                if waiting
                else []
            )
            now = time.perf_counter()
            taken += [now - filed.pop(row[0]) for row in found]
            ended = now if found or not ended else ended
            assert now - ended < 30, "no effect within 30 s"
            time.sleep(0.001)
    for one in senders:
        one.join()
    db.close()
    return taken


def make_segment(url: str, tenant: UUID) -> None:
    """A live segment that a first order leads into, filled."""
    from tandem.assembly import system
    from tandem.kernel.db import Database
    from tandem.stream.segment.service import Draft, create

    db = Database({"web": role_url(url, "web", settings().master_key_bytes())})
    with db.tx("web", tenant=tenant) as tx:
        create(tx, system().catalog, Draft(name="buyers", text="customer.order_count >= 1"))
    db.close()


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
    parser.add_argument("--open-rate", type=float, default=500)
    parser.add_argument("--through-rate", type=float, default=200)
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
        journeys.journey = partial(flow_graph, "order.paid")
        journeys.publish(url, tenant)
        make_segment(url, tenant)
        journeys.journey = reference
        print(json.dumps(measure(url, tenant, asked)))


def measure(url: str, tenant: UUID, asked: argparse.Namespace) -> dict[str, Any]:
    """First alone, then while a bulk of journeys is moved by the same worker."""
    ready, stop = mp.Event(), mp.Event()
    worker = mp.Process(target=serve, args=(role_url(url, "worker", settings().master_key_bytes()), ready, stop))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("analyze")
        rows = connection.execute(
            "select id from customer where tenant_id = %s and district = '0' limit %s", (tenant, 6 * asked.events + 100)
        )
        customers = [row[0] for row in rows]
        parts = [customers[start : start + asked.events] for start in range(100, len(customers), asked.events)]
        worker.start()
        ready.wait()
        # Alone means alone: the new segment is still being filled for a second or two.
        while connection.execute("select exists (select from stream_fanout where done_at is null)").fetchone() == (
            True,
        ):
            time.sleep(0.05)
        fire(url, tenant, customers[:20], asked.rate)
        alone = figures(fire(url, tenant, parts[0], asked.rate))
        opened = figures(stream(url, tenant, parts[1] + parts[2], asked.open_rate, reached, EFFECT))
        stream(url, tenant, customers[20:100], asked.through_rate, paid, THROUGH)
        through = figures(stream(url, tenant, parts[3] + parts[4], asked.through_rate, paid, THROUGH))
        # Published only now: the reference journey, too, listens to paid orders.
        journeys.enrol(connection, tenant, journeys.publish(url, tenant), 1)
        beside = figures(fire(url, tenant, parts[5], asked.rate))
        left = connection.execute("select count(*) from flow_due").fetchone()
        stop.set()
        worker.join()
        return {
            "what": "latency",
            "n": asked.events,
            "alone": alone,
            "open": {"per_second": asked.open_rate, **opened},
            "through": {"per_second": asked.through_rate, **through},
            "beside_bulk": beside,
            "bulk": asked.bulk,
            "bulk_left_at_end": left[0] if left else 0,
            "load": round(os.getloadavg()[0], 2),
            "versions": versions(connection),
        }


if __name__ == "__main__":
    main()
