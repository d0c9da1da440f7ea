"""What the door makes of records: duplicates, updates, owners, events that come out once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from harness.database import Database
from harness.door import Door, device, email, member, moment, phone
from tandem.kernel.errors import InvalidInput
from tandem.kernel.ids import bucket_of
from tandem.stream.door.pending import resolve_waiting, take_in
from tandem.stream.door.wire import parse
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    made = Door(database)
    yield made
    made.close()


def test_a_new_customer_is_made_once_with_evidence_and_events(door: Door) -> None:
    answer = door.send(
        door.record(
            "customer", {"identifiers": [phone(1), email("anna")], "name": "安娜", "city": "上海", "tags": ["新客"]}
        )
    )
    assert (answer.accepted, answer.duplicates, answer.updates, answer.refused) == (1, 0, 0, [])
    customer = door.customers()[0]
    assert door.value("select bucket from customer") == bucket_of(customer)
    assert door.rows("select kind, rule, last4 from customer_identifier order by kind") == [
        ("email", "first", "l.cn"),
        ("phone", "first", "0001"),
    ]
    assert [one["customer_id"] for one in door.inbox("customer.created")] == [customer]
    recorded = door.inbox("customer.recorded")[0]["payload"]
    assert recorded["fields"] == {"city": "上海"}
    assert recorded["tags"] == ["新客"]
    assert "安娜" not in str(door.rows("select * from inbox, customer, customer_identifier"))
    assert b"13900000001" not in str(door.rows("select * from intake")).encode()


def test_the_same_record_again_is_a_duplicate_and_another_payload_an_update(door: Door) -> None:
    first = door.record("customer", {"identifiers": [phone(1)], "city": "上海"})
    door.send(first)
    again = door.send(first, {**first, "payload": {"city": "上海", "identifiers": [phone(1)]}})
    assert (again.accepted, again.duplicates, again.updates) == (0, 2, 0)
    changed = door.send({**first, "payload": {"identifiers": [phone(1)], "city": "北京"}})
    assert (changed.accepted, changed.duplicates, changed.updates) == (0, 0, 1)
    assert door.value("select version from intake_key") == 2
    assert [one["payload"]["fields"]["city"] for one in door.inbox("customer.recorded")] == ["上海", "北京"]
    assert len(door.customers()) == 1


def test_repeats_of_an_id_within_a_call_count_in_order(door: Door) -> None:
    first = door.behaviour(phone(1))
    other = {**first, "payload": {**first["payload"], "name": "bought"}}
    answer = door.send(first, first, other, first)
    assert (answer.accepted, answer.duplicates, answer.updates) == (1, 1, 2)
    assert door.value("select version from intake_key") == 3
    assert len(door.inbox("behaviour.recorded")) == 1


def test_a_known_identifier_finds_its_owner_and_a_new_one_joins(door: Door) -> None:
    door.send(door.behaviour(phone(1)))
    door.send(door.behaviour(phone(1), email("anna")))
    door.send(door.behaviour(email("anna")))
    customer = door.customers()
    assert len(customer) == 1
    assert {one["customer_id"] for one in door.inbox("behaviour.recorded")} == set(customer)
    gained = door.inbox("customer.identified")
    assert [one["payload"]["identifiers"][0]["kind"] for one in gained] == ["email"]


def test_two_customers_are_never_merged_by_the_door(door: Door) -> None:
    door.send(door.behaviour(phone(1)), door.behaviour(email("anna")))
    older, younger = door.customers()
    door.send(door.behaviour(phone(1), email("anna")), door.behaviour(email("anna"), phone(1)))
    assert door.rows("select survivor_id, loser_id, status from merge_command") == [(older, younger, "queued")]
    assert len(door.customers()) == 2
    assert [one["customer_id"] for one in door.inbox("behaviour.recorded")][2:] == [older, older]


def test_another_member_number_vetoes_and_asks_a_person(door: Door) -> None:
    door.send(door.behaviour(phone(1), member(1)))
    door.send(door.behaviour(phone(1), member(2)))
    first, second = door.customers()
    assert door.rows("select a_id, b_id, reason, status from merge_review") == [(first, second, "member_no", "open")]
    assert door.value("select count(*) from merge_command") == 0
    assert door.value("select degree from identifier where kind = 'phone'") == 1


def test_a_landline_is_demoted_and_then_makes_walk_ins(door: Door) -> None:
    door.send(*(door.behaviour(phone(1), member(number)) for number in range(9)))
    assert door.value("select demoted from identifier where kind = 'phone'")
    made = len(door.customers())
    door.send(door.behaviour(phone(1)))
    assert len(door.customers()) == made
    assert door.inbox("behaviour.recorded")[-1]["customer_id"] is None


def test_placeholders_and_devices_name_nobody(door: Door) -> None:
    door.send(door.behaviour({"kind": "phone", "value": "13800138000"}, device("a")))
    assert door.customers() == []
    walk_in = door.inbox("behaviour.recorded")[0]
    assert walk_in["customer_id"] is None
    assert walk_in["bucket"] == bucket_of(walk_in["subject_id"])


def test_a_device_is_evidence_once(door: Door) -> None:
    door.send(door.behaviour(phone(1)))
    door.send(door.behaviour(phone(1), device("a")), door.behaviour(phone(1), device("a")))
    assert [one["payload"]["identifiers"][0]["rule"] for one in door.inbox("customer.identified")] == ["weak"]
    assert door.value("select count(*) from identifier") == 1


def test_an_orders_steps_come_out_once_whatever_the_order(door: Door) -> None:
    placed = door.order("A1", phone(1), status="placed", version=1)
    paid = door.order("A1", phone(1), version=2)
    door.send(paid)
    door.send(placed)
    door.send({**paid, "external_id": "again"})
    assert len(door.inbox("order.placed")) == 1
    assert len(door.inbox("order.paid")) == 1
    kept = door.rows("select marks, modified_at from entity_key")[0]
    assert sorted(kept[0]) == ["paid", "placed"]
    assert kept[1].isoformat()[:19] == paid["payload"]["modified_at"][:19]


def test_an_order_without_buyer_waits_in_its_own_bucket_and_moves_when_the_buyer_is_known(door: Door) -> None:
    door.send(door.order("A1"))
    walk_in = door.inbox("order.paid")[0]
    assert walk_in["customer_id"] is None
    assert walk_in["bucket"] == bucket_of(walk_in["subject_id"])
    door.send(door.order("A1", phone(1), status="completed", version=2))
    customer = door.customers()[0]
    completed = door.inbox("order.completed")[0]
    assert completed["customer_id"] == customer
    assert door.rows("select verb, survivor_id, subject_type, subject_id, from_bucket from merge_command") == [
        ("rehome", customer, "order", walk_in["subject_id"], walk_in["bucket"]),
    ]


def test_a_refund_goes_to_its_orders_buyer(door: Door) -> None:
    door.send(door.order("A1", phone(1)))
    refund = door.record("refund", {"refund_id": "F1", "order_id": "A1", "amount": 3, "at": moment(5)})
    door.send(refund)
    customer = door.customers()[0]
    created = door.inbox("refund.created")[0]
    assert created["customer_id"] == customer
    assert created["subject_id"] == door.inbox("order.paid")[0]["subject_id"]


def test_a_refund_before_its_order_waits_for_it(door: Door) -> None:
    door.send(door.record("refund", {"refund_id": "F1", "order_id": "A1", "amount": 3, "at": moment(5)}))
    assert door.inbox("refund.created")[0]["customer_id"] is None
    door.send(door.order("A1", phone(1)))
    assert door.value("select verb from merge_command") == "rehome"
    assert door.inbox("order.paid")[0]["customer_id"] == door.customers()[0]


def test_backfill_keeps_its_mode_and_lane(door: Door) -> None:
    door.send(door.behaviour(phone(1), mode="backfill"))
    assert [(one["mode"], one["lane"]) for one in door.inbox("behaviour.recorded")] == [(1, 2)]


def test_one_bad_record_refuses_all_and_leaves_nothing(door: Door) -> None:
    bad = door.order("A2", phone(2))
    bad["payload"]["total"] = -1
    with pytest.raises(InvalidInput) as caught:
        door.send(door.order("A1", phone(1)), bad, door.record("nothing", {}))
    assert [one.where for one in caught.value.details] == ["events[1].payload.total", "events[2].kind"]
    for table in ("intake_key", "intake", "inbox", "identifier", "customer", "entity_key", "quarantine"):
        assert door.value(f"select count(*) from {table}") == 0


def test_partial_takes_the_sound_ones_and_keeps_the_bad_ones(door: Door) -> None:
    bad = door.order("A2", phone(2))
    bad["payload"]["lines"][0]["quantity"] = "many"
    answer = door.send(door.order("A1", phone(1)), bad, {"source": "shop"}, partial=True)
    assert (answer.accepted, [one.where for one in answer.refused]) == (
        1,
        ["events[1].payload.lines[0].quantity", "events[2]"],
    )
    kept = door.rows("select kind, external_id, problems->0->>'where' from quarantine order by kind desc")
    assert kept == [("order", bad["external_id"], "events[1].payload.lines[0].quantity"), ("", "", "events[2]")]


def test_an_event_too_many_causes_away_is_parked_where_people_see_it(door: Door) -> None:
    door.send(door.behaviour(phone(1)))
    customer = door.customers()[0]
    told = [
        NewEvent(
            type="t",
            bucket=bucket_of(customer),
            customer_id=customer,
            occurred_at=datetime.now(UTC),
            payload={},
            hops=hops,
        )
        for hops in (16, 17)
    ]
    with door.tx("worker") as tx:
        assert emit(tx, told) == 1
    assert door.value("select count(*) from inbox where type = 't'") == 1
    assert door.value("select hops from inbox_failed where type = 't'") == 17


def test_a_webhooks_records_are_resolved_later_in_any_number(door: Door) -> None:
    records = [door.behaviour(phone(number % 3)) for number in range(10)] + [door.record("nonsense", {})]
    body = json.dumps({"events": records}).encode()
    with door.tx() as tx:
        assert take_in(tx, parse(body)) == 11
        assert take_in(tx, parse(body)) == 0
    assert door.customers() == []
    assert resolve_waiting(door.db, door.kinds, limit=4) == 4
    while resolve_waiting(door.db, door.kinds, limit=4):
        pass
    assert len(door.inbox("behaviour.recorded")) == 10
    assert len(door.customers()) == 3
    assert door.rows("select kind, status from quarantine") == [("nonsense", "open")]
