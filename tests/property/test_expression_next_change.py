"""Does a value really stay the same until the moment it is said to change next, and does SQL name the same moment?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.catalog import Checked, check, compile_python, next_change, next_change_sql, to_text
from tandem.catalog.dependencies import uses_clock
from tandem.catalog.due import due
from unit.catalog.generate import expressions
from unit.catalog.rows import BUCKETS, NOWS, TENANT, ZONES, Sample, make, store
from unit.catalog.sample import event_scope

SAMPLES: Final = make(25, seed=11)
SCOPE: Final = event_scope()
ALIAS: Final = {"customer": "c", "event": "e.payload"}
RELAXED = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))

TYPICAL: Final = (
    "count(orders where category = 'a' and paid_at >= now() - 90 days) >= 1",
    "count(orders in last 7 days) = 0",
    "days_since(last(orders.paid_at)) > 30",
    "days_since(last(orders.paid_at in last 365 days)) <= 6",
    "age_years(customer.birthday) >= 26",
    "age_months(customer.birthday) between 3 and 320",
    "age_weeks(customer.birthday) between 28 and 40",
    "month_of(customer.birthday) = month_of(today())",
    "customer.joined_at + 30 days < now()",
    "now() - customer.joined_at > 30 days",
    "today() - customer.birthday >= 30 days",
    "customer.birthday = today()",
    "customer.joined_at >= today()",
    "date_of(now()) > customer.birthday",
    "hour_of(now()) between 9 and 20",
    "weekday(now()) = 1 and customer.spend > 0",
    "days_until(customer.birthday) <= 7",
    "not exists(visits in last 30 days)",
    "sum(orders.amount where delivered_on > today() - 30 days) > 5",
    "days_since(customer.joined_at) > customer.points",
    "hour_of(now() + 90 minutes) >= 22",
    "is_weekend(now() - 5 hours)",
    "coalesce(customer.joined_at, timestamp('2026-06-20T00:00:00Z')) < now()",
    "if(customer.joined_at < now() - 7 days, customer.spend, 0) > 0",
    "birthday_within(customer.birthday, 30)",
    "not lunar_birthday_within(customer.birthday, 7)",
    "days_to_birthday(customer.birthday) between 3 and 5",
    "days_to_lunar_birthday(customer.birthday) = 0",
    "customer.joined_at >= start_of_month(today())",
    "count(orders where paid_at >= start_of_week(today())) >= 1",
    "customer.birthday < start_of_year(today())",
    "is_working_day(today()) or lunar_day(now()) = 15",
    "now() = today()",
    "now() - 90 minutes > today()",
    "start_of_month(today()) < now() - 30 minutes",
    "now() - today() > 90 minutes",
)


@pytest.fixture(scope="module")
def connection(database_server_url: str) -> Iterator[psycopg.Connection]:
    name = f"expressions_{uuid4().hex[:12]}"
    with psycopg.connect(database_server_url, autocommit=True) as server:
        server.execute(f'create database "{name}"')  # type: ignore[arg-type]
        with psycopg.connect(database_server_url, dbname=name) as made:
            store(made, SAMPLES)
            made.execute("set timezone to 'Pacific/Apia'")
            made.commit()
            yield made
        server.execute(f'drop database "{name}" with (force)')  # type: ignore[arg-type]


def assert_stays(case: Checked, sample: Sample, zone: str, now: datetime, ahead: list[timedelta]) -> None:
    value = compile_python(case, zone=zone)
    until = next_change(case, sample.record, now, zone=zone)
    before = value(sample.record, now)
    moments = [now + step for step in ahead]
    if until is not None:
        assert until > now
        moments.append(until - timedelta(microseconds=1))
    for moment in moments:
        if now < moment and (until is None or moment < until):
            assert value(sample.record, moment) == before, (
                f"{case.text}\nat {moment}, from {now}, until {until}\n{sample.record}"
            )


def sql_moments(connection: psycopg.Connection, case: Checked, zone: str, now: datetime) -> list[Any]:
    compiled = next_change_sql(case, alias=ALIAS, zone=zone)
    params = compiled.params | {"now": now, "tenant": TENANT, "buckets": BUCKETS}
    statement = (
        f"select {compiled.sql} from customer as c join happening as e on e.bucket = c.bucket and e.customer_id = c.id"
        " where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s::uuid order by c.n"
    )
    with connection.transaction():
        return [row[0] for row in connection.execute(statement, params).fetchall()]  # type: ignore[arg-type]


STEPS: Final = [timedelta(hours=h) for h in (1, 5, 13, 25)] + [
    timedelta(days=d) for d in (2, 3, 6, 7, 8, 29, 31, 60, 91, 200, 366, 800)
]


@pytest.mark.parametrize("text", TYPICAL)
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Havana"])
def test_typical_conditions(connection: psycopg.Connection, text: str, zone: str) -> None:
    case = check(text, SCOPE)
    for now in NOWS:
        for sample in SAMPLES:
            assert_stays(case, sample, zone, now, STEPS)
        expected = [next_change(case, sample.record, now, zone=zone) for sample in SAMPLES]
        assert sql_moments(connection, case, zone, now) == expected


@RELAXED
@given(drawn=expressions(3), zone=st.sampled_from(ZONES), now=st.sampled_from(NOWS))
def test_any_expression(connection: psycopg.Connection, drawn: Any, zone: str, now: datetime) -> None:
    case = check(to_text(drawn[1]), SCOPE, drawn[0])
    if not uses_clock(SCOPE, case.typed):
        assert next_change(case, SAMPLES[0].record, now, zone=zone) is None
    # What nobody could solve is looked at each hour, and may be that late: nothing is promised within it.
    if drawn[0] == "bool" and due(SCOPE, case.typed).sweep != "hourly":
        for sample in SAMPLES:
            assert_stays(case, sample, zone, now, STEPS)
    expected = [next_change(case, sample.record, now, zone=zone) for sample in SAMPLES]
    assert sql_moments(connection, case, zone, now) == expected, case.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(orders where paid_at >= now() - 90 days) >= 1", "2026-04-01T00:00:00.000001+00:00"),
        ("days_since(last(orders.paid_at)) > 30", "2026-01-31T16:00:00+00:00"),
        ("age_years(customer.birthday) >= 26", "2026-02-28T16:00:00+00:00"),
        ("month_of(today()) = 1", "2026-01-05T16:00:00+00:00"),
        ("customer.spend > 5", None),
    ],
)
def test_the_exact_moment(text: str, expected: str | None) -> None:
    record = {
        "customer": {"birthday": datetime.fromisoformat("2000-02-29").date()},
        "relations": {"orders": [{"paid_at": datetime.fromisoformat("2026-01-01T00:00:00+00:00")}]},
    }
    now = datetime.fromisoformat("2026-01-05T00:00:00+00:00")
    found = next_change(check(text, SCOPE), record, now, zone="Asia/Shanghai")
    assert (found and found.isoformat()) == expected
