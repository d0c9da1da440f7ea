"""Does a record that only the database refuses fail alone, with its reason, and can it come again?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from harness.database import Database
from harness.door import Door, email, phone
from tandem.kernel.errors import InvalidInput
from tandem.stream.door.isolation import FAILURES_MAX
from tandem.stream.door.pending import resolve_waiting, take_in
from tandem.stream.door.service import replay
from tandem.stream.door.wire import parse

GUARD = """
create or replace function refuse_poison() returns trigger language plpgsql as $$
begin
  if new.payload ->> 'name' like 'poison%' then raise exception 'no such behaviour'; end if;
  return new;
end $$;
create trigger refuse_poison before insert on inbox for each row execute function refuse_poison()
"""
REASON = "the database refused this record: P0001: no such behaviour"


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    made = Door(database)
    with database.connect() as owner:
        owner.execute(GUARD)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


def did(door: Door, name: str, *who: dict[str, str]) -> dict[str, Any]:
    record = door.behaviour(*who)
    return {**record, "payload": {**record["payload"], "name": name}}


def mixed(door: Door) -> list[dict[str, Any]]:
    """Nine records, the fifth of them poison; the last is of the same person as the poison."""
    records = [did(door, "looked", phone(number)) for number in range(8)]
    records.insert(4, did(door, "poison", phone(7)))
    return records


def mend(door: Door) -> None:
    with door.database.connect() as owner:
        owner.execute("drop trigger refuse_poison on inbox")


def test_it_fails_alone_and_the_others_are_resolved(door: Door, logs: list[Any]) -> None:
    answer = door.send(*mixed(door), partial=True)
    assert (answer.accepted, answer.events) == (8, 16)
    assert [(one.where, one.en) for one in answer.refused] == [("events[4].payload", REASON)]
    assert len(door.inbox("behaviour.recorded")) == len(door.customers()) == 8
    assert door.value("select problems -> 0 ->> 'en' from quarantine") == REASON
    assert [one["tenant"] for one in logs if one["event"] == "record_failed"] == [str(door.tenant)]


def test_a_call_that_takes_all_or_nothing_names_the_place(door: Door) -> None:
    with pytest.raises(InvalidInput) as caught:
        door.send(*mixed(door))
    assert [one.where for one in caught.value.details] == ["events[4].payload"]
    assert door.value("select (select count(*) from inbox) + (select count(*) from intake_key)") == 0


def test_mended_and_replayed_it_comes_in(door: Door) -> None:
    door.send(*mixed(door), partial=True)
    mend(door)
    with door.tx() as tx:
        answer = replay(tx, door.kinds, door.value("select id from quarantine"))
    assert answer.accepted == 1
    assert [one["payload"]["name"] for one in door.inbox("behaviour.recorded")].count("poison") == 1


def test_of_what_was_received_for_later_one_is_put_aside_and_can_be_replayed(door: Door) -> None:
    with door.tx() as tx:
        take_in(tx, parse(json.dumps({"events": mixed(door)}).encode()))
    assert resolve_waiting(door.db, door.kinds) == 9
    assert len(door.inbox("behaviour.recorded")) == 8
    assert door.rows("select status, problems -> 0 ->> 'en' from quarantine") == [("open", REASON)]
    mend(door)
    with door.tx() as tx:
        assert replay(tx, door.kinds, door.value("select id from quarantine")).accepted == 1
    assert len(door.inbox("behaviour.recorded")) == 9


def test_a_correction_that_failed_is_news_when_it_comes_again(door: Door) -> None:
    first = did(door, "looked", email("anna"))
    door.send(first)
    changed = {**first, "payload": {**first["payload"], "identifiers": [email("anna"), phone(1)]}}
    with door.database.connect() as owner:
        owner.execute("create function refuse_all() returns trigger language plpgsql as $$ begin raise 'shut'; end $$")
        owner.execute("create trigger refuse_all before insert on inbox for each row execute function refuse_all()")
    assert len(door.send(changed, partial=True).refused) == 1
    with door.database.connect() as owner:
        owner.execute("drop trigger refuse_all on inbox")
    again = door.send(changed)
    assert (again.duplicates, again.updates) == (0, 1)


def test_after_too_many_the_rest_waits_for_the_next_call(door: Door) -> None:
    records = [did(door, f"poison {number}", phone(1)) for number in range(FAILURES_MAX + 3)]
    with door.tx() as tx:
        take_in(tx, parse(json.dumps({"events": [*records, did(door, "looked", phone(1))]}).encode()))
    assert resolve_waiting(door.db, door.kinds) == FAILURES_MAX
    assert door.value("select count(*) from intake_pending") == 4
    assert resolve_waiting(door.db, door.kinds) == 4
    assert door.value("select count(*) from quarantine") == FAILURES_MAX + 3
    assert len(door.inbox("behaviour.recorded")) == 1
