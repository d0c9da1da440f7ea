"""Do many expressions over shared scans say what each says alone, and when each can next change?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.catalog import check, compile_python, next_change, to_text
from tandem.catalog.sql_shared import compile_shared, laterals
from unit.catalog.generate import expressions
from unit.catalog.rows import BUCKETS, NOWS, TENANT, ZONES, make, store
from unit.catalog.sample import event_scope

SAMPLES: Final = make(25, seed=5)
SCOPE: Final = event_scope()
ALIAS: Final = {"customer": "c", "event": "e.payload"}
TYPICAL: Final = (
    "count(orders where category = 'a' and paid_at >= now() - 90 days) >= 1",
    "count(orders in last 7 days) = 0 and days_since(last(orders.paid_at)) > 30",
    "not exists(visits in last 30 days) or exists(orders)",
    "exists(visits in last 400 days)",
    "sum(orders.amount where delivered_on > today() - 30 days) > 5",
    "avg(orders.amount in last 365 days) > 10",
    "days_in_a_row(orders in last 365 days) >= 2",
    "first(orders.category in last 365 days) = 'a' or most_frequent(orders.category) = 'b'",
    "count(orders where amount > customer.spend) >= 1",
    "count(orders where paid_at between now() - 200 days and now() - 20 days) >= 1",
    "customer.joined_at + 30 days < now()",
)


@pytest.fixture(scope="module")
def connection(database_server_url: str) -> Iterator[psycopg.Connection]:
    name = f"expressions_{uuid4().hex[:12]}"
    with psycopg.connect(database_server_url, autocommit=True) as server:
        server.execute(f'create database "{name}"')  # type: ignore[arg-type]
        with psycopg.connect(database_server_url, dbname=name) as made:
            store(made, SAMPLES)
            made.commit()
            yield made
        server.execute(f'drop database "{name}" with (force)')  # type: ignore[arg-type]


def assert_agree(connection: psycopg.Connection, texts: list[str], zone: str, now: datetime) -> None:
    cases = [check(text, SCOPE, "bool") for text in texts]
    compiled = [compile_shared(case, alias=ALIAS, prefix=f"e{i}_", zone=zone) for i, case in enumerate(cases)]
    params: dict[str, Any] = {"now": now, "tenant": TENANT, "buckets": BUCKETS}
    for one in compiled:
        params |= one.params
    columns = ", ".join(f"{one.inside}, {one.due or 'null::timestamptz'}" for one in compiled)
    statement = (
        f"select {columns} from customer as c join happening as e on e.bucket = c.bucket and e.customer_id = c.id and e.tenant_id = %(tenant)s"
        f" {laterals(scan for one in compiled for scan in one.scans)}"
        " where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s::uuid order by c.n"
    )
    with connection.transaction():
        rows = connection.execute(statement, params).fetchall()  # type: ignore[arg-type]
    for sample, row in zip(SAMPLES, rows, strict=True):
        for index, case in enumerate(cases):
            wanted = compile_python(case, zone=zone)(sample.record, now) is True
            assert (row[2 * index] is True) == wanted, case.text
            assert row[2 * index + 1] == next_change(case, sample.record, now, zone=zone), case.text


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Havana"])
def test_typical_conditions(connection: psycopg.Connection, zone: str) -> None:
    for now in NOWS:
        assert_agree(connection, list(TYPICAL), zone, now)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.lists(expressions(3), min_size=8, max_size=8), zone=st.sampled_from(ZONES), now=st.sampled_from(NOWS))
def test_any_conditions(connection: psycopg.Connection, drawn: list[Any], zone: str, now: datetime) -> None:
    assert_agree(connection, [to_text(node) for type_, node in drawn if str(type_) == "bool"] or ["true"], zone, now)
