"""Conversion by source over 1M customers, 2M identifiers and 4M orders: what the screen asks, beside DuckDB on the same rows.

    script/bench conversion [--customers 1000000] [--orders 4000000] [--repeat 3] [--keep DIR]

Asked as somebody who may see the whole tenant: row-level security on, planned for its values. The figures agree with DuckDB's.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench")]

from _measure import cpu_of, versions  # noqa: E402
from _peer_duckdb import at_now, compared, data, duckdb, np, pa, prepared, run, stocked, timed  # noqa: E402

from tandem.domains.insight.conversion import Question, compare, converts  # noqa: E402
from tandem.kernel.db import connect  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import role_url, settings  # noqa: E402

SOURCES = ("erp", "mall", "douyin", "wecom", "till")
TABLES = ("customer", "sales_order", "customer_identifier", "customer_fact_day")
TODAY = date(2026, 11, 20)


def shop_of(customers: int, orders: int, tenant: UUID) -> data.Shop:
    """The shop of the segment benchmark with sources told apart, identifiers beside and the day buckets of its orders."""
    shop = data.make(customers, int(orders / data.ORDERS_PER_LINE), 1, tenant)
    rng = np.random.default_rng(11)
    sold = shop.tables["sales_order"]
    names = pa.array(SOURCES)
    sources = names.take(pa.array(rng.integers(0, len(SOURCES), len(sold))))
    sold = sold.set_column(sold.column_names.index("source"), "source", sources).append_column("sales_channel", sources)
    tables = {"customer": shop.tables["customer"], "sales_order": sold}
    tables["customer_identifier"] = _identifiers(rng, shop.tables["customer"], names)
    with duckdb.connect() as peer:
        peer.register("sold", sold)
        tables["customer_fact_day"] = peer.sql(
            """select bucket, customer_id, cast(paid_at + interval 8 hour as date) as day, 'orders' as fact, tenant_id, customer_id as origin_id,
              count(*) as n, round(sum(total), 2) as amount from sold group by all"""
        ).to_arrow_table()
    return data.Shop(customers, tables)


def _identifiers(rng: np.random.Generator, customer: pa.Table, names: pa.Array) -> pa.Table:
    """A phone for everybody from the first day; for some an open id and a member number, weeks later and from elsewhere."""
    parts: list[pa.Table] = []
    first = customer["first_seen_at"].to_numpy()
    for kind, share, weeks in (("phone", 1.0, 0), ("open_id", 0.45, 8), ("member_no", 0.55, 4)):
        chosen = np.flatnonzero(rng.random(len(customer)) < share)
        later = (rng.random(len(chosen)) * weeks * 7 * 86_400_000_000).astype("timedelta64[us]")
        at = np.minimum(first[chosen] + later, np.datetime64(data.NOW.replace(tzinfo=None), "us"))
        who = customer.select(["bucket", "id", "tenant_id", "origin_id"]).take(pa.array(chosen))
        count = len(chosen)
        parts.append(
            pa.table({
                "bucket": who["bucket"], "customer_id": who["id"], "tenant_id": who["tenant_id"], "origin_id": who["origin_id"],
                "kind": pa.repeat(kind, count), "scope": pa.repeat("s", count), "value_hash": pa.repeat("h", count),
                "value_enc": pa.repeat("e", count), "last4": pa.repeat("0000", count), "rule": pa.repeat("first", count),
                "source": names.take(pa.array(rng.integers(0, len(SOURCES), count))), "first_seen_at": at, "last_seen_at": at,
            })
        )  # fmt: skip
    return pa.concat_tables(parts)


PEER = """
with touch as (
  {touches}
), came as (select customer_id, key, min(seen) as seen from touch group by all
), placed as (select *, row_number() over (partition by customer_id order by seen, key) as place from came
), cohort as (select *, cast(seen + interval 8 hour as date) as day from placed
  where ({every} or place = 1) and seen + interval 8 hour >= $first and seen + interval 8 hour < $last + interval 1 day
), known as (select customer_id, bool_or(kind in ('union_id', 'open_id')) as friend, bool_or(kind = 'member_no') as member
  from customer_identifier group by all
), bought as (select c.customer_id, c.key, sum(d.n) as orders, sum(d.amount) as revenue
  from cohort c join customer_fact_day d on d.customer_id = c.customer_id and d.day >= c.day group by all)
select c.key, count(*), count(*) filter (where k.friend), count(*) filter (where k.member), count(*) filter (where b.orders >= 1),
  count(*) filter (where b.orders >= 2), round(coalesce(sum(b.revenue), 0), 2)
from cohort c left join known k using (customer_id) left join bought b on b.customer_id = c.customer_id and b.key = c.key
group by 1 order by 2 desc, 1"""
TOUCHES = {
    "source": """select customer_id, source as key, first_seen_at as seen from customer_identifier
  union all select customer_id, source, placed_at from sales_order""",
    "channel": "select customer_id, sales_channel as key, placed_at as seen from sales_order",
}


def asked() -> dict[str, Question]:
    """The screen as it opens, a quarter, a year, credit to all who knew her, and by channel."""

    def of(days: int, **more: Any) -> Question:
        return Question(**{"by": "source", "first_day": TODAY - timedelta(days=days), "last_day": TODAY} | more)

    return {
        "30 days, by source": of(30),
        "90 days, by source": of(90),
        "365 days, by source": of(365),
        "90 days, every source that knew her": of(90, credit="any"),
        "90 days, by channel": of(90, by="channel"),
    }


def looks(
    url: str, tenant: UUID, server_pid: int, peer: duckdb.DuckDBPyConnection, repeat: int
) -> list[dict[str, Any]]:
    """Each question `repeat` times here and there after one warm-up."""
    found: list[dict[str, Any]] = []
    with connect(role_url(url, "worker", settings().master_key_bytes())) as connection:
        for name, question in asked().items():

            def ours(question: Question = question) -> list[Any]:
                with connection.transaction():
                    return [
                        (
                            one.key,
                            one.came,
                            one.friend,
                            one.member,
                            one.first_order,
                            one.second_order,
                            float(one.revenue),
                        )
                        for one in compare(at_now(connection, tenant), question)
                    ]

            def theirs(question: Question = question) -> list[Any]:
                text = PEER.format(touches=TOUCHES[question.by], every=str(question.credit == "any").lower())
                return peer.execute(text, {"first": question.first_day, "last": question.last_day}).fetchall()

            def page(question: Question = question) -> list[Any]:
                with connection.transaction():
                    return converts(at_now(connection, tenant), question, "mall", "came", after=None, limit=51)

            funnels, expected, figures = compared(ours, theirs, repeat, server_pid)
            assert _rounded(funnels) == _rounded(expected), (name, funnels, expected)
            _, _, page_walls, page_cpu = timed(page, 1, lambda: cpu_of(server_pid))
            found.append(
                {
                    "asked": name,
                    "came": sum(one[1] for one in funnels),
                    **figures,
                    "people_page_wall_s": round(page_walls[0], 3),
                    "people_page_cpu_s": round(page_cpu, 3),
                }
            )
            print(json.dumps(found[-1]), file=sys.stderr, flush=True)
    return found


def _rounded(rows: list[Any]) -> list[tuple[Any, ...]]:
    return [(*row[:6], round(float(row[6]))) for row in rows]


def measure(server: EmbeddedServer, options: argparse.Namespace) -> dict[str, Any]:
    """Make the shop, load it here and there, ask."""
    url, tenant, postmaster = prepared(server)
    peer, loaded = stocked(url, options, partial(shop_of, options.customers, options.orders, tenant), TABLES)
    with psycopg.connect(url) as connection:
        known = versions(connection)
    identifiers = (peer.execute("select count(*) from customer_identifier").fetchone() or (0,))[0]
    return {
        "what": "conversion by source",
        "n": {"customers": options.customers, "orders": options.orders, "identifiers": identifiers},
        "load_s": round(loaded, 1),
        "looks": looks(url, tenant, postmaster, peer, options.repeat),
        "versions": known | {"duckdb": duckdb.__version__},
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--orders", type=int, default=4_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument(
        "--keep", type=Path, help="a directory for the rows, which need not be made again the next time"
    )
    run(measure, parser.parse_args())


if __name__ == "__main__":
    main()
