"""Every trade's year is understood by the door, its expressions by the checker; the same seed tells the same year."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tandem.assembly import system
from tandem.demo.trial.trades import TRADES
from tandem.demo.trial.year import happenings, reference
from tandem.kernel.crypto import TenantKeys
from tandem.stream.door.understand import Interpreter
from tandem.stream.door.wire import Problem, parse
from tandem.stream.segment.meaning import checked

END = datetime(2026, 3, 1, tzinfo=UTC)


def test_there_are_five_trades_and_more() -> None:
    assert len(TRADES) >= 5
    assert len({one.company for one in TRADES.values()}) == len(TRADES)


@pytest.mark.parametrize("code", TRADES)
def test_the_door_understands_every_record(code: str) -> None:
    trade = TRADES[code]
    told = [*reference(trade, END), *happenings(trade, 40, END)]
    interpreter = Interpreter(system().door_kinds, TenantKeys(b"k" * 32), uuid4(), END)
    read = [interpreter.read(item) for item in parse(json.dumps({"events": told}).encode()).items]
    assert [one for one in read if isinstance(one, Problem)] == []
    assert len({(one["source"], one["external_id"]) for one in told}) == len(told)
    kinds = Counter(one["kind"] for one in told)
    assert kinds["order"] > 40
    assert {"customer", "behaviour", "store", "product"} <= set(kinds)
    assert all(
        one["mode"] == "backfill" and one["time"] < END.isoformat()
        for one in told
        if one["kind"] not in {"store", "product"}
    )


@pytest.mark.parametrize("code", TRADES)
def test_its_segments_and_tags_are_expressions(code: str) -> None:
    for _, text in (*TRADES[code].segments, *TRADES[code].tags):
        checked(system().catalog, text)


def test_the_same_seed_tells_the_same_year() -> None:
    trade = TRADES["beauty_salon"]
    first = happenings(trade, 10, END)
    assert first == happenings(trade, 10, END)
    assert first != happenings(trade, 10, END, seed=2)
