"""Does PostgreSQL give the same answer as Python, whatever the schema, the expression and the row?

Expressions of depth 6 over generated schemas. 500 cases by default; `TANDEM_PROPERTY_CASES=20000` for a long look.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.catalog import Checked, Scope, check, compile_python, compile_sql, to_text
from tandem.catalog.sql_parts import seconds
from tandem.catalog.sql_related import longest_run
from unit.catalog.generate import SAMPLE, expressions
from unit.catalog.rows import BUCKETS, NOWS, TENANT, ZONES, make, store, utc
from unit.catalog.sample import event_scope
from unit.catalog.schema import ALIAS, from_clause, make_schema, store_schema

BATCH: Final = 10
DEPTH: Final = 6
CASES: Final = int(os.environ.get("TANDEM_PROPERTY_CASES", "500"))
SCHEMAS: Final = [make_schema(seed) for seed in range(max(4, min(40, CASES // 500)))]
SAMPLES: Final = make(40)
RELAXED: Final = settings(
    max_examples=max(1, CASES // BATCH), deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


@pytest.fixture(scope="module")
def connection(database_server_url: str) -> Iterator[psycopg.Connection]:
    """A database of its own: the generated tables are not the product's."""
    name = f"expressions_{uuid4().hex[:12]}"
    with psycopg.connect(database_server_url, autocommit=True) as server:
        server.execute(f'create database "{name}"')  # type: ignore[arg-type]
        with psycopg.connect(database_server_url, dbname=name) as made:
            store(made, SAMPLES)
            for schema in SCHEMAS:
                store_schema(made, schema)
            # The answer must not depend on the session's zone.
            made.execute("set timezone to 'Pacific/Apia'")
            made.commit()
            yield made
        server.execute(f'drop database "{name}" with (force)')  # type: ignore[arg-type]


@pytest.mark.timeout(max(300, CASES // 5))
@RELAXED
@given(data=st.data(), which=st.integers(-1, len(SCHEMAS) - 1), zone=st.sampled_from(ZONES), now=st.sampled_from(NOWS))
def test_sql_in_both_modes_equals_python(
    connection: psycopg.Connection, data: st.DataObject, which: int, zone: str, now: datetime
) -> None:
    """The hand-made catalog (-1) is one of the schemas: its fields are enumerated, computed, sealed."""
    if which < 0:
        samples, words, scope = SAMPLES, SAMPLE, event_scope()
        source = "customer as c join happening as e on e.bucket = c.bucket and e.customer_id = c.id and e.tenant_id = %(tenant)s"
    else:
        schema = SCHEMAS[which]
        samples, words, scope, source = schema.samples, schema.words(), schema.scope(), from_clause(schema)
    drawn = data.draw(st.lists(expressions(DEPTH, words), min_size=BATCH, max_size=BATCH))
    cases = [check(to_text(node), scope, type_) for type_, node in drawn]
    runs = [compile_python(case, zone=zone) for case in cases]
    expected = [[comparable(run(sample.record, now)) for run in runs] for sample in samples]
    for mode in ("correlated", "joined"):
        for use in ("filter", "value"):
            found = sql_values(connection, source, cases, mode, use, zone, now)
            for column, case in enumerate(cases):
                truth = use == "filter" and str(case.type) == "bool"
                for sample, wanted, row in zip(samples, expected, found, strict=True):
                    got = (row[column] is True) if truth else row[column]
                    want = (wanted[column] is True) if truth else wanted[column]
                    assert got == want, (
                        f"{mode} {use}: {case.text}\nSQL {got!r}, Python {want!r}, zone {zone}, now {now}\n{sample.record}"
                    )


def comparable(value: Any) -> Any:
    return seconds(value) if isinstance(value, timedelta) else utc(value)


def sql_values(
    connection: psycopg.Connection, source: str, cases: list[Checked], mode: Any, use: Any, zone: str, now: datetime
) -> list[Any]:
    """Evaluate all expressions for all customers in one statement."""
    compiled = [
        compile_sql(case, alias=ALIAS, mode=mode, prefix=f"e{i}_", zone=zone, use=use) for i, case in enumerate(cases)
    ]
    params: dict[str, Any] = {"now": now, "tenant": TENANT, "buckets": BUCKETS}
    for one in compiled:
        params |= one.params
    columns = ", ".join(one.sql for one in compiled)
    joins = " ".join(join for one in compiled for join in one.joins)
    statement = (
        f"select {columns} from {source} {joins}"
        " where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s::uuid order by c.n"
    )
    try:
        rows = connection.execute(statement, params).fetchall()  # type: ignore[arg-type]
    except psycopg.Error as trouble:
        connection.rollback()
        texts = "\n".join(case.text for case in cases)
        raise AssertionError(f"{mode}: {trouble}\n{texts}") from trouble
    return [[utc(value) for value in row] for row in rows]


def test_expressions_are_as_deep_as_they_are_said_to_be() -> None:
    """The generator must not come down to shallow trees: a good part reaches the depth."""
    depths: list[int] = []

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(expressions(DEPTH))
    def draw(drawn: Any) -> None:
        depths.append(check(to_text(drawn[1]), scope, drawn[0]).tree.depth)

    scope: Scope = event_scope()
    draw()
    assert sum(depth > DEPTH for depth in depths) >= len(depths) // 10


@settings(max_examples=200, deadline=None)
@given(offsets=st.sets(st.integers(0, 12)))
def test_runs_of_days_are_as_long_in_both(connection: psycopg.Connection, offsets: set[int]) -> None:
    """Compared with the longest run of ones in a calendar written as text."""
    calendar = "".join("1" if day in offsets else "0" for day in range(13))
    longest = max(map(len, calendar.split("0")))
    days = sorted(date(2026, 2, 22) + timedelta(days=day) for day in offsets)
    scope = event_scope()
    record = {
        "relations": {"orders": [{"paid_at": datetime(one.year, one.month, one.day, 23, tzinfo=UTC)} for one in days]}
    }
    run = compile_python(check("days_in_a_row(orders)", scope, "number"), zone="UTC")
    assert run(record, NOWS[0]) == longest
    found = connection.execute(
        f"select {longest_run('s.a')} from (select %s::date[] as a) as s", [days or None]
    ).fetchone()  # type: ignore[arg-type]
    assert found == (longest or None,)
