"""A schedule over a segment of a million customers: how soon its first messages go out, and when the last one has.

    script/bench audience [--people 1000000] [--workers 2] [--minutes 10]

Everybody is a member of the segment; the schedule's moment comes, and ordinary workers let the audience in, move its runs through a
branch and a marketing message under a cap (released by the run's own turn), and end them. Measured from the moment that was due to the
first and to the last released message, and CPU; a live event every half second beside it is timed, too. Checks that everybody has one
message and one ended run. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing as mp
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import structlog

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench"), str(ROOT / "tests")]

import journeys  # noqa: E402
import latency  # noqa: E402
from _measure import Meter, versions  # noqa: E402

from tandem.kernel.ids import new_id  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import database_url, role_url, settings  # noqa: E402

SEGMENT = UUID("00000000-0000-7000-8000-0000000000a5")
LIVE = 40


def drawn() -> dict[str, Any]:
    """Every day at ten, to everybody of the segment."""
    from harness.flows import block, graph

    send = {"template": str(journeys.TEMPLATE), "message_class": "marketing", "when_capped": "skip"}
    way = [{"name": "vip", "label": "VIP", "condition": "customer.level = 'vip'"}]
    return graph(
        [
            block("start", "start.schedule", segment_id=str(SEGMENT), every="day", at="10:00"),
            block("branch", "decide.condition", ways=way),
            block("send", "messaging.send", **send),
            block("exit", "flow.exit"),
        ],
        ["start.entered>branch", "branch.vip>send", "branch.else>send", "send.sent>exit"],
    )


def prepare(url: str, people: int) -> UUID:
    """A tenant with its segment, and both flows published. Nothing is due yet."""
    tenant = journeys.prepare(url, people, 1)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at)"
            " values (%s, %s, 'everybody', 'static', 1, now(), now())",
            (tenant, SEGMENT),
        )
        connection.execute(
            "insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)"
            " select bucket, tenant_id, %s, id, id, now() - interval '2 days', 1 from customer"
            " where tenant_id = %s and district = '1' order by bucket, id",
            (SEGMENT, tenant),
        )
        connection.execute("vacuum analyze")
    for graph in (drawn, latency.flow_graph):
        journeys.journey, reference = graph, journeys.journey
        journeys.publish(url, tenant)
        journeys.journey = reference
    return tenant


def work(url: str, ready: Any, stop: Any, spent: Any) -> None:
    """One ordinary worker, until it is told to stop."""
    from tandem.assembly import system
    from tandem.flow.worker import Worker

    worker = Worker(url, system())
    for _ in range(3):
        worker.renew()
        ready.wait()
    began = time.process_time()
    while not stop.is_set():
        worker.round(0.1)
    with spent.get_lock():
        spent.value += time.process_time() - began
    worker.close()


def measure(url: str, tenant: UUID, asked: argparse.Namespace, server: int) -> dict[str, Any]:
    """From the moment that is due to the last message."""
    ready, stop, spent = mp.Barrier(asked.workers + 1), mp.Event(), mp.Value("d", 0.0)
    key = settings().master_key_bytes()
    crew = [
        mp.Process(target=work, args=(role_url(url, "worker", key), ready, stop, spent)) for _ in range(asked.workers)
    ]
    for one in crew:
        one.start()
    for _ in range(3):
        ready.wait()
    with psycopg.connect(url, autocommit=True) as connection:
        live = [
            row[0] for row in connection.execute("select id from customer where district = '0' limit %s", (LIVE + 1,))
        ]
        latency.fire(url, tenant, live[:1], 1)
        with Meter(server) as meter:
            began = time.perf_counter()
            connection.execute("update flow_schedule set next_at = now()")
            first = until(
                connection, "select exists (select from flow_run where lane = 2 and status = 1)", asked, began
            )
            beside = latency.figures(latency.fire(url, tenant, live[1:], 2))
            last = until(connection, _AT_REST, asked, began)
            stop.set()
            for one in crew:
                one.join()
        meter.own = spent.value
        check(connection, tenant, asked.people)
        known = versions(connection)
    return {
        "what": "audience",
        "people": asked.people,
        "workers": asked.workers,
        "first_message_s": round(first, 2),
        "all_messages_s": round(last, 1),
        "limits_s": [5, 180],
        "live_beside_ms": beside,
        **meter.per(asked.people),
        "versions": known,
    }


_AT_REST = "select exists (select from flow_schedule where next_at > now()) and not exists (select from flow_fanout) and not exists (select from flow_due)"


def until(connection: psycopg.Connection[Any], statement: str, asked: argparse.Namespace, began: float) -> float:
    """Look every 50 ms until the statement says so. Seconds since the moment that was due."""
    while True:
        row = connection.execute(statement).fetchone()  # type: ignore[call-overload]
        passed = time.perf_counter() - began
        if row is not None and row[0]:
            return passed
        assert passed < asked.minutes * 60, "it did not come to an end"
        time.sleep(0.05)


def check(connection: psycopg.Connection[Any], tenant: UUID, people: int) -> None:
    """Everybody has one message and one run that ended."""
    mine = "flow_id = (select flow_id from flow_schedule where tenant_id = %(tenant)s limit 1)"
    found = connection.execute(
        f"select (select count(*) from flow_run where status = 1 and {mine}), (select count(*) from outbox_message where {mine}),"
        f" (select count(distinct customer_id) from outbox_message where status = 'released' and {mine})",
        {"tenant": tenant},
    ).fetchone()
    assert found == (people, people, people), found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=10.0)
    asked = parser.parse_args()
    os.environ.setdefault("TANDEM_MASTER_KEY", "YmVuY2gtbWFzdGVyLWtleS1iZW5jaC1tYXN0ZXIta2U=")
    settings.cache_clear()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home, EmbeddedServer(Path(home)) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            name = f"bench_{new_id().hex[:8]}"
            connection.execute(f"create database {name}")  # type: ignore[call-overload]
        url = database_url(server.url(), name)
        tenant = prepare(url, asked.people)
        print(json.dumps(measure(url, tenant, asked, server.pid or 0)))


if __name__ == "__main__":
    main()
