"""Do the quick ways say what psycopg's and the standard library's say?"""

import json
from typing import Any
from uuid import UUID

import pytest
from psycopg.adapt import PyFormat, Transformer
from psycopg.types.array import ListDumper

from tandem.kernel.adapters import BatchDumper, read_json

IDS = [UUID(int=number) for number in (0, 1, 2**127)]


@pytest.mark.parametrize(
    "value", [[1, -2, 70_000], IDS, ["a", 'b"', "{,}"], [None, 1], [[1], [2]], [True, False], [], [IDS[0], None]]
)
def test_an_array_is_written_as_psycopg_writes_it(value: list[Any]) -> None:
    written: list[tuple[int, bytes]] = []
    for kind in (ListDumper, BatchDumper):
        dumper = kind(list, Transformer()).upgrade(value, PyFormat.TEXT)
        written.append((dumper.oid, bytes(dumper.dump(value) or b"")))
    assert written[0] == written[1]


@pytest.mark.parametrize(
    "text",
    ["1" + "0" * 40, "1.50", "-0.0", "1" + "0" * 400 + ".5", '{"a": [null, true, "奶粉\\n"]}', '"\\ud83d\\ude00"'],
)
def test_json_is_read_as_the_standard_library_reads_it(text: str) -> None:
    assert repr(read_json(text.encode())) == repr(json.loads(text))
