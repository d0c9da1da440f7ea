"""Claiming due runs among very many parked ones, and what an old open snapshot does to it.

    script/bench parked [--parked 100000] [--due 20000] [--hold 20]          # full size: --parked 1000000 --due 1000000 --hold 600

Timers of parked runs stand in the queue. Timed are claims as a turn makes them (256 buckets, 256 runs): none due; many due at one moment;
the same while a transaction opened before everything stays open and the queue is turned over again and again, so that its dead rows cannot
go (ENGINE_RULES 3, 4), by a worker that begins at the beginning and by one that knows how far it came; and after it has ended and the queue
was vacuumed. The inbox is emptied and filled beside it and its claim timed, too. Milliseconds of wall and of the back end's CPU. Prints one
JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench"), str(ROOT / "tests")]

import journeys  # noqa: E402
from _measure import versions  # noqa: E402

from tandem.flow.marks import Marks  # noqa: E402
from tandem.kernel.db import Connection, begin, connect  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import database_url, role_url, settings  # noqa: E402
from tandem.kernel.turn import Turn  # noqa: E402

EACH = 256
CLAIMS = 60
BUCKETS = list(range(256))

_PARK = """
insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
select tandem_bucket(c), %(tenant)s, %(lane)s, %(at)s::timestamptz, tandem_new_id(), 1, c, c
from (select tandem_new_id() as c from generate_series(1, %(n)s)) x
"""
_FILE = """
insert into inbox (bucket, tenant_id, lane, occurred_at, received_at, event_id, mode, type, customer_id, origin_id, payload)
select tandem_bucket(c), %(tenant)s, 0, now(), now(), tandem_new_id(), 0, 'campaign.reached', c, c, '{}'
from (select tandem_new_id() as c from generate_series(1, %(n)s)) x
"""


class Bench:
    """One tenant; a worker's connection that claims, an owner's that fills."""

    def __init__(self, url: str, tenant: UUID) -> None:
        from tandem.flow.worker import tune

        self.tenant = tenant
        self.owner = psycopg.connect(url, autocommit=True)
        self.worker: Connection = connect(role_url(url, "worker", settings().master_key_bytes()))
        tune(self.worker)
        self._stat = Path(f"/proc/{self.worker.info.backend_pid}/schedstat")

    def fill(self, statement: str, n: int, **more: object) -> None:
        self.owner.execute(statement, {"tenant": self.tenant, "n": n, **more})

    def claims(self, once: Callable[[Turn], int], times: int = CLAIMS) -> dict[str, float]:
        """Milliseconds of one claim, undone again: median and worst by the clock, mean of the back end's CPU."""
        taken: list[float] = []
        spent = rows = 0
        for _ in range(times):
            tx = begin(self.worker, tenant=self.tenant)
            before, began = int(self._stat.read_text().split()[0]), time.perf_counter()
            rows = once(Turn(tx, BUCKETS))
            taken.append(time.perf_counter() - began)
            spent += int(self._stat.read_text().split()[0]) - before
            self.worker.rollback()
        taken.sort()
        return {
            "rows": rows,
            "p50_ms": round(taken[len(taken) // 2] * 1000, 2),
            "max_ms": round(taken[-1] * 1000, 2),
            "cpu_ms": round(spent / times / 1e6, 3),
        }

    def turn_over(self, seconds: float, at: object) -> dict[str, int]:
        """Claim and commit, and file as many again, until so much time is over: what leaves dead rows behind."""
        moved = applied = 0
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for once in (runs, events):
                tx = begin(self.worker, tenant=self.tenant)
                done = once(Turn(tx, BUCKETS))
                self.worker.commit()
                if once is runs:
                    moved += done
                    self.fill(_PARK, done, lane=1, at=at)
                else:
                    applied += done
                    self.fill(_FILE, done)
        return {"runs": moved, "events": applied}

    def dead(self) -> dict[str, int]:
        self.owner.execute("select pg_stat_force_next_flush()")
        rows = self.owner.execute(
            "select relname, n_dead_tup from pg_stat_user_tables where relname in ('flow_due', 'inbox') order by 1"
        )
        return {name: int(count) for name, count in rows}


def runs(turn: Turn, marks: Marks | None = None) -> int:
    """A turn's claim of due runs in the normal lane; with marks as a worker does that has claimed before."""
    from tandem.flow.advance import claim
    from tandem.flow.runs import Lane

    each = max(64, -(-EACH * 4 // len(turn.buckets)))
    return sum(one.count for one in claim(turn, Lane.NORMAL, EACH, each, marks))


def look(turn: Turn, marks: Marks | None = None) -> int:
    """A worker asks where work is; with marks as one that has claimed before."""
    from tandem.flow.lookout import look as looked

    return len(looked(turn.tx.conn, turn.buckets, marks))


def events(turn: Turn) -> int:
    """A turn's claim of live events."""
    from tandem.stream.apply.store import take

    return len(take(turn, 0, EACH))


def measure(url: str, asked: argparse.Namespace) -> dict[str, Any]:
    bench = Bench(url, journeys.prepare(url, 100, 1))
    now = bench.owner.execute("select now()").fetchone()
    assert now is not None
    bench.fill(_PARK, asked.parked, lane=1, at="infinity")
    bench.owner.execute("vacuum analyze")
    found: dict[str, Any] = {"none_due": bench.claims(runs)}
    bench.fill(_PARK, asked.due, lane=1, at=now[0])
    bench.fill(_FILE, 2000)
    bench.owner.execute("vacuum analyze")
    found |= {"many_due": bench.claims(runs), "inbox": bench.claims(events)}
    with psycopg.connect(url) as old:
        old.execute("set transaction isolation level repeatable read")
        # As a backup's: the server ends those of others after half a minute.
        old.execute("set local idle_in_transaction_session_timeout = 0")
        old.execute("set local transaction_timeout = 0")
        old.execute("select count(*) from tenant")
        turned = bench.turn_over(asked.hold, now[0])
        marks = Marks()
        found |= {
            "turned_over_meanwhile": turned,
            "dead_rows": bench.dead(),
            "snapshot_open": bench.claims(runs),
            "snapshot_open_marked": bench.claims(partial(runs, marks=marks)),
            "snapshot_open_look": bench.claims(look),
            "snapshot_open_look_marked": bench.claims(partial(look, marks=marks)),
            "snapshot_open_inbox": bench.claims(events),
        }
    bench.owner.execute("vacuum flow_due")
    bench.owner.execute("vacuum inbox")
    found |= {"after": bench.claims(runs), "after_inbox": bench.claims(events)}
    found["versions"] = versions(bench.owner)
    bench.worker.close()
    bench.owner.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parked", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=20_000)
    parser.add_argument("--hold", type=float, default=20.0, help="seconds that the old snapshot stays open under load")
    asked = parser.parse_args()
    os.environ.setdefault("TANDEM_MASTER_KEY", "YmVuY2gtbWFzdGVyLWtleS1iZW5jaC1tYXN0ZXIta2U=")
    settings.cache_clear()
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home, EmbeddedServer(Path(home)) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("create database bench_parked")
        found = measure(database_url(server.url(), "bench_parked"), asked)
    print(
        json.dumps(
            {
                "what": "claims among parked runs",
                "parked": asked.parked,
                "due": asked.due,
                "hold_s": asked.hold,
                **found,
                "load": round(os.getloadavg()[0], 2),
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
