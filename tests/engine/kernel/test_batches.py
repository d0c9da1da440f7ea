"""Do arrays that go the quick way arrive as they were?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from tandem.kernel.adapters import adapt


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
