"""Merge and undo on a database: rows follow, nothing is lost, both histories come back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.door import Door, device, email, member, phone
from harness.merging import ALL_BUCKETS, Merging, picture
from tandem.domains.contact.archive import keeping
from tandem.domains.contact.referral import deciding, rewards
from tandem.domains.marketing import projections as redeemed
from tandem.flow.runs import RunStatus
from tandem.kernel.ids import bucket_of, new_id
from tandem.stream.identity import moving, queue, refusals, service, stuck
from tandem.stream.identity.filed import Outcome
from tandem.stream.identity.merge import Work


@pytest.fixture
def door(database: Database) -> Iterator[Door]:
    made = Door(database)
    yield made
    made.close()


@pytest.fixture
def merging(door: Door) -> Merging:
    return Merging(door)


def two(door: Door) -> tuple[UUID, UUID]:
    door.send(door.behaviour(phone(1)), door.behaviour(email("anna")))
    older, younger = door.customers()
    return older, younger


def test_a_filed_merge_moves_everything_and_points_identifiers(door: Door, merging: Merging) -> None:
    older, younger = two(door)
    merging.apply()
    door.send(door.behaviour(phone(1), email("anna")))
    assert merging.run() == ["done"]
    assert door.customers() == [older]
    assert door.rows("select distinct customer_id, bucket from identifier") == [(older, bucket_of(older))]
    assert door.rows("select distinct customer_id, bucket from event") == [(older, bucket_of(older))]
    assert {row[0] for row in door.rows("select distinct origin_id from event")} == {older, younger}
    merged = door.inbox("customer.merged")[0]
    assert (merged["payload"]["survivor_id"], merged["payload"]["loser_id"]) == (str(older), str(younger))


def test_an_undo_gives_each_history_back_with_what_arrived_since(door: Door, merging: Merging) -> None:
    older, younger = two(door)
    door.send(door.behaviour(phone(1), email("anna")))
    merging.run()
    door.send(door.behaviour(email("anna")), door.behaviour(phone(1)))
    merging.apply()
    assert {row[0] for row in door.rows("select customer_id from event")} == {older}
    assert merging.undo_all() == ["done"]
    merging.apply()
    counts = dict(door.rows("select customer_id, count(*) from event where type = 'behaviour.recorded' group by 1"))
    assert counts == {older: 3, younger: 2}
    assert dict(door.rows("select kind, customer_id from identifier")) == {"phone": older, "email": younger}
    assert {row[0] for row in door.rows("select customer_id from event where type = 'customer.unmerged'")} == {
        older,
        younger,
    }


def test_a_contradiction_refuses_an_automatic_merge_but_not_a_persons(door: Door, merging: Merging) -> None:
    door.send(door.behaviour(member(1)), door.behaviour(member(2)))
    first, second = door.customers()
    merging.file(first, second)
    assert merging.run() == ["refused"]
    assert door.value("select status from merge_review") == "open"
    merging.file(second, first, forced=True)
    assert merging.run() == ["done"]
    assert door.customers() == [second]
    assert door.value("select status from merge_review") == "merged"


def test_an_event_that_arrives_for_a_merged_customer_is_forwarded(door: Door, merging: Merging) -> None:
    older, younger = two(door)
    merging.apply()
    with door.tx() as late:
        late.execute("select 1")
        door.send(door.behaviour(email("anna")))
    merging.file(older, younger)
    merging.run()
    merging.apply()
    assert {row[0] for row in door.rows("select customer_id from event")} == {older}


def test_the_survivor_shows_what_only_the_other_had_and_gives_it_back(door: Door, merging: Merging) -> None:
    older, younger = two(door)
    door.rows("update customer set city = '上海', attrs = '{\"size\": \"M\"}' where id = %s returning 1", younger)
    door.rows("update customer set gender = 'female', attrs = '{\"colour\": \"red\"}' where id = %s returning 1", older)
    before = merging.people()
    merging.file(older, younger)
    merging.run()
    assert door.rows("select city, gender, attrs from customer where id = %s", older) == [
        ("上海", "female", {"size": "M", "colour": "red"}),
    ]
    merging.undo_all()
    assert merging.people() == before


def test_a_row_without_room_is_set_aside_and_put_back(door: Door, merging: Merging) -> None:
    older, younger = two(door)
    tag = "insert into customer_tag (bucket, tenant_id, customer_id, origin_id, tag, source, set_at) values (%s, %s, %s, %s, %s, %s, now()) returning 1"
    for customer, source in ((older, "manual"), (younger, "flow")):
        door.rows(tag, bucket_of(customer), door.tenant, customer, customer, "vip", source)
    door.rows(tag, bucket_of(younger), door.tenant, younger, younger, "late", "flow")
    before = merging.tags()
    merging.file(older, younger)
    merging.run()
    assert merging.tags() == {(older, older, "vip", "manual"), (older, younger, "late", "flow")}
    merging.undo_all()
    assert merging.tags() == before
    assert door.value("select count(*) from displaced_row") == 0


def test_devices_seen_with_both_come_back_to_both(door: Door, merging: Merging) -> None:
    door.send(door.behaviour(phone(1), device("x")), door.behaviour(email("anna"), device("x")))
    older, younger = door.customers()
    merging.file(older, younger)
    merging.run()
    merging.undo_all()
    assert set(door.rows("select customer_id from customer_identifier where kind = 'device'")) == {(older,), (younger,)}


def test_a_large_merge_moves_in_slices_and_holds_both(door: Door, merging: Merging) -> None:
    older, younger = two(door)
    door.send(*(door.behaviour(email("anna")) for _ in range(50)))
    merging.apply()
    merging.file(older, younger)
    assert merging.step(slice_rows=20) == "moving"
    assert door.value("select bool_and(held) from customer")
    merging.file(younger, older)
    outcomes = [merging.step(slice_rows=20) for _ in range(4)]
    assert "done" in outcomes
    assert merging.run() in ([], ["void"])
    assert not door.value("select bool_or(held) from customer")
    assert (
        door.value("select count(*) from event where customer_id = %s", older)
        == door.value("select count(*) from event") - 0
    )
    assert merging.undo_all(slice_rows=20)[-1] == "done"
    assert (
        door.value("select count(*) from event where customer_id = %s and type = 'behaviour.recorded'", younger) == 51
    )


@pytest.mark.parametrize("slices", [20, 1000])
def test_a_merge_that_cannot_go_on_is_told_and_can_be_taken_back(
    door: Door, merging: Merging, monkeypatch: pytest.MonkeyPatch, slices: int
) -> None:
    older, younger = two(door)
    door.send(*(door.behaviour(email("anna")) for _ in range(50)))
    merging.apply()
    before = picture(door)
    command = merging.file(older, younger)
    assert merging.step(slice_rows=20) == "moving"
    door.send(door.behaviour(email("anna")))

    def broken(*_given: Any) -> int:
        raise ValueError("a row that does not fit")

    with monkeypatch.context() as patched:
        patched.setattr(moving, "move_rows", broken)
        assert merging.step(slice_rows=20) == "failed"
        with door.tx("web") as tx:
            assert stuck.stuck(tx, before=None, limit=9) == [], "failing once is no alarm"
        assert merging.step(slice_rows=20) == "failed"
        with door.tx("web") as tx:
            (found,) = stuck.stuck(tx, before=None, limit=9)
            assert stuck.people(tx) == sorted([older, younger])
            assert stuck.command(tx, command) == command
        assert (found.id, found.waiting, "does not fit" in found.outcome) == (command, 1, True)
    # Whoever moves once more goes on; here it is taken back instead, with what had moved.
    assert merging.undo_all(slice_rows=slices)[-1] == "done"
    assert door.value("select status from merge_command where id = %s", command) == "void"
    assert not door.value("select bool_or(held) from customer")
    assert picture(door)["event"] == before["event"]
    merging.apply()
    assert (
        door.value("select count(*) from event where customer_id = %s and type = 'behaviour.recorded'", younger) == 52
    )
    with door.tx("web") as tx:
        assert stuck.people(tx) == []


def test_an_order_moves_when_its_buyer_becomes_known(door: Door, merging: Merging) -> None:
    door.send(door.order("A1"))
    merging.apply()
    assert door.rows("select customer_id from sales_order") == [(None,)]
    door.send(door.order("A1", phone(1), status="completed", version=2))
    assert merging.run() == ["done"]
    merging.apply()
    customer = door.customers()[0]
    everywhere: dict[str, Any] = {
        table: door.rows(f"select distinct bucket, customer_id, origin_id from {table}")
        for table in ("sales_order", "order_line")
    }
    assert set(map(tuple, everywhere.values())) == {((bucket_of(customer), customer, customer),)}
    assert set(door.rows("select distinct customer_id from event where subject_type = 'order'")) == {(customer,)}
    assert door.value("select order_count from customer_profile where customer_id = %s", customer) == 1


def test_two_runs_in_one_flow_leave_the_older(door: Door, merging: Merging) -> None:
    older, younger = two(door)
    flow, other = new_id(), new_id()
    runs = [(older, flow, 2), (younger, flow, 1), (younger, other, 1)]
    ids = [new_id() for _ in runs]
    for run, (customer, its_flow, days) in zip(ids, runs, strict=True):
        door.rows(
            """
            insert into flow_run (bucket, id, tenant_id, customer_id, origin_id, flow_id, stretch, status, lane, entered_at, wake_at)
            values (%s, %s, %s, %s, %s, %s, 1, 0, 0, now() - %s * interval '1 day', '2030-01-01') returning 1
            """,
            *(bucket_of(customer), run, door.tenant, customer, customer, its_flow, days),
        )
        door.rows(
            "insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id) values (%s, %s, 0, '2030-01-01', %s, 1, %s) returning 1",
            *(bucket_of(customer), door.tenant, run, customer),
        )
    merging.file(older, younger)
    assert merging.run() == ["done"]
    status = dict(door.rows("select id, status from flow_run where customer_id = %s", older))
    assert status == {ids[0]: RunStatus.ACTIVE, ids[1]: RunStatus.MERGED, ids[2]: RunStatus.ACTIVE}
    assert {row[0] for row in door.rows("select run_id from flow_due where bucket = %s", bucket_of(older))} == {
        ids[0],
        ids[2],
    }


def test_a_message_let_through_for_one_is_checked_again_for_both(door: Door, merging: Merging) -> None:
    older, younger = two(door)
    for number, (customer, status) in enumerate(((older, "sent"), (younger, "released"))):
        door.rows(
            """
            insert into outbox_message (bucket, id, tenant_id, customer_id, origin_id, block, visit, channel, template_id, message_class, status,
                                        when_capped, planned_at, release_at, released_at, booked_at)
            values (%s, %s, %s, %s, %s, 'b', %s, 'simulated', %s, 'marketing', %s, 'skip', now(), now(), now(), now()) returning 1
            """,
            *(bucket_of(customer), new_id(), door.tenant, customer, customer, number, new_id(), status),
        )
    merging.file(older, younger)
    merging.run()
    found = door.rows("select customer_id, origin_id, status, booked_at is null from outbox_message order by visit")
    assert found == [(older, older, "sent", False), (older, younger, "planned", True)]


# Statements that find customers by an id of another row, how often they look one up, and who asks.
LOOKUPS = {
    "stuck": (f"select s.id, l.id from {stuck._STUCK}", 2, "web"),
    "merges": (service._MERGES, 2, "web"),
    "refusals": (refusals._REFUSALS, 2, "web"),
    "pairs": (f"select r.a_id {queue._OPEN} order by r.a_id, r.b_id limit %(limit)s", 2, "web"),
    "archive": (keeping._OWNERS, 1, "worker"),
    "coupons": (redeemed._OWNERS, 1, "worker"),
    "friends": (deciding._FRIEND, 2, "web"),
    "rewards": (rewards._MATURE, 1, "worker"),
}
BY_KEY = re.compile(r" on customer (?!scoped)\w+\n *Index Cond: .*\bbucket = (?!ANY)")
GIVEN: dict[str, Any] = {
    "buckets": ALL_BUCKETS,
    "homes": ALL_BUCKETS,
    "failures": 2,
    "before": None,
    "customer": None,
    "limit": 50,
    "pattern": None,
}
GIVEN |= {"scope": "", "hashes": [b"x"], "codes": ["x"], "now": datetime(2026, 1, 1, tzinfo=UTC), "code_length": 8}


def test_customers_named_by_other_rows_are_looked_up_by_key(door: Door) -> None:
    with door.database.connect() as owner:
        owner.execute(
            """
            insert into customer (bucket, id, tenant_id, origin_id, first_seen_at, created_at, updated_at, key_enc)
            select tandem_bucket(i), i, %s, i, now(), now(), now(), '' from (select gen_random_uuid() as i from generate_series(1, 2000)) as x
            """,
            (door.tenant,),
        )
        owner.execute("analyze customer")
    for name, (statement, times, role) in LOOKUPS.items():
        with door.tx(role) as tx:
            rows = tx.cursor(f"explain (costs off) {statement}", {**GIVEN, "tenant": tx.tenant_id})
            plan = "\n".join(row[0] for row in rows)
        assert "Seq Scan on customer " not in plan, f"{name}\n{plan}"
        assert len(BY_KEY.findall(plan)) == times, f"{name}\n{plan}"


def test_a_merge_in_many_slices_that_waits_is_not_stuck(
    door: Door, merging: Merging, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, younger = two(door)
    merging.apply()
    command = merging.file(older, younger)
    assert merging.step(slice_rows=1) == "moving"
    door.rows("update merge_command set attempts = 60 where id = %s returning 1", command)

    def after(*outcomes: str) -> list[UUID]:
        for outcome in outcomes:
            with monkeypatch.context() as patched:
                patched.setattr(Work, "run", lambda _work, status=outcome: Outcome(status, "told"))
                merging.step(slice_rows=1)
        with door.tx("web") as tx:
            return stuck.people(tx)

    def broken(_work: Work) -> Outcome:
        raise ValueError("a row that does not fit")

    assert after("waiting", "waiting") == []
    with monkeypatch.context() as patched:
        patched.setattr(Work, "run", broken)
        assert merging.step(slice_rows=1) == "failed"
        assert after("waiting") == [], "failing once is no alarm"
        assert merging.step(slice_rows=1) == "failed"
    assert after("waiting") == sorted([older, younger]), "to have waited is not to have got on"
    assert after("moving") == []
