"""Segment previews over 1M customers, 10M order lines and 2M page views, beside DuckDB on the same rows; fill and live judging.

    script/bench segments [--customers 1000000] [--lines 10000000] [--views 2000000] [--repeat 5] [--keep DIR]

Previews run as those of somebody who may see the whole tenant: row-level security on, planned for their values. Counts agree with DuckDB.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench")]

from _measure import Meter, versions  # noqa: E402
from _peer_duckdb import at_now, compared, data, duckdb, prepared, run, stocked  # noqa: E402

from tandem.kernel.db import connect  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import role_url, settings  # noqa: E402

BATCH = 1000
SEGMENTS = 50


@dataclass(frozen=True)
class Query:
    """One question: as an expression, and as SQL for the peer."""

    name: str
    text: str
    peer: str


_TWICE = """(select customer_id from order_line where category = '奶粉' and category_amount is not null
  and paid_at >= $now - interval 90 day and paid_at <= $now group by 1 having count(*) >= 2)"""
_QUIET = "not exists (select 1 from sales_order o where o.customer_id = c.id and o.paid_at >= $now - interval 30 day and o.paid_at <= $now)"

_FAVOURITE = """select count(*) from (select customer_id, product_id, row_number() over (partition by customer_id order by count(*) desc, product_id) as place
  from order_line where paid_at >= $now - interval 90 day and paid_at <= $now group by 1, 2) where place = 1 and product_id = 'p0003'"""
_VIEW_DAYS = """select distinct customer_id, cast(occurred_at + interval 8 hour as date) as day from event where payload = '{"name": "product_viewed"}'
  and occurred_at >= $now - interval 14 day and occurred_at <= $now"""
_VIEW_RUNS = f"""select customer_id from (select customer_id, day - cast(row_number() over (partition by customer_id order by day) as integer) as run
  from ({_VIEW_DAYS})) group by customer_id, run having count(*) >= 3"""
_QUIET_WEEK = _QUIET.replace("interval 30 day", "interval 7 day")

QUERIES = (
    Query(
        "story: category twice in 90 days, nothing for 30",
        "count(purchases in last 90 days where category = '奶粉') >= 2 and count(orders in last 30 days) = 0",
        f"select count(*) from customer c where c.id in {_TWICE} and {_QUIET}",
    ),
    Query(
        "the same by the feature row, with city and tag",
        "count(purchases in last 90 days where category = '奶粉') >= 2 and days_since(customer.last_order_at) >= 30"
        " and customer.city in ['上海', '杭州'] and not has_tag('标签03')",
        f"""select count(*) from customer c join customer_profile p on p.customer_id = c.id where c.id in {_TWICE}
        and date_diff('day', p.last_order_at + interval 8 hour, $now + interval 8 hour) >= 30
        and c.city in ('上海', '杭州') and not exists (select 1 from customer_tag t where t.customer_id = c.id and t.tag = '标签03')""",
    ),
    Query(
        "RFM: best of all",
        "customer.rfm_r >= 4 and customer.rfm_f >= 4 and customer.rfm_m = 5",
        "select count(*) from customer c join customer_profile p on p.customer_id = c.id where rfm_r >= 4 and rfm_f >= 4 and rfm_m = 5",
    ),
    Query(
        "born in November, spent over 3000, order in 90 days",
        "month_of(customer.birthday) = 11 and customer.spend_total > 3000 and exists(orders in last 90 days)",
        """select count(*) from customer c join customer_profile p on p.customer_id = c.id where month(birthday) = 11 and spend_total > 3000
        and exists (select 1 from sales_order o where o.customer_id = c.id and o.paid_at >= $now - interval 90 day and o.paid_at <= $now)""",
    ),
    Query(
        "spent over 500 on a category in 180 days, by city",
        "sum(purchases.amount in last 180 days where category = '品类07') > 500 and customer.city != '上海'",
        """select count(*) from customer c where c.city <> '上海' and c.id in (select customer_id from order_line
        where category = '品类07' and category_amount is not null and paid_at >= $now - interval 180 day and paid_at <= $now
        group by 1 having sum(category_amount) > 500)""",
    ),
    Query(
        "favourite product of 90 days",
        "most_frequent(order_lines.product_id in last 90 days) = 'p0003'",
        _FAVOURITE,
    ),
    Query(
        "looked three days in a row within 14, no order in 7",
        "days_in_a_row(behaviours in last 14 days where name = 'product_viewed') >= 3 and count(orders in last 7 days) = 0",
        f"select count(*) from customer c where c.id in ({_VIEW_RUNS}) and {_QUIET_WEEK}",
    ),
    Query(
        "never bought, has a tag",
        "not exists(orders) and has_tag('标签01')",
        """select count(*) from customer c where not exists (select 1 from sales_order o where o.customer_id = c.id)
        and exists (select 1 from customer_tag t where t.customer_id = c.id and t.tag = '标签01')""",
    ),
)


def previews(
    url: str, tenant: UUID, server_pid: int, peer: duckdb.DuckDBPyConnection, repeat: int
) -> list[dict[str, Any]]:
    """Each question `repeat` times here and there after one warm-up."""
    from tandem.assembly import system
    from tandem.stream.segment.meaning import checked
    from tandem.stream.segment.preview import preview

    found: list[dict[str, Any]] = []
    with connect(role_url(url, "worker", settings().master_key_bytes())) as connection:
        for query in QUERIES:
            meaning = checked(system().catalog, query.text)
            bound = {"now": data.NOW.replace(tzinfo=None)} if "$now" in query.peer else {}

            def ours(meaning: Any = meaning) -> int:
                with connection.transaction():
                    return preview(at_now(connection, tenant), meaning).count

            def theirs(query: Query = query, bound: dict[str, Any] = bound) -> int:
                return (peer.execute(query.peer, bound).fetchone() or (0,))[0]

            count, expected, figures = compared(ours, theirs, repeat, server_pid)
            assert count == expected, (query.name, count, expected)
            found.append({"query": query.name, "count": count, **figures})
    return found


def judge_all(turn: Any, watched: Any, people: set[tuple[int, UUID]]) -> None:
    """Ask every segment about all of these people."""
    from tandem.stream.segment.judge import judge

    judge(turn, watched, {one.id: people for one in watched})


def live(url: str, tenant: UUID, server_pid: int) -> dict[str, Any]:
    """Fill one segment for everybody, then judge batches of touched customers by fifty at once."""
    from tandem.assembly import system
    from tandem.kernel.ids import BUCKETS
    from tandem.kernel.turn import Turn
    from tandem.stream.segment import service
    from tandem.stream.segment.definitions import definitions
    from tandem.stream.segment.fill import fill

    buckets = list(range(BUCKETS))
    with psycopg.connect(url) as owner:
        # Those of an earlier run over kept rows.
        owner.execute("truncate segment, segment_version, segment_member, segment_due, segment_day, stream_fanout")
    with connect(role_url(url, "worker", settings().master_key_bytes())) as connection:
        with connection.transaction():
            tx = at_now(connection, tenant)
            for number in range(SEGMENTS):
                text = f"count(purchases in last {60 + number} days where category = '品类{number:02d}') >= 2 and count(orders in last 30 days) = 0"
                service.create(tx, system().catalog, service.Draft(name=f"段{number:02d}", text=text))
            tx.execute("delete from stream_fanout where subject_id <> (select id from segment where name = '段10')")
        seen = 0
        with Meter(server_pid) as filled:
            for _ in range(40):
                with connection.transaction():
                    seen += fill(Turn(at_now(connection, tenant), buckets[:64]), system(), 2000)
        with connection.transaction():
            tx = at_now(connection, tenant)
            turn = Turn(tx, buckets)
            tx.execute("delete from stream_fanout")
            watched = definitions.watched(turn, system().catalog)
            chosen = [
                tuple(row)
                for row in tx.cursor(
                    "select bucket, id from customer where tenant_id = %(t)s order by id limit %(n)s",
                    {"t": tenant, "n": 20 * BATCH},
                )
            ]
            for start in range(0, 5 * BATCH, BATCH):
                judge_all(turn, watched, set(chosen[start : start + BATCH]))
            with Meter(server_pid) as judged:
                for start in range(5 * BATCH, 20 * BATCH, BATCH):
                    judge_all(turn, watched, set(chosen[start : start + BATCH]))
    return {
        "fill_customers": {"n": seen, **filled.per(seen)},
        f"judge_{SEGMENTS}_segments_batches_of_{BATCH}": {"n": 15 * BATCH, **judged.per(15 * BATCH)},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--views", type=int, default=2_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument(
        "--keep", type=Path, help="a directory for the rows, which need not be made again the next time"
    )
    run(measure, parser.parse_args())


def measure(server: EmbeddedServer, options: argparse.Namespace) -> dict[str, Any]:
    url, tenant, postmaster = prepared(server)
    made = partial(data.make, options.customers, options.lines, options.views, tenant)
    peer, loaded = stocked(url, options, made, data.LOADED)
    with psycopg.connect(url) as connection:
        known = versions(connection)
    seen = previews(url, tenant, postmaster, peer, options.repeat)
    # What took so long to come by is told even should the rest fail.
    print(json.dumps(seen, ensure_ascii=False), file=sys.stderr, flush=True)
    return {
        "what": "segment previews, fill and live judging",
        "n": {"customers": options.customers, "order_lines": options.lines, "page_views": options.views},
        "load_s": round(loaded, 1),
        "previews": seen,
        **live(url, tenant, postmaster),
        "versions": known | {"duckdb": duckdb.__version__},
        "load": os.getloadavg()[0],
    }


if __name__ == "__main__":
    main()
