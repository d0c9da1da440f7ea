"""A backtest of 90 days over the size of the full demo: 2,469 households, 155,000 paid orders and 1.47 million order lines in a year.

    script/bench backtest [--households 2469] [--orders 155000] [--lines 9.5] [--days 90]

The rows are made up (seeded) in the demo's numbers and filed straight into their tables; what is measured is the backtest alone, as the job
runs it: scratch tables, replay, report. The flow asks for the order's total, for lines bought in 30 days (as of then), for a feature worked
out anew (orders so far), gives a coupon from a limited stock, waits two days, sends a message under a weekly cap; a second start takes a
segment in every Monday. Prints one JSON object; wall and CPU seconds, and checks its own sums.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import structlog

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench"), str(ROOT / "tests")]

from _measure import Meter, versions  # noqa: E402
from _statements import Ledger  # noqa: E402

from tandem.kernel.ids import new_id  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import database_url, role_url, settings  # noqa: E402

MESSAGE, COUPON, QUOTA, SEGMENT = (UUID(f"00000000-0000-7000-8000-0000000000{n:02x}") for n in range(1, 5))
STOCK = 20_000
CATEGORIES = 130

_CUSTOMERS = """
insert into customer (bucket, id, origin_id, tenant_id, city, first_seen_at, created_at, updated_at, key_enc)
select tandem_bucket(i), i, i, %(tenant)s, (array['上海','北京','成都'])[1 + mod(g, 3)], now(), now(), now(), ''
from (select tandem_new_id() as i, g from generate_series(1, %(n)s) g) x
"""
_ORDERS = """
insert into sales_order (bucket, id, tenant_id, customer_id, origin_id, source, external_id, status, placed_at, paid_at, modified_at, currency,
  total, line_count)
select c.bucket, tandem_new_id(), %(tenant)s, c.id, c.id, 'bench', 'o' || g, 'paid', at, at, at, 'CNY', 20 + mod(g * 37, 400), %(lines)s
from (select g, now() - make_interval(secs => (g::float8 / %(n)s) * 365 * 86400) as at, 1 + mod(g * 7919, %(households)s) as h
      from generate_series(1, %(n)s) g) x
join (select bucket, id, row_number() over (order by id) as h from customer where tenant_id = %(tenant)s) c on c.h = x.h
"""
_LINES = """
insert into order_line (bucket, tenant_id, order_id, line_no, customer_id, origin_id, product_id, category, department, quantity, amount,
  home_amount, paid_at, category_amount, category_quantity)
select bucket, tenant_id, id, n, customer_id, customer_id, product, category, 'food', 1, 5, 5, paid_at, case when first then 5 end, case when first then 1 end
from (select o.*, n, 'p' || mod(n * 13 + o.line_count, 900) as product, category,
        row_number() over (partition by o.id, category order by n) = 1 as first
from sales_order o cross join lateral generate_series(1, %(lines)s + (('x' || left(md5(o.external_id), 4))::bit(16)::int %% 2)) n
cross join lateral (select 'c' || mod(('x' || left(md5(o.external_id || n), 6))::bit(24)::int, %(categories)s) as category) c
where o.tenant_id = %(tenant)s) as x
"""
_EVENTS = """
insert into event (bucket, event_id, tenant_id, customer_id, origin_id, occurred_at, received_at, lane, mode, type, payload)
select o.bucket, o.id, o.tenant_id, o.customer_id, o.customer_id, o.paid_at, o.paid_at, 0, 1, 'order.paid',
  jsonb_build_object('order_id', o.external_id, 'total', o.total)
from sales_order o where o.tenant_id = %(tenant)s
"""


def drawn() -> dict[str, Any]:
    """The flow that is tried."""
    from harness.flows import block, graph

    ways = [
        {
            "name": "again",
            "label": "常客",
            "condition": "count(order_lines in last 30 days where category = 'c7') >= 1 and customer.order_count >= 3",
        }
    ]
    return graph(
        [
            block("start", "start.event", event_type="order.paid", condition="event.total >= 60"),
            block("monday", "start.schedule", segment_id=str(SEGMENT), every="week", weekday=1, at="10:00"),
            block("way", "decide.condition", ways=ways),
            block("gift", "marketing.issue_coupon", coupon_template=str(COUPON)),
            block("wait", "wait.duration", span={"amount": "2", "unit": "days"}),
            block("hello", "messaging.send", template=str(MESSAGE)),
            block("exit", "flow.exit"),
        ],
        [
            "start.entered>way",
            "monday.entered>way",
            "way.again>gift",
            "way.else>exit",
            "gift.issued>wait",
            "gift.sold_out>wait",
            "gift.limit_reached>wait",
            "wait.done>hello",
            "hello.sent>exit",
            "hello.held>exit",
            "hello.skipped>exit",
        ],
        reentry={"rule": "always"},
    )


def prepare(url: str, households: int, orders: int, lines: float) -> UUID:
    """Schema, tenant and a year of orders. Returns the tenant."""
    from tandem.access.service import create_tenant
    from tandem.assembly import system
    from tandem.kernel.crypto import MasterKey
    from tandem.kernel.roles import create_all

    system()
    key = settings().master_key_bytes()
    with psycopg.connect(url) as connection:
        create_all(connection, key)
        tenant = create_tenant(connection, MasterKey(key), code="bench", name="Bench")
        params = {
            "tenant": tenant,
            "households": households,
            "categories": CATEGORIES,
            "lines": int(lines),
            "n": households,
        }
        connection.execute(_CUSTOMERS, params)
        connection.execute(_ORDERS, params | {"n": orders})
        connection.execute(_LINES, params)
        connection.execute(_EVENTS, params)
        settle(connection, tenant)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return tenant


def settle(connection: psycopg.Connection[Any], tenant: UUID) -> None:
    """Template, coupon, caps and segment."""
    ids = {"tenant": tenant, "message": MESSAGE, "coupon": COUPON, "quota": QUOTA, "segment": SEGMENT, "stock": STOCK}
    text = "sum(order_lines.amount in last 60 days) >= 400"
    for statement in (
        (
            "insert into message_template (id, tenant_id, name, channel, message_class, body, placeholders, created_at, updated_at)"
            " values (%(message)s, %(tenant)s, 'hello', 'simulated', 'marketing', 'hello', '{}', now(), now())"
        ),
        "insert into quota (id, tenant_id, name, total, pool) values (%(quota)s, %(tenant)s, 'stock', %(stock)s, %(stock)s)",
        (
            "insert into coupon_template (id, tenant_id, name, kind, value, currency, valid_days, quota_id, created_at, updated_at)"
            " values (%(coupon)s, %(tenant)s, 'ten', 'amount', 10, 'CNY', 30, %(quota)s, now(), now())"
        ),
        "insert into frequency_cap (tenant_id, per_week) values (%(tenant)s, 2)",
        (
            "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at)"
            " values (%(tenant)s, %(segment)s, 'big', 'static', 1, now(), now())"
        ),
    ):
        connection.execute(statement, ids)
    connection.execute(
        "insert into segment_version (tenant_id, segment_id, number, text, tree, created_at) values (%s, %s, 1, %s, '{}', now())",
        (tenant, SEGMENT, text),
    )


def measure(url: str, tenant: UUID, days: int, server: int, ledger: Ledger | None) -> dict[str, Any]:
    """Run the backtest once, as the job does."""
    from tandem.assembly import system
    from tandem.flow.graph import parse_graph
    from tandem.flow.rehearsal.replay import Question, replay
    from tandem.kernel.db import Database

    db = Database({"worker": role_url(url, "worker", settings().master_key_bytes())})
    question = Question(new_id(), parse_graph(drawn()), {}, frozenset({"*"}), days=days)
    meter = Meter(server)
    with meter, ledger.listening() if ledger is not None else nullcontext():
        found = replay(db, system(), tenant, question, lambda _done, _total: None)
    db.close()
    result = found.result
    sums = {(one["what"], one["outcome"]): one["n"] for one in result["effects"]}
    ports = result["blocks"]["gift"]["ports"]
    assert sums["coupon", "issued"] == ports["issued"] <= STOCK, (sums, ports)
    assert result["entered"] == sum(one["entered"] for one in result["days"]), result["entered"]
    return {
        "wall_s": round(meter.wall, 1),
        "cpu_s": round(meter.own + meter.server, 1),
        "own_cpu_s": round(meter.own, 1),
        "events": result["events"],
        "entered": result["entered"],
        "passages": result["passages"],
        "effects": {"/".join(name): n for name, n in sums.items()},
        "step_hours": result["step_hours"],
        "load": round(meter.load, 2),
        **({"statements": ledger.report(1_000_000, 30)} if ledger is not None else {}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=2469)
    parser.add_argument("--orders", type=int, default=155_000)
    parser.add_argument("--lines", type=float, default=9.5)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--statements", action="store_true", help="name the statements that cost most, in seconds")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder, EmbeddedServer(Path(folder)) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("create database backtest")
        url = database_url(server.url(), "backtest")
        began = time.perf_counter()
        tenant = prepare(url, asked.households, asked.orders, asked.lines)
        with psycopg.connect(url) as connection:
            row = connection.execute("select count(*) from order_line").fetchone()
            known = versions(connection)
        print(
            json.dumps(
                {
                    "what": "backtest",
                    "days": asked.days,
                    "order_lines": row[0] if row else 0,
                    "prepared_s": round(time.perf_counter() - began, 1),
                    **measure(url, tenant, asked.days, server.pid or 0, Ledger() if asked.statements else None),
                    "limit_s": 30,
                    "versions": known,
                }
            )
        )


if __name__ == "__main__":
    main()
