"""What the comparisons with DuckDB share: a company of its own, the same rows in DuckDB, each question timed here and there."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, TypeVar
from uuid import UUID

import psycopg

try:
    import duckdb
    import numpy as np  # noqa: F401 - taken from here, so that what is missing is told once
    import pyarrow as pa  # noqa: F401
except ImportError as missing:
    sys.exit(
        f"this benchmark compares with DuckDB and makes its rows with pyarrow: pip install duckdb pyarrow ({missing})"
    )

import _segment_data as data
from _measure import cpu_of

from tandem.kernel.db import Tx, begin
from tandem.kernel.postgres import EmbeddedServer
from tandem.kernel.settings import database_url, settings

T = TypeVar("T")


def run(measure: Callable[[EmbeddedServer, argparse.Namespace], dict[str, Any]], options: argparse.Namespace) -> None:
    """Measure on a server of its own and print what came of it. With `options.keep`, a directory, its rows are there the next time."""
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") if options.keep is None else kept(options.keep) as home:
        os.environ["TANDEM_HOME"] = home
        settings.cache_clear()
        with EmbeddedServer(Path(home)) as server:
            print(json.dumps(measure(server, options), ensure_ascii=False, indent=1))


@contextmanager
def kept(place: Path) -> Iterator[str]:
    """A directory that stays."""
    place.mkdir(parents=True, exist_ok=True)
    yield str(place)


def prepared(server: EmbeddedServer) -> tuple[str, UUID, int]:
    """A database with a tenant: (its address, the tenant, the postmaster's process id)."""
    with psycopg.connect(server.url(), autocommit=True) as admin:
        found = admin.execute("select from pg_database where datname = 'bench'").fetchone()
        if found is None:
            admin.execute("create database bench")
        row = admin.execute("select current_setting('data_directory')").fetchone()
        assert row is not None
        postmaster = int((Path(row[0]) / "postmaster.pid").read_text().split()[0])
    url = database_url(server.url(), "bench")
    return url, _tenant(url) if found is None else _tenant_there(url), postmaster


def _tenant_there(url: str) -> UUID:
    from tandem.assembly import load_tables

    load_tables()
    with psycopg.connect(url) as connection:
        row = connection.execute("select id from tenant").fetchone()
    assert row is not None
    return row[0]


def _tenant(url: str) -> UUID:
    from tandem.access.service import create_tenant
    from tandem.assembly import load_tables
    from tandem.kernel.crypto import MasterKey
    from tandem.kernel.roles import create_all

    load_tables()
    key = settings().master_key_bytes()
    with psycopg.connect(url) as connection:
        create_all(connection, key)
        return create_tenant(connection, MasterKey(key), code="bench", name="Bench")


def at_now(connection: Any, tenant: UUID) -> Tx:
    """A transaction at the moment at which the rows end."""
    tx = begin(connection, tenant=tenant)
    tx.now = data.NOW
    return tx


def stocked(
    url: str, options: argparse.Namespace, make: Callable[[], data.Shop], wanted: Sequence[str]
) -> tuple[duckdb.DuckDBPyConnection, float]:
    """The shop in the wanted tables and in DuckDB, made unless kept from an earlier run: (DuckDB, seconds of loading)."""
    file = None if options.keep is None else options.keep / "peer.duckdb"
    done = None if options.keep is None else options.keep / "loaded"
    if file is not None and done is not None and done.exists():
        return duckdb.connect(str(file)), 0.0
    shop = make()
    with psycopg.connect(url) as connection:
        loaded = data.load(connection, shop, wanted)
    peer = beside(shop, file)
    if done is not None:
        done.touch()
    return peer, loaded


def beside(shop: data.Shop, file: Path | None = None) -> duckdb.DuckDBPyConnection:
    """The same rows in DuckDB, on as many threads as the machine has cores; in memory where no file is named."""
    peer = duckdb.connect(":memory:" if file is None else str(file))
    for name, table in shop.tables.items():
        peer.register("arrow", table)
        peer.execute(f"create table {name} as select * from arrow")
        peer.unregister("arrow")
    return peer


def compared(
    ours: Callable[[], T], theirs: Callable[[], T], repeat: int, server_pid: int
) -> tuple[T, T, dict[str, Any]]:
    """Both answers, and the figures: wall seconds are medians, CPU seconds per look are means."""
    found, first, walls, cpu = timed(ours, repeat, lambda: cpu_of(server_pid))
    expected, _, peer_walls, peer_cpu = timed(theirs, repeat, time.process_time)
    figures = {
        "first_s": round(first, 3),
        "wall_s": round(median(walls), 3),
        "cpu_s": round(cpu / repeat, 3),
        "duckdb_wall_s": round(median(peer_walls), 3),
        "duckdb_cpu_s": round(peer_cpu / repeat, 3),
        "wall_ratio": round(median(walls) / median(peer_walls), 1),
        "load": round(os.getloadavg()[0], 1),
    }
    return found, expected, figures


def timed(look: Callable[[], T], repeat: int, cpu: Callable[[], float]) -> tuple[T, float, list[float], float]:
    """The answer, the first look's seconds, those of the others, and their CPU seconds together."""
    walls: list[float] = []
    began = time.perf_counter()
    answer = look()
    first = time.perf_counter() - began
    used = cpu()
    for _ in range(repeat):
        began = time.perf_counter()
        answer = look()
        walls.append(time.perf_counter() - began)
    # A parallel helper that has just ended is counted once the postmaster has waited for it.
    time.sleep(0.3)
    return answer, first, walls, cpu() - used
