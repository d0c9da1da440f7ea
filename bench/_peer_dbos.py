"""The reference journey in DBOS: one workflow per customer, two steps and a durable sleep. Run by `peers`, in a Python that has `dbos`.

Says "ready" when it has started, begins at a line on its standard input, and prints wall and CPU seconds of its process.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import psycopg_pool
from dbos import DBOS

WARM = 20
AT_ONCE = 50


def main(url: str, n: int) -> None:
    pool = psycopg_pool.ConnectionPool(url, min_size=4, max_size=16, kwargs={"autocommit": True}, open=True)
    settings: Any = {"name": "peer", "system_database_url": url, "log_level": "ERROR", "application_version": "1"}
    DBOS(config=settings)

    @DBOS.step()
    def is_vip(customer: int) -> bool:
        with pool.connection() as connection:
            row = connection.execute("select level = 'vip' from peer_customer where id = %s", (customer,)).fetchone()
        return bool(row and row[0])

    @DBOS.step()
    def send(customer: int, template: str) -> None:
        with pool.connection() as connection:
            connection.execute(
                "insert into peer_message (customer_id, template) values (%s, %s) on conflict do nothing",
                (customer, template),
            )

    @DBOS.workflow()
    def journey(customer: int) -> None:
        vip = is_vip(customer)
        DBOS.sleep(0.001)
        send(customer, "a" if vip else "b")

    DBOS.launch()
    work(journey, range(n + 1, n + 1 + WARM))
    print("ready", flush=True)
    sys.stdin.readline()
    began, spent = time.perf_counter(), time.process_time()
    work(journey, range(1, n + 1))
    print(json.dumps({"wall": time.perf_counter() - began, "own": time.process_time() - spent}), flush=True)
    DBOS.destroy()
    pool.close()


def work(journey: Any, customers: range) -> None:
    """Some at once, each waited for."""
    for first in range(customers.start, customers.stop, AT_ONCE):
        some = range(first, min(first + AT_ONCE, customers.stop))
        for handle in [DBOS.start_workflow(journey, one) for one in some]:
            handle.get_result()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
