"""The limit for journeys: the same job as hand-written set-based SQL, fused, with indexes, dedupe, frequency cap and counters.

It knows one flow, one tenant, no row-level security, no versions, and forgets a run when it ends: what no general engine can beat.
"""

from __future__ import annotations

import multiprocessing as mp
import time
from typing import Any

import psycopg

START, BRANCH, WAIT_A, WAIT_B, MESSAGE_A, MESSAGE_B, END = range(1, 8)

TABLES = """
drop table if exists limit_customer, limit_run, limit_log, limit_message, limit_count;
create table limit_customer (id bigint primary key, attrs jsonb not null);
create table limit_run (id bigint generated always as identity primary key, flow int not null, node smallint not null, customer_id bigint not null,
  wake_at timestamptz not null, vars jsonb not null default '{}') with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
create index on limit_run (node, wake_at);
create table limit_log (run_id bigint not null, flow int not null, node smallint not null, customer_id bigint not null,
  at timestamptz not null default now(), port smallint);
create index on limit_log (run_id);
create index on limit_log (flow, node, at);
create table limit_message (run_id bigint not null, customer_id bigint not null, template int not null, at timestamptz not null default now());
create index on limit_message (customer_id, at);
create unique index on limit_message (run_id, template);
create table limit_count (flow int, node smallint, day date, bucket int, n bigint not null, primary key (flow, node, day, bucket));
"""


def statements(batch: int) -> list[str]:
    """Two stretches: start and branch, then (for each arm) the wait that is over, the message and the end."""
    count = (
        "insert into limit_count select flow, n, current_date, pg_backend_pid() % 64, count(*) from e group by 1, 2 order by 1, 2"
        " on conflict (flow, node, day, bucket) do update set n = limit_count.n + excluded.n"
    )

    def claim(node: int) -> str:
        return (
            f"c as (select id, flow, customer_id, vars from limit_run where node = {node} and wake_at <= now()"
            f" order by wake_at limit {batch} for update skip locked)"
        )

    log = "insert into limit_log (run_id, flow, node, customer_id, port)"
    first = (
        f"with {claim(START)}, d as (select c.*, (k.attrs->>'level' = 'vip') v from c join limit_customer k on k.id = c.customer_id),"
        f" u as (update limit_run i set node = case when d.v then {WAIT_A} else {WAIT_B} end, wake_at = now() + interval '1 ms'"
        f" from d where i.id = d.id), e as (select d.*, n from d, (values ({START}), ({BRANCH})) x(n)),"
        f" l as ({log} select id, flow, n, customer_id, case when n = {BRANCH} then case when v then 1 else 2 end else 0 end from e),"
        f" s as ({count}) select count(*) from c"
    )
    rest = [
        f"with {claim(wait)}, k as (select c.*, (select count(*) from (select 1 from limit_message m where m.customer_id = c.customer_id"
        f" and m.at > now() - interval '7 days' limit 3) q) < 3 ok from c), x as (delete from limit_run i using c where i.id = c.id),"
        f" m as (insert into limit_message (run_id, customer_id, template) select id, customer_id, {template} from k where ok"
        f" on conflict do nothing), e as (select k.*, n from k, (values ({wait}), ({message}), ({END})) x(n)),"
        f" l as ({log} select id, flow, n, customer_id, case when ok then 0 else 9 end from e), s as ({count}) select count(*) from c"
        for wait, message, template in ((WAIT_A, MESSAGE_A, 101), (WAIT_B, MESSAGE_B, 102))
    ]
    return [first, *rest]


def fill(connection: psycopg.Connection[Any], n: int) -> None:
    """Customers, a third of them VIPs, and one run each that is due now."""
    connection.execute(TABLES)
    connection.execute(
        "insert into limit_customer select g, jsonb_build_object('level', case when mod(g, 3) = 0 then 'vip' else 'plain' end,"
        " 'city', 'c' || mod(g, 50), 'points', mod(g, 1000)) from generate_series(1, %s) g",
        (n,),
    )
    connection.execute(
        "insert into limit_run (flow, node, customer_id, wake_at) select 1, 1, g, now() from generate_series(1, %s) g",
        (n,),
    )
    connection.execute("vacuum analyze limit_customer")
    connection.execute("vacuum analyze limit_run")


def check(connection: psycopg.Connection[Any], n: int) -> None:
    """Every run once past every node, one message each, nobody left."""
    found = connection.execute(
        "select (select count(*) from limit_log), (select count(*) from limit_message), (select count(*) from limit_run),"
        " (select sum(n) from limit_count)"
    ).fetchone()
    assert found == (5 * n, n, 0, 5 * n), found


def work(url: str, batch: int, done: Any, target: int) -> None:
    """One worker: claim and move until `target` stretches are passed by all workers together."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set plan_cache_mode = force_generic_plan")
        connection.execute("set enable_seqscan = off")
        prepared = statements(batch)
        while done.value < target:
            moved = 0
            for statement in prepared:
                row = connection.execute(statement, prepare=True).fetchone()
                moved += row[0] if row else 0
            if moved:
                with done.get_lock():
                    done.value += moved
            else:
                time.sleep(0.001)


def run(url: str, n: int, workers: int, batch: int) -> None:
    """Move n journeys with some workers."""
    done = mp.Value("q", 0)
    processes = [mp.Process(target=work, args=(url, batch, done, 2 * n)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0, process.exitcode
