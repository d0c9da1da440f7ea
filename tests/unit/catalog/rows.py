"""Real rows for the sample catalog: missing values, extreme decimals, edges of days and of clock changes, quotes, emoji."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

TENANT: Final = UUID("00000000-0000-7000-8000-000000000001")
STRANGER: Final = UUID("00000000-0000-7000-8000-000000000002")
BUCKETS: Final = [0, 1, 2, 3]
SEGMENTS: Final = ("0190a000-0000-7000-8000-00000000000a", "0190a000-0000-7000-8000-00000000000b")

ZONES: Final = ("Asia/Shanghai", "America/New_York", "UTC", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe")
NOWS: Final = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2026-03-08T06:59:59.999999+00:00",
        "2026-03-08T07:00:00+00:00",
        "2026-11-01T05:30:00+00:00",
        "2026-11-01T04:00:00+00:00",
        "2025-12-31T16:00:00+00:00",
        "2024-02-29T15:59:59.999999+00:00",
        "2026-06-15T12:34:56.789012+00:00",
    )
)
NUMBERS: Final = tuple(
    Decimal(text)
    for text in (
        "0",
        "1",
        "-1",
        "2",
        "0.1",
        "-0.1",
        "12.50",
        "33.333333",
        "100",
        "0.0000000001",
        "99999999999999999999.99999",
        "-12345678901234567890.0987654321",
        "1234567890123456789012345678",
        "0.3333333333333333333333333333",
        "7",
        "1E+20",
    )
)
TEXTS: Final = (
    "",
    "a",
    "A",
    "b",
    "上海",
    "杭州",
    "奶粉",
    "O'Neil",
    'x"y',
    "100%",
    "a_b",
    "\\",
    "😀",
    "e\u0301",
    "é",
    " a",
    "%",
    "\n",
    "{0}",
    "%(now)s",
    "ＶＩＰ　１",
    "vip 1",
    "310101",
)
DATES: Final = tuple(
    date.fromisoformat(d)
    for d in (
        "2024-02-29",
        "2000-02-29",
        "2026-03-08",
        "2026-11-01",
        "2025-12-31",
        "2026-01-01",
        "1949-10-01",
        "2026-06-15",
        "2030-01-31",
        "1985-03-21",
        "2023-03-22",
        "2026-10-01",
        "2026-02-14",
        "1895-05-05",
        "2099-12-31",
    )
)
TIMES: Final = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2026-03-08T04:59:59.999999+00:00",
        "2026-03-08T05:00:00+00:00",
        "2026-11-01T04:00:00+00:00",
        "2026-11-01T05:00:00+00:00",
        "2025-12-31T15:59:59.999999+00:00",
        "2025-12-31T16:00:00+00:00",
        "2024-02-29T00:00:00+00:00",
        "2026-06-08T12:34:56.789012+00:00",
        "2026-06-15T12:34:56.789012+00:00",
        "1999-12-31T23:59:59+00:00",
    )
)
EVENT_VALUES: Final = (
    None,
    1,
    0.1,
    -5,
    10**25,
    10**70,
    1e300,
    1e-7,
    12.5,
    True,
    False,
    "x",
    "",
    "上海",
    "2026-02-30",
    "2026-03-08",
    "2026-03-08T05:00:00Z",
    "2026-03-08T05:00:00.5+08:00",
    "now",
    "infinity",
    "2026-03-08T24:00:00Z",
    "2026-03-08T23:59:60Z",
    "9999-12-31",
    "2026-03-08T05:00:00",
    [],
    ["a", 1, None, "上海"],
    {"a": 1},
    "奶粉",
)

# Corners, edges and insides are met: coordinates come from few numbers.
COORDINATES: Final = tuple(Decimal(text) for text in ("0", "1", "2", "2.5", "3", "4", "4.000001", "-1"))
Ring = tuple[tuple[Decimal, Decimal], ...]


def ring(*corners: tuple[int, int]) -> Ring:
    return tuple((Decimal(x), Decimal(y)) for x, y in corners)


AREAS: Final[dict[str, tuple[Ring, ...]]] = {
    # A notch, a horizontal edge at the height of points, a corner that only touches their parallel.
    "east": (ring((0, 0), (4, 0), (4, 4), (2, 1), (1, 3), (0, 3)),),
    "two rings": (ring((-1, -1), (1, -1), (0, 1)), ring((3, 3), (4, 3), (4, 4), (3, 4))),
}


SCHEMA: Final = """
create table customer(n int, bucket smallint, id uuid, tenant_id uuid, city text, name text, phone text, level text, spend numeric, points int,
    birthday date, joined_at timestamptz, subscribed boolean, channels text[], division text, longitude numeric, latitude numeric, primary key (bucket, id));
create table happening(bucket smallint, customer_id uuid, tenant_id uuid, payload jsonb);
create table sales_order(bucket smallint, customer_id uuid, tenant_id uuid, amount numeric, quantity int, category text, paid_at timestamptz,
    delivered_on date, gift boolean);
create table store_visit(bucket smallint, customer_id uuid, tenant_id uuid, at date, store text, minutes numeric);
create table customer_tag(bucket smallint, customer_id uuid, tenant_id uuid, tag text);
create table geofence(tenant_id uuid, key text, xs numeric[], ys numeric[]);
create table market_price(tenant_id uuid, customer_id uuid, region text, price numeric);
create table protected_region(tenant_id uuid, customer_id uuid, regions text[]);
create table segment_member(bucket smallint, customer_id uuid, tenant_id uuid, segment_id uuid);
"""


@dataclass(frozen=True)
class Sample:
    """One customer as the Python back end sees her."""

    bucket: int
    id: UUID
    record: dict[str, Any]


def make(count: int, seed: int = 7) -> list[Sample]:
    rng = random.Random(seed)
    return [_customer(rng, n) for n in range(count)]


def _pick(rng: random.Random, values: Any, missing: float = 0.15) -> Any:
    return None if rng.random() < missing else rng.choice(values)


def _time(rng: random.Random) -> Any:
    base = _pick(rng, TIMES + NOWS, 0.1)
    if base is None or rng.random() < 0.4:
        return base
    return base - timedelta(days=rng.choice((1, 7, 30, 90, 365)), microseconds=rng.choice((0, 1, -1)))


def _customer(rng: random.Random, n: int) -> Sample:
    record = {
        "customer": {
            "city": _pick(rng, TEXTS),
            "name": _pick(rng, TEXTS),
            "level": _pick(rng, ("gold", "silver", "plain")),
            "spend": _pick(rng, NUMBERS),
            "points": _pick(rng, (0, 1, -1, 5, 2**31 - 1)),
            "birthday": _pick(rng, DATES),
            "joined_at": _time(rng),
            "subscribed": _pick(rng, (True, False)),
            "division": _pick(rng, ("310101", "310000", "440305", "429004", "110105", "31", "")),
            "longitude": _pick(rng, COORDINATES, 0.1),
            "latitude": _pick(rng, COORDINATES, 0.1),
            "channels": _pick(rng, ([], ["a"], ["上海", "b"], ["O'Neil", "😀", "a"])),
        },
        "event": {
            key: rng.choice(EVENT_VALUES)
            for key in ("amount", "store", "first", "day", "paid_at", "items")
            if rng.random() < 0.9
        },
        "relations": {
            "orders": [_order(rng) for _ in range(rng.choice((0, 0, 1, 2, 5, 9)))],
            "visits": [
                {"at": _pick(rng, DATES), "store": _pick(rng, TEXTS), "minutes": _pick(rng, NUMBERS)}
                for _ in range(rng.choice((0, 1, 3)))
            ],
        },
        "tags": set(rng.sample(TEXTS, rng.choice((0, 1, 4)))),
        "segments": set(rng.sample(SEGMENTS, rng.choice((0, 1, 2)))),
    }
    record["customer"]["city_upper"] = (
        None if record["customer"]["city"] is None else _ascii_upper(record["customer"]["city"])
    )
    prices: dict[str, Decimal | None] = {text: _pick(rng, NUMBERS) for text in rng.sample(TEXTS, 6)}
    regions: tuple[str, ...] | None = _pick(rng, (("上海", "a"), ("",)), 0.3)
    customer = record["customer"]
    customer["location"] = (
        None if None in (customer["longitude"], customer["latitude"]) else (customer["longitude"], customer["latitude"])
    )
    record["prices"], record["regions"] = prices, regions
    record["areas"] = {"geofence": AREAS}
    record["lookups"] = {
        "market_price": lambda _, region: prices.get(region),
        "protected_regions": lambda _: regions,
    }
    return Sample(n % len(BUCKETS), UUID(int=(7 << 76) | (2 << 62) | n), record)


def _ascii_upper(text: str) -> str:
    return "".join(c.upper() if "a" <= c <= "z" else c for c in text)


def _order(rng: random.Random) -> dict[str, Any]:
    return {
        "amount": _pick(rng, NUMBERS),
        "quantity": _pick(rng, (0, 1, 2, 3, -4)),
        "category": _pick(rng, ("奶粉", "a", "b", "😀")),
        "paid_at": _time(rng),
        "delivered_on": _pick(rng, DATES),
        "gift": _pick(rng, (True, False)),
    }


def store(connection: psycopg.Connection, samples: list[Sample]) -> None:
    """Create the tables and write the samples, with decoys of another tenant and of a bucket that is not asked for."""
    connection.execute(SCHEMA)
    for n, sample in enumerate(samples):
        values = {k: v for k, v in sample.record["customer"].items() if k not in {"city_upper", "location"}}
        insert(
            connection,
            "customer",
            {"n": n, "bucket": sample.bucket, "id": sample.id, "tenant_id": TENANT, "phone": "secret", **values},
        )
        for tenant, bucket in ((TENANT, sample.bucket), (STRANGER, sample.bucket), (TENANT, 200)):
            owner = {"bucket": bucket, "customer_id": sample.id, "tenant_id": tenant}
            mine = (tenant, bucket) == (TENANT, sample.bucket)
            if mine:
                insert(connection, "happening", owner | {"payload": Jsonb(sample.record["event"])})
            for row in sample.record["relations"]["orders"] if mine else [_order(random.Random(n))]:
                insert(connection, "sales_order", owner | row)
            for row in sample.record["relations"]["visits"] if mine else [{"at": DATES[0]}]:
                insert(connection, "store_visit", owner | row)
            for tag in sample.record["tags"] if mine else TEXTS:
                insert(connection, "customer_tag", owner | {"tag": tag})
            for segment in sample.record["segments"] if mine else SEGMENTS:
                insert(connection, "segment_member", owner | {"segment_id": segment})
            lookups = (
                (("market_price", [{"region": r, "price": p} for r, p in sample.record["prices"].items()]),)
                if bucket != 200
                else ()
            )
            for table, found in lookups:
                for row in found if mine else [{"region": text, "price": 1} for text in TEXTS]:
                    insert(connection, table, {"tenant_id": tenant, "customer_id": sample.id} | row)
        if sample.record["regions"] is not None:
            owner = {"tenant_id": TENANT, "customer_id": sample.id}
            insert(connection, "protected_region", owner | {"regions": list(sample.record["regions"])})
    store_areas(connection, "geofence")
    connection.execute("analyze")
    connection.commit()


def store_areas(connection: psycopg.Connection, table: str) -> None:
    """Write the areas, with a decoy of another tenant that holds everything."""
    everything = ring((-9, -9), (9, -9), (9, 9), (-9, 9))
    for tenant, areas in ((TENANT, AREAS), (STRANGER, dict.fromkeys((*AREAS, "nowhere"), (everything,)))):
        for key, rings in areas.items():
            for corners in rings:
                row = {"tenant_id": tenant, "key": key, "xs": [x for x, _ in corners], "ys": [y for _, y in corners]}
                insert(connection, table, row)


def insert(connection: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
    columns = ", ".join(row)
    marks = ", ".join(f"%({key})s" for key in row)
    connection.execute(f"insert into {table} ({columns}) values ({marks})", row)  # type: ignore[arg-type]


def utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
