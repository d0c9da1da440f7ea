"""A seeded shop of any size: customers, their feature rows and tags, orders, order lines. Made once, loaded into both databases."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import psycopg
import pyarrow as pa
from pyarrow import csv
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex

from tandem.kernel.schema import Base

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
CITIES = [f"城市{number:02d}" for number in range(48)] + ["上海", "杭州"]
CATEGORIES = [f"品类{number:02d}" for number in range(59)] + ["奶粉"]
TAGS = [f"标签{number:02d}" for number in range(20)]
ORDERS_PER_LINE = 0.4
DAYS = 365
PRODUCTS = 2_000
VIEWED_DAYS = 90
LOADED = ("customer", "customer_profile", "customer_tag", "sales_order", "order_line", "event")


@dataclass
class Shop:
    """Arrow tables by name, with the columns of the product's own tables."""

    customers: int
    tables: dict[str, pa.Table]


def make(customers: int, lines: int, views: int, tenant: UUID, seed: int = 7) -> Shop:
    """The shop: buyers follow a long tail, a category share is small, times spread over a year and fade with age; views, over a quarter."""
    rng = np.random.default_rng(seed)
    ids, buckets = _ids(rng, customers)
    orders = int(lines * ORDERS_PER_LINE)
    buyer = np.minimum((customers * rng.random(orders) ** 1.6).astype(np.int64), customers - 1)
    paid = _micros(rng.random(orders) ** 1.1 * DAYS)
    order_ids, _ = _ids(rng, orders)
    line_order = np.sort(rng.integers(0, orders, lines))
    line_no = np.arange(lines) - np.searchsorted(line_order, line_order) + 1
    category = np.minimum((len(CATEGORIES) * rng.random(lines) ** 0.7).astype(np.int64), len(CATEGORIES) - 1)
    amount = np.round(rng.gamma(2.0, 40.0, lines), 2) + 1
    total = np.round(np.bincount(line_order, amount, orders), 2)
    texts = _line_sums(line_order, category, amount)
    tables = {
        "customer": _customers(rng, ids, buckets, tenant),
        "customer_profile": _profiles(ids, buckets, tenant, buyer, paid, total),
        "customer_tag": _tags(rng, ids, buckets, tenant),
        "sales_order": pa.table({
            "bucket": buckets[buyer], "id": order_ids, "tenant_id": _same(tenant, orders), "customer_id": ids[buyer],
            "origin_id": ids[buyer], "source": _same("bench", orders), "external_id": _same("x", orders),
            "status": _same("paid", orders), "placed_at": paid, "paid_at": paid, "modified_at": paid,
            "currency": _same("CNY", orders), "total": total, "line_count": _same(1, orders),
        }),
        "order_line": pa.table({
            "bucket": buckets[buyer[line_order]], "order_id": order_ids[line_order], "line_no": line_no,
            "tenant_id": _same(tenant, lines), "customer_id": ids[buyer[line_order]], "origin_id": ids[buyer[line_order]],
            "product_id": _products(rng, lines), "category": pa.array(CATEGORIES).take(pa.array(category)),
            "quantity": _same(1, lines), "amount": amount, "paid_at": paid[line_order], "category_amount": texts,
        }),
        "event": _views(rng, views, ids, buckets, tenant),
    }  # fmt: skip
    return Shop(customers, tables)


def _products(rng: np.random.Generator, lines: int) -> pa.Array:
    names = [f"p{number:04d}" for number in range(PRODUCTS)]
    return pa.array(names).take(pa.array((PRODUCTS * rng.random(lines) ** 3).astype(np.int64)))


def _views(rng: np.random.Generator, count: int, ids: np.ndarray, buckets: np.ndarray, tenant: UUID) -> pa.Table:
    """Pages looked at: whoever looks comes back, a few of them day after day."""
    who = np.minimum((len(ids) * rng.random(count) ** 2.5).astype(np.int64), len(ids) - 1)
    at = _micros(rng.random(count) * VIEWED_DAYS)
    kinds = pa.array(['{"name": "product_viewed"}', '{"name": "live_entered"}'])
    event_ids, _ = _ids(rng, count)
    return pa.table({
        "bucket": buckets[who], "tenant_id": _same(tenant, count), "occurred_at": at, "event_id": event_ids, "received_at": at,
        "lane": _same(1, count), "mode": _same(1, count), "type": _same("behaviour.recorded", count), "customer_id": ids[who],
        "origin_id": ids[who], "payload": kinds.take(pa.array((rng.random(count) < 0.2).astype(np.int64))),
    })  # fmt: skip


def _ids(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    raw = rng.bytes(16 * count)
    return np.frombuffer(raw.hex().encode(), dtype="S32").astype(str), np.frombuffer(raw, np.uint8)[15::16].astype(
        np.int16
    )


def _micros(days_ago: np.ndarray) -> np.ndarray:
    return np.datetime64(NOW.replace(tzinfo=None), "us") - (days_ago * 86_400_000_000).astype("timedelta64[us]")


def _same(value: Any, count: int) -> pa.Array:
    return pa.repeat(str(value) if isinstance(value, UUID) else value, count)


def _line_sums(line_order: np.ndarray, category: np.ndarray, amount: np.ndarray) -> pa.Array:
    """An order's sum per category, on the first line of each."""
    key = line_order * len(CATEGORIES) + category
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    sums = np.full(len(key), np.nan)
    sums[first] = np.round(np.bincount(inverse, amount), 2)
    return pa.array(sums, from_pandas=True)


def _customers(rng: np.random.Generator, ids: np.ndarray, buckets: np.ndarray, tenant: UUID) -> pa.Table:
    count = len(ids)
    made = _micros(rng.random(count) * 900)
    birthday = (np.datetime64("1960-01-01") + rng.integers(0, 16000, count).astype("timedelta64[D]")).astype(
        "datetime64[D]"
    )
    city = pa.array(CITIES).take(pa.array(rng.integers(0, len(CITIES), count)))
    return pa.table({
        "bucket": buckets, "id": ids, "tenant_id": _same(tenant, count), "origin_id": ids, "city": city, "birthday": birthday,
        "first_seen_at": made, "created_at": made, "updated_at": made, "key_enc": _same("", count),
    })  # fmt: skip


def _profiles(
    ids: np.ndarray, buckets: np.ndarray, tenant: UUID, buyer: np.ndarray, paid: np.ndarray, total: np.ndarray
) -> pa.Table:
    count = len(ids)
    orders, spend = np.bincount(buyer, minlength=count), np.round(np.bincount(buyer, total, count), 2)
    last = np.full(count, np.datetime64(0, "us"))
    np.maximum.at(last, buyer, paid)
    none = orders == 0
    score = 1 + np.searchsorted(np.quantile(spend[~none], [0.2, 0.4, 0.6, 0.8]), spend)
    return pa.table({
        "bucket": buckets, "customer_id": ids, "origin_id": ids, "tenant_id": _same(tenant, count), "order_count": orders,
        "spend_total": spend, "last_order_at": pa.array(last, mask=none), "rfm_m": pa.array(score, mask=none),
        "rfm_r": pa.array(score, mask=none), "rfm_f": pa.array(score, mask=none),
        "updated_at": _same("2026-11-20 00:00:00", count),
    })  # fmt: skip


def _tags(rng: np.random.Generator, ids: np.ndarray, buckets: np.ndarray, tenant: UUID) -> pa.Table:
    chosen = np.flatnonzero(rng.random(len(ids)) < 0.4)
    tag = pa.array(TAGS).take(pa.array((len(TAGS) * rng.random(len(chosen)) ** 2).astype(np.int64)))
    return pa.table({
        "bucket": buckets[chosen], "customer_id": ids[chosen], "origin_id": ids[chosen],
        "tenant_id": _same(tenant, len(chosen)), "tag": tag, "source": _same("manual", len(chosen)),
        "set_at": _same("2026-11-01 00:00:00", len(chosen)),
    })  # fmt: skip


def load(connection: psycopg.Connection[Any], shop: Shop, wanted: Sequence[str] = LOADED) -> float:
    """COPY the wanted tables in, indexes made afterwards; returns the seconds it took."""
    began = time.perf_counter()
    indexes = {table: Base.metadata.tables[table].indexes for table in wanted}
    for table in wanted:
        for index in indexes[table]:
            connection.execute(f'drop index if exists "{index.name}"')
        _copy(connection, table, shop.tables[table])
        for index in indexes[table]:
            connection.execute(str(CreateIndex(index).compile(dialect=postgresql.dialect())))
    connection.commit()
    connection.autocommit = True
    for table in wanted:
        connection.execute(f"vacuum (analyze) {table}")
    connection.autocommit = False
    return time.perf_counter() - began


def _copy(connection: psycopg.Connection[Any], name: str, table: pa.Table) -> None:
    columns = ", ".join(table.column_names)
    with connection.cursor().copy(f"copy {name} ({columns}) from stdin (format csv, null '')") as copy:
        for batch in table.to_batches(200_000):
            out = io.BytesIO()
            csv.write_csv(batch, out, csv.WriteOptions(include_header=False))
            text = out.getvalue()
            # key_enc is an empty value, not a missing one: written quoted, which COPY reads as such.
            copy.write(text)


def ago(**span: float) -> datetime:
    """A moment before the shop's now."""
    return NOW - timedelta(**span)
