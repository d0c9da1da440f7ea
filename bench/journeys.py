"""The reference journey through the real engine, beside the same job as hand-written SQL: start, branch, 1 ms wait, message, end.

    script/bench journeys [--n 100000] [--workers 1 2] [--rounds 1]

The engine runs as it is: two tenants (one idle), row-level security as tandem_worker, versions, step log, statistics, caps, outbox,
fsync on. Prints one JSON object; `ratio` is engine / limit, by wall clock and by CPU.
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

import _journey_limit as limit  # noqa: E402
from _measure import Meter, versions  # noqa: E402

from tandem.kernel.ids import new_id  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import database_url, role_url, settings  # noqa: E402

LEVELS = ("vip", "plain", "plain")


def journey() -> dict[str, Any]:
    """The reference flow; the message template's id is put in by `prepare`."""
    from harness.flows import block, graph

    send = {"template": str(TEMPLATE), "message_class": "marketing", "when_capped": "skip"}
    span = {"span": {"amount": "0.001", "unit": "seconds"}}
    return graph(
        [
            block("start", "start.event", event_type="order.paid"),
            block(
                "branch",
                "decide.condition",
                ways=[{"name": "vip", "label": "VIP", "condition": "customer.level = 'vip'"}],
            ),
            block("wait_a", "wait.duration", **span),
            block("wait_b", "wait.duration", **span),
            block("send_a", "messaging.send", **send),
            block("send_b", "messaging.send", **send),
            block("exit", "flow.exit"),
        ],
        [
            "start.entered>branch",
            "branch.vip>wait_a",
            "branch.else>wait_b",
            "wait_a.done>send_a",
            "wait_b.done>send_b",
            "send_a.sent>exit",
            "send_b.sent>exit",
        ],
    )


TEMPLATE = UUID("00000000-0000-7000-8000-0000000000aa")


WARM = 20_000


def prepare(url: str, n: int, rounds: int) -> UUID:
    """Schema, tenant, one group of customers per round and one to warm up, template, caps. Returns the tenant."""
    from tandem.access.service import create_tenant
    from tandem.assembly import system
    from tandem.kernel.crypto import MasterKey
    from tandem.kernel.roles import create_all

    system()
    key = settings().master_key_bytes()
    with psycopg.connect(url) as connection:
        create_all(connection, key)
        create_tenant(connection, MasterKey(key), code="idle", name="Idle")
        tenant = create_tenant(connection, MasterKey(key), code="bench", name="Bench")
        connection.execute(
            "insert into message_template (id, tenant_id, name, channel, message_class, body, placeholders, created_at, updated_at)"
            " values (%s, %s, 'hello', 'simulated', 'marketing', 'hello', '{}', now(), now())",
            (TEMPLATE, tenant),
        )
        connection.execute("insert into frequency_cap (tenant_id, per_week) values (%s, 3)", (tenant,))
        for group, count in enumerate([WARM] + [n] * rounds):
            connection.execute(
                "insert into customer (bucket, id, origin_id, tenant_id, level, district, first_seen_at, created_at, updated_at, key_enc)"
                " select tandem_bucket(i), i, i, %s, (%s::text[])[1 + mod(g, 3)], %s, now(), now(), now(), '' from"
                " (select tandem_new_id() as i, g from generate_series(1, %s) g) x order by 1",
                (tenant, list(LEVELS), str(group), count),
            )
    return tenant


def publish(url: str, tenant: UUID) -> UUID:
    """A flow of its own for each round, so that counts can be told apart."""
    from tandem.assembly import system
    from tandem.flow import service
    from tandem.flow.graph import parse_graph
    from tandem.kernel.db import Database

    db = Database({"web": role_url(url, "web", settings().master_key_bytes())})
    with db.tx("web", tenant=tenant) as tx:
        flow = service.create_flow(tx, "journey", parse_graph(journey()))
        service.publish(tx, system(), flow, frozenset({"*"}))
    db.close()
    return flow


def enrol(connection: psycopg.Connection[Any], tenant: UUID, flow: UUID, group: int) -> None:
    """One run per customer that is due now, as the limit has it; bucket by bucket, as the engine's own audiences file them.

    The tables keep what earlier rounds left, and are analysed: a product is measured as it stands after a while, not on its first second.
    """
    connection.execute(
        "insert into flow_run (bucket, id, tenant_id, customer_id, origin_id, flow_id, stretch, status, lane, entered_at, wake_at)"
        " select c.bucket, tandem_new_id(), %(tenant)s, c.id, c.id, %(flow)s, s.id, 0, 2, now(), now()"
        " from customer c, flow_stretch s where c.tenant_id = %(tenant)s and c.district = %(group)s and s.flow_id = %(flow)s"
        " and s.block = 'start' order by c.bucket",
        {"tenant": tenant, "flow": flow, "group": str(group)},
    )
    connection.execute(
        "insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)"
        " select bucket, tenant_id, lane, wake_at, id, stretch, customer_id, origin_id from flow_run where flow_id = %s order by bucket",
        (flow,),
    )
    connection.execute("vacuum analyze")


def work(url: str, ready: Any, done: Any, target: int, spent: Any) -> None:
    """One worker of the real engine, until all workers together have moved `target` stretches."""
    from tandem.assembly import system
    from tandem.flow.worker import Worker

    worker = Worker(url, system())
    for _ in range(3):
        # Each renewal makes room for newcomers, until the buckets are shared.
        worker.renew()
        ready.wait()
    # Importing the house is no part of a journey.
    began = time.process_time()
    while done.value < target:
        moved = worker.round(0.01)
        if moved:
            with done.get_lock():
                done.value += moved
    with spent.get_lock():
        spent.value += time.process_time() - began
    worker.close()


def run(url: str, n: int, workers: int, meter: Meter) -> None:
    """Move n journeys with some workers that share the buckets. The meter starts when they are ready."""
    done = mp.Value("q", 0)
    ready = mp.Barrier(workers + 1)
    spent = mp.Value("d", 0.0)
    processes = [mp.Process(target=work, args=(url, ready, done, 2 * n, spent)) for _ in range(workers)]
    for process in processes:
        process.start()
    for _ in range(3):
        ready.wait()
    with meter:
        for process in processes:
            process.join()
            assert process.exitcode == 0, process.exitcode
    meter.own = spent.value


def check(connection: psycopg.Connection[Any], flow: UUID, n: int) -> None:
    """Every run ended, two stretches logged each with all its blocks, one message each, nothing left, statistics that add up."""
    mine = "stretch in (select id from flow_stretch where flow_id = %(flow)s)"
    found = connection.execute(
        "select (select count(*) from flow_run where status = 1 and flow_id = %(flow)s), (select count(*) from flow_due),"
        f" (select count(*) from flow_step_log where {mine}), (select sum(cardinality(path) / 2) from flow_step_log where {mine}),"
        " (select count(*) from outbox_message where status = 'released' and flow_id = %(flow)s),"
        " (select count(distinct run_id) from outbox_message where flow_id = %(flow)s),"
        f" (select sum(n * cardinality(path) / 2) from flow_path_stat where {mine})",
        {"flow": flow},
    ).fetchone()
    assert found == (n, 0, 2 * n, 5 * n, n, n, 5 * n), found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    parser.add_argument("--batch", type=int, default=5000, help="batch of the limit")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=("limit", "engine"))
    asked = parser.parse_args()
    os.environ.setdefault("TANDEM_MASTER_KEY", "YmVuY2gtbWFzdGVyLWtleS1iZW5jaC1tYXN0ZXIta2U=")
    settings.cache_clear()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home, EmbeddedServer(Path(home)) as server:
        print(json.dumps(measure(server, asked), ensure_ascii=False))


def measure(server: EmbeddedServer, asked: argparse.Namespace) -> dict[str, Any]:
    """Run limit and engine in turn, so that both see the same machine."""
    admin = server.url()
    with psycopg.connect(admin, autocommit=True) as connection:
        name = f"bench_{new_id().hex[:8]}"
        connection.execute(f"create database {name}")  # type: ignore[call-overload]
    url = database_url(admin, name)
    plan = asked.workers * asked.rounds
    tenant = prepare(url, asked.n, len(plan))
    pid = server.pid or 0
    worker_url = role_url(url, "worker", settings().master_key_bytes())
    result: dict[str, Any] = {"what": "journeys", "n": asked.n, "runs": []}
    with psycopg.connect(url, autocommit=True) as connection:
        flow = publish(url, tenant)
        enrol(connection, tenant, flow, 0)
        run(worker_url, WARM, 1, Meter(pid))
        check(connection, flow, WARM)
        for number, workers in enumerate(plan, start=1):
            one: dict[str, Any] = {"workers": workers}
            if asked.only != "engine":
                limit.fill(connection, asked.n)
                connection.execute("checkpoint")
                with Meter(pid) as meter:
                    limit.run(url, asked.n, workers, asked.batch)
                limit.check(connection, asked.n)
                one["limit"] = meter.per(asked.n)
            if asked.only != "limit":
                flow = publish(url, tenant)
                enrol(connection, tenant, flow, number)
                connection.execute("checkpoint")
                meter = Meter(pid)
                run(worker_url, asked.n, workers, meter)
                check(connection, flow, asked.n)
                one["engine"] = meter.per(asked.n)
            if asked.only is None:
                one["ratio"] = {
                    "wall": round(one["engine"]["per_second"] / one["limit"]["per_second"], 3),
                    "cpu": round(one["limit"]["cpu_ms_each"] / one["engine"]["cpu_ms_each"], 3),
                }
            result["runs"].append(one)
            print(json.dumps(one), file=sys.stderr)
        result["versions"] = versions(connection)
    result["by_workers"] = by_workers(result["runs"])
    result["at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return result


def by_workers(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Journeys a second of so many workers, best round, by those of one: what a second worker adds (both cores must be free for it)."""
    best: dict[int, float] = {}
    for one in runs:
        if "engine" in one:
            best[one["workers"]] = max(best.get(one["workers"], 0.0), one["engine"]["per_second"])
    return {str(count): round(speed / best[1], 2) for count, speed in sorted(best.items()) if 1 in best}


if __name__ == "__main__":
    main()
