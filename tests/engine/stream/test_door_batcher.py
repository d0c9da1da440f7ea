"""Small calls share a transaction and still stand or fall alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harness.database import Database
from harness.door import Door, member, phone
from tandem.kernel.errors import InvalidInput
from tandem.stream.door import batcher as batching
from tandem.stream.door.batcher import Batcher
from tandem.stream.door.service import Answer
from tandem.stream.door.wire import parse


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    made = Door(database)
    yield made
    made.close()


def together(
    door: Door, calls: list[list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Any], list[int]]:
    """Submit all calls while a first one holds the flush, so that the others share the next; returns answers and sizes of flushes."""
    batcher = Batcher(lambda: door.kinds)
    started, go = threading.Event(), threading.Event()
    sizes: list[int] = []
    flush = batching._flush

    def watched(db: Any, tenant: Any, kinds: Any, some: Any) -> None:
        sizes.append(len(some))
        if len(sizes) == 1:
            started.set()
            go.wait(120)
        flush(db, tenant, kinds, some)

    monkeypatch.setattr(batching, "_flush", watched)

    def one(call: list[dict[str, Any]]) -> Answer | InvalidInput:
        try:
            return batcher.submit(door.db, door.tenant, parse(json.dumps({"events": call}).encode()))
        except InvalidInput as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        first = pool.submit(one, calls[0])
        assert started.wait(120)
        rest = [pool.submit(one, call) for call in calls[1:]]
        while batcher.flushes.waiting(door.tenant) < len(rest):
            threading.Event().wait(0.001)
        go.set()
        return [first.result(), *(future.result() for future in rest)], sizes


def test_calls_that_arrive_together_share_a_flush(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [[door.behaviour(phone(number))] for number in range(8)]
    calls.append([calls[1][0]])
    answers, sizes = together(door, calls, monkeypatch)
    assert sum(sizes) == len(calls)
    assert max(sizes) > 1
    assert sum(answer.accepted for answer in answers) == 8
    assert sum(answer.duplicates for answer in answers) == 1
    assert len(door.customers()) == 8


def test_a_bad_call_fails_alone(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    good = [[door.behaviour(phone(number))] for number in range(4)]
    answers, _ = together(door, [*good[:2], [door.record("nonsense", {})], *good[2:]], monkeypatch)
    assert [isinstance(answer, InvalidInput) for answer in answers] == [False, False, True, False, False]
    assert len(door.inbox("behaviour.recorded")) == 4


def test_a_call_that_cannot_be_resolved_fails_alone(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.send(*(door.behaviour(phone(1), member(number)) for number in range(9)))
    nobody = [door.record("customer", {"identifiers": [phone(1)]})]
    answers, _ = together(door, [[door.behaviour(phone(2))], nobody, [door.behaviour(phone(3))]], monkeypatch)
    assert [isinstance(answer, InvalidInput) for answer in answers] == [False, True, False]
    assert door.value("select count(*) from intake_key where external_id = %s", nobody[0]["external_id"]) == 0
    assert len(door.inbox("behaviour.recorded")) == 11
