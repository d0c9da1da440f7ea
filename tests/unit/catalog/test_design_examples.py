"""Every example of the design parses, checks, prints, is read out, and evaluates alike in both back ends.

Scopes that no domain contributes yet (an item in a quote, a period's commission, a partner) are made here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
import pytest

from tandem.catalog import (
    Area,
    Catalog,
    Contribution,
    Entity,
    Field,
    Label,
    Lookup,
    Membership,
    Parameter,
    Relation,
    Scope,
    check,
    compile_python,
    compile_sql,
    cost,
    describe,
    trace,
)
from tandem.catalog.value_types import BOOL, DATE, NUMBER, POINT, TEXT, TIMESTAMP, list_of
from unit.catalog.rows import TENANT, ring

NOW: Final = datetime(2026, 6, 15, 4, tzinfo=UTC)
SOME: Final = Label("某", "some")
CUSTOMER_ID: Final = UUID(int=77)

EXAMPLES: Final = {
    "customer.city in ['上海', '杭州'] and has_tag('奶粉偏好')": True,
    "count(orders where category = '奶粉' and paid_at >= now() - 90 days) >= 2 and days_since(last(visits.at)) > 30": True,
    "age_weeks(customer.pregnancy_start) between 28 and 40": True,
    "if(item.in_warranty, item.guide_price, market_price(item, customer.region)) * (1 - member_discount(customer))": Decimal(
        "79.20"
    ),
    "graduated(period.sales, [0: 3%, 100000: 5%, 500000: 8%])": Decimal("31000.00"),
    "order.region in protected_regions(partner) and not within(customer.location, 'geofence:east-china')": True,
}


def _fields(**types: Any) -> tuple[Field, ...]:
    return tuple(Field(name, type_, SOME) for name, type_ in types.items())


def _catalog() -> Catalog:
    location = Field("location", POINT, SOME, sql="array[{alias}.x, {alias}.y]")
    entity = {"customer_owned": False, "key": ("tenant_id", "id")}
    return Catalog.assemble(
        [
            Contribution(
                "examples",
                entities=(
                    Entity(
                        "customer", SOME, "customer", (*_fields(city=TEXT, region=TEXT, pregnancy_start=DATE), location)
                    ),
                    Entity("item", SOME, "item", _fields(in_warranty=BOOL, guide_price=NUMBER), **entity),
                    Entity("period", SOME, "period", _fields(sales=NUMBER), **entity),
                    Entity("order", SOME, "one_order", _fields(region=TEXT), **entity),
                    Entity("partner", SOME, "partner", _fields(name=TEXT), **entity),
                ),
                relations=(
                    Relation("orders", SOME, "customer", "paid", _fields(category=TEXT, paid_at=TIMESTAMP), "paid_at"),
                    Relation("visits", SOME, "customer", "visit", _fields(at=TIMESTAMP), "at"),
                ),
                memberships=(Membership("tags", "has_tag", SOME, "customer", "tag", "tag"),),
                areas=(Area("geofence", SOME, "geofence"),),
                lookups=_LOOKUPS,
            )
        ]
    )


_LOOKUPS: Final = (
    Lookup(
        "market_price",
        SOME,
        (Parameter("item", SOME, entity="item"), Parameter("region", SOME, type=TEXT)),
        NUMBER,
        "(select m.price from market_price as m where m.tenant_id = {tenant} and m.item_id = {0}.id and m.region = {1})",
    ),
    Lookup("member_discount", SOME, (Parameter("customer", SOME, entity="customer"),), NUMBER, "{0}.discount"),
    Lookup("protected_regions", SOME, (Parameter("partner", SOME, entity="partner"),), list_of(TEXT), "{0}.regions"),
)
SCOPE: Final[Scope] = _catalog().scope(
    customer="customer", item="item", period="period", order="order", partner="partner"
)
EAST: Final = ring((118, 27), (123, 27), (123, 35), (118, 35))
RECORD: Final[dict[str, Any]] = {
    "customer": {
        "city": "上海",
        "region": "华北",
        "pregnancy_start": date(2025, 11, 20),
        "location": (Decimal(117), Decimal(30)),
    },
    "item": {"in_warranty": False, "guide_price": Decimal(120)},
    "period": {"sales": Decimal(600_000)},
    "order": {"region": "华中"},
    "partner": {"name": "某"},
    "relations": {
        "orders": [{"category": "奶粉", "paid_at": NOW - timedelta(days=n)} for n in (3, 80, 95)],
        "visits": [{"at": NOW - timedelta(days=40)}],
    },
    "tags": {"奶粉偏好"},
    "areas": {"geofence": {"east-china": (EAST,)}},
    "lookups": {
        "market_price": lambda item, region: Decimal(88) if region == "华北" and item else None,
        "member_discount": lambda _: Decimal("0.10"),
        "protected_regions": lambda _: ("华中", "华南"),
    },
}
_TABLES: Final = """
create table customer(bucket smallint, id uuid, tenant_id uuid, city text, region text, pregnancy_start date, x numeric, y numeric, discount numeric);
create table item(tenant_id uuid, id int, in_warranty boolean, guide_price numeric);
create table period(tenant_id uuid, id int, sales numeric);
create table one_order(tenant_id uuid, id int, region text);
create table partner(tenant_id uuid, id int, name text, regions text[]);
create table paid(bucket smallint, customer_id uuid, tenant_id uuid, category text, paid_at timestamptz);
create table visit(bucket smallint, customer_id uuid, tenant_id uuid, at timestamptz);
create table tag(bucket smallint, customer_id uuid, tenant_id uuid, tag text);
create table market_price(tenant_id uuid, item_id int, region text, price numeric);
create table geofence(tenant_id uuid, key text, xs numeric[], ys numeric[]);
"""


@pytest.fixture(scope="module")
def connection(database_server_url: str) -> Iterator[psycopg.Connection]:
    name = f"examples_{uuid4().hex[:12]}"
    with psycopg.connect(database_server_url, autocommit=True) as server:
        server.execute(f'create database "{name}"')  # type: ignore[arg-type]
        with psycopg.connect(database_server_url, dbname=name) as made:
            made.execute(_TABLES)
            _store(made)
            made.commit()
            yield made
        server.execute(f'drop database "{name}" with (force)')  # type: ignore[arg-type]


def _store(made: psycopg.Connection) -> None:
    values: dict[str, Any] = {"t": TENANT, "c": CUSTOMER_ID, "xs": [x for x, _ in EAST], "ys": [y for _, y in EAST]}
    made.execute("insert into customer values (3, %(c)s, %(t)s, '上海', '华北', '2025-11-20', 117, 30, 0.10)", values)
    made.execute("insert into item values (%(t)s, 1, false, 120)", values)
    made.execute("insert into period values (%(t)s, 1, 600000)", values)
    made.execute("insert into one_order values (%(t)s, 1, '华中')", values)
    made.execute("insert into partner values (%(t)s, 1, '某', '{华中,华南}')", values)
    made.execute("insert into market_price values (%(t)s, 1, '华北', 88)", values)
    made.execute("insert into geofence values (%(t)s, 'east-china', %(xs)s, %(ys)s)", values)
    made.execute("insert into tag values (3, %(c)s, %(t)s, '奶粉偏好')", values)
    for order in RECORD["relations"]["orders"]:
        made.execute("insert into paid values (3, %(c)s, %(t)s, %(category)s, %(paid_at)s)", values | order)
    made.execute("insert into visit values (3, %(c)s, %(t)s, %(at)s)", values | RECORD["relations"]["visits"][0])


@pytest.mark.parametrize("text", EXAMPLES)
def test_both_back_ends_say_what_the_design_means(connection: psycopg.Connection, text: str) -> None:
    checked = check(text, SCOPE, None)
    assert compile_python(checked, zone="Asia/Shanghai")(RECORD, NOW) == EXAMPLES[text]
    alias = {"customer": "c", "item": "i", "period": "p", "order": "o", "partner": "q"}
    for mode in ("correlated", "joined"):
        compiled = compile_sql(checked, alias=alias, mode=mode, zone="Asia/Shanghai", use="value")  # type: ignore[arg-type]
        statement = f"select {compiled.sql} from customer c cross join item i cross join period p cross join one_order o cross join partner q {' '.join(compiled.joins)}"
        params = compiled.params | {"now": NOW, "tenant": TENANT, "buckets": [3]}
        row = connection.execute(statement, params).fetchone()  # type: ignore[arg-type]
        assert row == (EXAMPLES[text],)


@pytest.mark.parametrize("text", EXAMPLES)
def test_they_are_read_out_costed_and_traced(text: str) -> None:
    checked = check(text, SCOPE, None)
    plain = describe(checked)
    assert plain.zh
    assert plain.en
    assert "(" not in plain.zh.replace("(1 −", "")
    assert cost(checked).points > 0
    assert trace(checked, RECORD, NOW, zone="Asia/Shanghai").value == EXAMPLES[text]
