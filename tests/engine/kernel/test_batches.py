"""Do arrays that go the quick way arrive as they were?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from harness.database import Database
from tandem.kernel import columns
from tandem.kernel.adapters import adapt
from tandem.kernel.db import begin


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bytea", [b"", b"\x00'\\\"{},", bytes(range(256)), b"NULL", b"\\x41"]),
        ("uuid", [UUID(int=0), UUID(int=2**128 - 1)]),
        ("bigint", [0, -1, 2**62]),
    ],
)
def test_an_array_arrives_as_it_was(module_database: Database, kind: str, value: list[Any]) -> None:
    with module_database.connect() as connection:
        adapt(connection)
        row = connection.execute(
            f"select %(value)s::{kind}[], cardinality(%(value)s::{kind}[])", {"value": value}
        ).fetchone()
    assert row == (value, len(value))


_ID = UUID("0192f0c1-2b3c-7d4e-8f50-616263646566")
_AT = datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=8)))


@pytest.mark.parametrize(
    ("kind", "column", "value"),
    [
        ("uuid", columns.uuids, [UUID(int=0), None, UUID(int=2**128 - 1), _ID]),
        ("smallint", columns.smallints, [0, 255, 256, -1, 32767, -32768]),
        ("integer", columns.integers, [0, -1, 2**31 - 1, -(2**31)]),
        ("text", columns.texts, ["", None, '奶粉"\\{},', "NULL", "NULL"]),
        ("bytea", columns.blobs, [b"", None, bytes(range(256))]),
        ("timestamptz", columns.times, [_AT, _AT, datetime(1999, 12, 31, 23, 0, 0, 1, tzinfo=UTC), None, _AT]),
        ("jsonb", columns.documents, [{}, [], None, {"名": '"\\', "n": [1, 2.5, True, None]}]),
    ],
)
def test_a_column_arrives_as_what_psycopg_binds(
    module_database: Database, kind: str, column: Callable[[Any], columns.Column], value: list[Any]
) -> None:
    own = [Jsonb(one) for one in value] if kind == "jsonb" else value
    with module_database.connect() as connection:
        adapt(connection)
        for these, those in ((value, own), ([], [])):
            row = connection.execute(
                f"select %(column)s = %(list)s::{kind}[], array_dims(%(column)s), array_dims(%(list)s::{kind}[])",
                {"column": column(these), "list": those},
            ).fetchone()
            assert row is not None
            assert row[0]
            assert row[1] == row[2] or not these


def test_a_long_statement_means_what_a_short_one_does(module_database: Database) -> None:
    tenant = UUID(int=7)
    with module_database.connect() as owner:
        owner.execute(
            "insert into tenant (id, code, name, key_enc) values (%s, 'long', '长', '') on conflict do nothing",
            (tenant,),
        )
    with module_database.connect("worker") as connection:
        adapt(connection)
        tx = begin(connection, tenant=tenant)
        text = "select %(a)s::text || %(b)s::text || %(a)s::text || '%%', 7 %% 4, %(list)s::uuid[], %(none)s::int, 'x' like 'x%%'"
        params = {"a": "甲", "b": "%(a)s", "list": [_ID], "none": None, "unused": 1}
        for prepare in (None, True):
            for length in (1, 5000):
                row = tx.cursor(f"{text} -- {'-' * length}", params, prepare=prepare).fetchone()
                assert row == ("甲%(a)s甲%", 3, [_ID], None, True)
                row = tx.cursor(f"{text} -- {'-' * length}", params, prepare=prepare, binary=True).fetchone()
                assert row == ("甲%(a)s甲%", 3, [_ID], None, True)
        # Forms that are not read here go psycopg's way.
        assert tx.cursor(f"select %(a)b::bytea -- {'-' * 5000}", {"a": b"1"}).fetchone() == (b"1",)
