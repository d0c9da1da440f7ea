"""The reference journey beside durable-execution peers on the same PostgreSQL: journeys per CPU-second, their processes and the server's.

    script/bench peers [--n 100000] [--peer-n 500] [--python PATH]

The peers are DBOS (the best known one that keeps every step in PostgreSQL) and SpiffWorkflow (saved at waits: the cheapest peer that is
exact). They are no dependency of ours: make a Python that has them (`python -m venv X && X/bin/pip install dbos SpiffWorkflow
"psycopg[binary,pool]"`) and name it with --python. Each does the journey in its own way: read an attribute and branch, 1 ms durable wait,
durable row, end; each checks its own count. Prints one JSON object; `times` is engine / peer in journeys per CPU-second.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import structlog

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench"), str(ROOT / "tests")]

import journeys  # noqa: E402
from _measure import Meter, versions  # noqa: E402

from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import database_url, settings  # noqa: E402

#: Each of SpiffWorkflow's saves is a commit of its own, as every step of DBOS is; a hundred that share one are what a host could make.
PEERS = {
    "dbos": ("_peer_dbos.py",),
    "spiffworkflow": ("_peer_spiff.py", "1"),
    "spiffworkflow_by_hundreds": ("_peer_spiff.py", "100"),
}
WARM = 20
_TABLES = """
create table peer_customer (id bigint primary key, level text not null);
create table peer_message (customer_id bigint primary key, template text not null, at timestamptz not null default now());
create table peer_workflow (id bigint primary key, state text not null, wake_at timestamptz not null);
create index on peer_workflow (wake_at);
"""


def measure(server: EmbeddedServer, name: str, python: str, n: int) -> dict[str, Any]:
    """One peer in a database of its own; what it spends until it is ready does not count."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"create database peer_{name}")  # type: ignore[call-overload]
    url = database_url(server.url(), f"peer_{name}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TABLES)
        connection.execute(
            "insert into peer_customer select g, case when mod(g, 3) = 0 then 'vip' else 'plain' end from generate_series(1, %s) g",
            (n + WARM,),
        )
        connection.execute("vacuum analyze")
        script, *more = PEERS[name]
        command = [python, str(ROOT / "bench" / script), url, str(n), *more]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            while (line := process.stdout.readline().strip()) != "ready":
                assert process.poll() is None, f"{name} has ended: {line}"
            with Meter(server.pid or 0) as meter:
                process.stdin.write("\n")
                process.stdin.flush()
                told = json.loads(process.stdout.readline())
        row = connection.execute("select count(*) from peer_message").fetchone()
        assert row == (n + WARM,), row
    meter.own, meter.wall = told["own"], told["wall"]
    return meter.per(n)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100_000)
    parser.add_argument("--peer-n", type=int, default=500)
    parser.add_argument("--python", default=sys.executable, help="a Python that has the peers")
    parser.add_argument("--only", choices=sorted(PEERS), help="one peer alone")
    asked = parser.parse_args()
    os.environ.setdefault("TANDEM_MASTER_KEY", "YmVuY2gtbWFzdGVyLWtleS1iZW5jaC1tYXN0ZXIta2U=")
    settings.cache_clear()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home, EmbeddedServer(Path(home)) as server:
        peers = {
            name: measure(server, name, asked.python, asked.peer_n) for name in PEERS if asked.only in {None, name}
        }
        ours = journeys.measure(server, argparse.Namespace(n=asked.n, workers=[1], rounds=1, batch=5000, only="engine"))
        engine = ours["runs"][0]["engine"]
        with psycopg.connect(server.url()) as connection:
            known = versions(connection)
    print(
        json.dumps(
            {
                "what": "peers",
                "n": asked.n,
                "peer_n": asked.peer_n,
                "engine": engine,
                "peers": peers,
                "times": {name: round(one["cpu_ms_each"] / engine["cpu_ms_each"], 1) for name, one in peers.items()},
                "versions": known,
            }
        )
    )


if __name__ == "__main__":
    main()
