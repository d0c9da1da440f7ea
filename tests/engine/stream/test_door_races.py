"""Two doors at once, on two connections: nothing is lost, nothing waits in a circle, and plans made early serve later."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from harness.database import Database
from harness.door import Door, phone
from tandem.kernel import fresh
from tandem.kernel.db import Tx
from tandem.kernel.errors import Unavailable
from tandem.stream.door import entities, isolation, reach
from tandem.stream.door.entities import Beaten
from tandem.stream.door.service import accept
from tandem.stream.door.wire import parse
from tandem.stream.identity import store
from tandem.stream.rows import to_json


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    made = Door(database)
    yield made
    made.close()


def _body(*records: dict[str, Any]) -> Any:
    return parse(to_json({"events": list(records)}).encode())


def _until_one_waits(database: Database) -> None:
    """Look until some transaction stands at another's lock."""
    with database.connect() as owner:
        owner.autocommit = True
        for _ in range(3000):
            found = owner.execute(
                "select pg_sleep(0.01), (select count(*) from pg_stat_activity"
                " where datname = current_database() and wait_event_type = 'Lock')"
            ).fetchone()
            if found is not None and found[1]:
                return
    message = "nobody waited"
    raise AssertionError(message)


def _beside(database: Database, door: Door, first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    """Take `first` in, let another door begin with `second` before that is committed, and commit."""
    with ThreadPoolExecutor(1) as other:
        with door.tx() as tx:
            accept(tx, door.kinds, _body(*first))
            late = other.submit(door.send, *second)
            _until_one_waits(database)
        late.result(timeout=60)


def test_two_doors_meet_at_a_new_thing(database: Database, door: Door) -> None:
    """Walk-in orders: no identifier lets them wait for each other earlier, so they meet at the thing itself."""
    one, two = (door.order("o1", version=version) for version in (2, 1))
    _beside(database, door, [one], [two, door.order("o2")])
    assert door.rows("select entity_id, version from entity_key order by 1") == [("o1", 2), ("o2", 1)]
    (kept,) = door.rows(
        "select modified_at = (select max(modified_at) from entity_key where entity_id = 'o1') from entity_key where entity_id = 'o1'"
    )
    assert kept == (True,)
    assert len(door.inbox("order.paid")) == 2, "what comes out once came out once"


def test_two_doors_meet_at_a_thing_that_is_there(database: Database, door: Door) -> None:
    door.send(door.order("o1"))
    _beside(database, door, [door.order("o1", version=2)], [door.order("o1", version=3)])
    assert door.rows("select version from entity_key") == [(3,)]


def test_two_doors_meet_at_things_in_any_order(database: Database, door: Door) -> None:
    door.send(door.order("b"))
    _beside(
        database,
        door,
        [door.order("c", phone(1)), door.order("b", phone(2), version=2), door.order("a", phone(1))],
        [
            door.order("a", phone(2), version=3),
            door.order("b", phone(1), version=3),
            door.order("c", phone(2), version=3),
        ],
    )
    assert door.rows("select entity_id, version from entity_key order by 1") == [("a", 2), ("b", 3), ("c", 2)]


def test_whoever_is_beaten_again_and_again_gives_up(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def beaten(*_: object) -> None:
        tried.append(1)
        if len(tried) > isolation.BEATEN_MAX + 1:
            pytest.exit("it never ends")
        raise Beaten

    monkeypatch.setattr(isolation, "resolve", beaten)
    with pytest.raises(Unavailable):
        door.send(door.order("o1"))


def test_plans_made_for_a_handful_look_up_by_index(database: Database, door: Door) -> None:
    door.send(door.order("o1", phone(1)))
    with database.connect() as owner:
        owner.autocommit = True
        owner.execute("vacuum analyze entity_key, identifier")
    for role in ("door", "worker"):
        with door.tx(role) as tx:
            if role == "worker":
                tx.by_index()
            plans = _plan(tx, entities._LOCK, "entity_key") + _plan(tx, store._READ, "identifier")
            plans += _plan(tx, reach._THEIRS, "customer")
        assert "Seq Scan" not in plans


def _plan(tx: Tx, statement: str, table: str) -> str:
    keys = {"tenant": tx.tenant_id, "s": ["shop"], "k": ["order"], "e": ["o1"], "h": [b"h"]}
    keys |= {"ids": [tx.tenant_id], "stores": [tx.tenant_id], "user": tx.tenant_id}
    found = "\n".join(row[0] for row in tx.cursor(f"explain {statement}", keys))
    assert table in found
    return found


@pytest.mark.parametrize("kept", [True, False])
def test_two_doors_bring_the_same_record(
    database: Database, door: Door, monkeypatch: pytest.MonkeyPatch, *, kept: bool
) -> None:
    """Both write it as if it were new; whoever comes second learns better, or is first where the other gives up."""
    monkeypatch.setattr(fresh, "WORTH_IT", 0)
    monkeypatch.setattr(fresh, "CAREFUL_FOR", 0)
    same, other = door.order("o1", phone(1)), door.behaviour(phone(2))
    with ThreadPoolExecutor(1) as aside:
        with suppress(_GaveUp), door.tx() as tx:
            accept(tx, door.kinds, _body(door.behaviour(phone(3)), same))
            late = aside.submit(door.send, same, other)
            _until_one_waits(database)
            if not kept:
                raise _GaveUp
        answer = late.result(timeout=60)
    assert (answer.accepted, answer.duplicates) == ((1, 1) if kept else (2, 0))
    assert door.rows("select entity_id, version from entity_key") == [("o1", 1)]
    assert len(door.inbox("order.paid")) == 1
    assert len(door.customers()) == (3 if kept else 2)


class _GaveUp(Exception):
    """The first door's transaction ends without effect."""
