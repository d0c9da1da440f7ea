"""“For each” goes over the related things of whatever the flow is about, and each branch knows its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.domains.commerce.stock import StockIn, normalise_stock, set_line, upsert_stock
from tandem.flow.checks import Placed, check_graph
from tandem.flow.explain.why import why
from tandem.flow.graph import parse_graph
from tandem.flow.rehearsal.dryrun import Trial, Tried, dry_run
from tandem.flow.rehearsal.replay import Question, replay
from tandem.flow.rehearsal.things import copied
from tandem.flow.runs import RunStatus
from tandem.flow.subjects import Home
from tandem.kernel.ids import derived_id, new_id
from tandem.stream.door.kinds import Envelope
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

EXIT = block("exit", "flow.exit")
START = block("start", "start.event", event_type="order.paid")
JOIN = block("join", "flow.join")


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(module_database, whole=True) as opened:
        opened.owner(
            "insert into product (tenant_id, product_id, name, category) values (%(tenant)s, 'milk', '牛奶', '乳品'),"
            " (%(tenant)s, 'tea', '茶', '饮料'), (%(tenant)s, 'nappy', '纸尿裤', '婴儿')"
        )
        yield opened


@pytest.fixture
def rooms(house: FlowHouse) -> Iterator[FlowHouse]:
    """The house; what was drawn in it stops afterwards."""
    yield house
    house.owner("update flow set status = 'stopped' where status = 'running'")
    house.owner("update flow_epoch set epoch = epoch + 1")
    house.owner("delete from human_task")


def paid(house: FlowHouse, number: str, customer: UUID | None, *lines: tuple[str, int], ago: float = 0) -> UUID:
    """An order with lines of (product, amount) is placed and paid so many days ago, a second after another."""
    one = derived_id(house.tenant, "order", number)
    with house.tx("worker") as tx:
        at = tx.now - timedelta(seconds=1, days=ago)
        told = [
            {"line_no": place, "product_id": product, "quantity": 1, "amount": amount, "discount": 0}
            for place, (product, amount) in enumerate(lines, 1)
        ]
        payload: dict[str, Any] = {
            "order_id": number,
            "source": "till",
            "status": "paid",
            "store": None,
            "channel": None,
        }
        payload |= {"placed_at": at.isoformat(), "paid_at": at.isoformat(), "modified_at": at.isoformat()}
        payload |= {"currency": "CNY", "total": sum(amount for _, amount in lines), "discount": 0, "lines": told}
        bucket = (customer or one).bytes[15]
        said = NewEvent(
            type="order.paid", bucket=bucket, customer_id=customer, subject_type="order", subject_id=one, occurred_at=at,
            payload=payload | {"line_count": len(lines)},
        )  # fmt: skip
        emit(tx, [said])
    return one


def task(name: str, title: str) -> dict[str, Any]:
    return block(name, "human.task", title=title, role="admin", answers=[{"name": "ok", "label": "好"}])


def asked(house: FlowHouse) -> Counter[tuple[UUID, str]]:
    return Counter(
        house.owner(
            "select r.subject_id, t.title from human_task t join flow_run r on r.bucket = t.bucket and r.id = t.run_id"
        )
    )


def findings(house: FlowHouse, drawn: dict[str, Any]) -> list[Placed]:
    with house.tx() as tx:
        return check_graph(parse_graph(drawn), house.rooms.kinds, house.rooms.catalog, tx, frozenset({"*"}))


def gone(tried: Tried) -> list[str]:
    """The blocks by which the first of a dry run went, those of its branches among them."""
    found = [tried.plan.by_number(one.block) for one in tried.passages[0].steps]
    return [one.id for one in found if one is not None]


def over_lines(**more: Any) -> dict[str, Any]:
    """A task for each dear line, by name; orders that have none are tagged by a task of their own."""
    dear = block("dear", "decide.condition", ways=[{"name": "yes", "label": "是", "condition": "item.amount >= 50"}])
    return graph(
        [
            block("start", "start.event", event_type="order.paid", **more),
            block("each", "flow.for_each", relation="lines", where="quantity > 0", most=3),
            dear, task("check", "{{item.product}} {{item.line_no}}"), JOIN, task("empty", "空单"), EXIT,
        ],
        [
            "start.entered>each", "each.each>dear", "dear.yes>check", "dear.else>join", "check.ok>join", "check.timeout>join",
            "each.done>exit", "each.none>empty", "empty.ok>exit", "empty.timeout>exit",
        ],
        subject="order",
        reentry={"rule": "always", "concurrent": True},
    )  # fmt: skip


def test_a_batch_of_orders_goes_over_its_own_lines(rooms: FlowHouse) -> None:
    (anna,) = rooms.add_customers(1)
    drawn = over_lines()
    assert findings(rooms, drawn) == [], "orders without a customer enter too"
    flow = rooms.publish(drawn)
    one = paid(rooms, "A1", anna, ("milk", 60), ("tea", 10), ("nappy", 90))
    two = paid(rooms, "A2", anna, ("tea", 70))
    walk_in = paid(rooms, "W1", None, ("milk", 1), ("milk", 2), ("milk", 3), ("nappy", 500))
    many = [paid(rooms, f"W{number}", None, ("milk", 50), ("tea", 5)) for number in range(2, 30)]
    none = paid(rooms, "W0", None)
    rooms.settle()
    wanted = Counter({(one, "牛奶 1"): 1, (one, "纸尿裤 3"): 1, (two, "茶 1"): 1, (none, "空单"): 1})
    assert asked(rooms) == wanted + Counter(dict.fromkeys([(order, "牛奶 1") for order in many], 1))
    by_status = Counter(run["status"] for run in rooms.runs(flow) if run["subject_id"] == walk_in)
    assert by_status == {RunStatus.DONE: 4}, "the first three lines, none of them dear, and the run itself"


def test_the_orders_customer_has_related_things_too(rooms: FlowHouse) -> None:
    (anna,) = rooms.add_customers(1)
    drawn = over_lines()
    drawn["blocks"][1] = block("each", "flow.for_each", relation="refunds", where="amount > event.total / 2")
    drawn["blocks"][2]["config"]["ways"][0]["condition"] = "item.amount >= 50 and count(lines) = 1"
    drawn["blocks"][3]["config"]["title"] = "{{item.amount}}"
    assert [one.finding.code for one in findings(rooms, drawn)] == ["without_customer_stays_out"]
    rooms.publish(drawn)
    old = paid(rooms, "B0", anna, ("tea", 500), ago=3)
    rooms.settle()
    rooms.owner("delete from human_task")
    rooms.owner(
        "insert into refund (bucket, id, tenant_id, customer_id, origin_id, order_id, source, external_id, amount, refunded_at)"
        " select tandem_bucket(%(c)s), tandem_new_id(), %(tenant)s, %(c)s, %(c)s, %(order)s, 'till', a::text, a, now()"
        " from unnest(array[9, 60, 70]) a",
        {"c": anna, "order": old},
    )
    small, walk_in = paid(rooms, "B1", anna, ("tea", 20)), paid(rooms, "B2", None, ("tea", 20))
    two = paid(rooms, "B3", anna, ("tea", 10), ("tea", 10))
    rooms.settle()
    assert asked(rooms) == {(small, "60"): 1, (small, "70"): 1}
    assert {walk_in, two} & {one for one, _ in asked(rooms)} == set()


def test_a_branch_within_a_branch_has_an_item_of_its_own(rooms: FlowHouse) -> None:
    drawn = graph(
        [
            START,
            block("each", "flow.for_each", relation="lines", where="amount > 5"),
            # The condition reads the line of the branch it stands in; the branch behind it reads the line that it found.
            block("later", "flow.for_each", relation="lines", where="line_no > item.line_no and product_id = item.product_id"),
            task("twice", "{{item.line_no}}"), JOIN, task("alone", "alone {{item.line_no}}"), block("met", "flow.join"), EXIT,
        ],
        [
            "start.entered>each", "each.each>later", "later.each>twice", "twice.ok>join", "twice.timeout>join", "later.none>alone", "alone.ok>met", "alone.timeout>met",
            "later.done>met", "each.done>exit", "each.none>exit",
        ],
        subject="order",
    )  # fmt: skip
    assert findings(rooms, drawn) == []
    rooms.publish(drawn)
    order = paid(rooms, "C1", None, ("milk", 10), ("tea", 10), ("milk", 20), ("milk", 1))
    rooms.settle()
    assert asked(rooms) == {(order, "3"): 1, (order, "4"): 2, (order, "alone 2"): 1}


def stock(house: FlowHouse, product: str, place: str, quantity: int) -> UUID:
    with house.tx("door") as tx:
        envelope = Envelope(house.tenant, "erp", f"{product}-{place}-{tx.now}", "stock", tx.now)
        found = normalise_stock(envelope, StockIn(product, Decimal(quantity), place)).reference
        upsert_stock(tx, [found])
    return found.id  # type: ignore[union-attr]


def test_a_stock_item_goes_over_the_places_of_its_product(rooms: FlowHouse) -> None:
    drawn = graph(
        [
            block("start", "start.event", event_type="stock.low"),
            block("each", "flow.for_each", relation="stock_places", where="quantity > 20 and place != stock_item.place"),
            task("move", "从 {{item.place}} 调拨"), JOIN, EXIT,
        ],
        ["start.entered>each", "each.each>move", "move.ok>join", "move.timeout>join", "each.done>exit"],
        subject="stock_item",
    )  # fmt: skip
    assert findings(rooms, drawn) == []
    rooms.publish(drawn)
    here = stock(rooms, "milk", "SH-1", 30)
    for place, quantity in (("SH-2", 50), ("SH-3", 5), ("BJ-1", 80)):
        stock(rooms, "milk", place, quantity)
    stock(rooms, "tea", "SH-9", 90)
    with rooms.tx() as tx:
        set_line(tx, here, Decimal(10))
    stock(rooms, "milk", "SH-1", 3)
    rooms.settle()
    assert asked(rooms) == {(here, "从 BJ-1 调拨"): 1, (here, "从 SH-2 调拨"): 1}
    tried = dry_run(
        rooms.db, rooms.rooms, rooms.tenant, new_id(), parse_graph(drawn), {}, frozenset({"*"}),
        Trial([Home(here, here.bytes[15], None, None)], "start"), closed=frozenset(),
    )  # fmt: skip
    assert [gone(tried) for _ in tried.passages] == [["start", "move", "join", "move", "join", "each", "exit"]]


def test_what_the_subject_does_not_have_is_said(rooms: FlowHouse) -> None:
    drawn = graph(
        [block("start", "start.event", event_type="stock.low"), block("each", "flow.for_each", relation="lines"), JOIN, EXIT],
        ["start.entered>each", "each.each>join", "each.done>exit"],
        subject="stock_item",
    )  # fmt: skip
    (found,) = findings(rooms, drawn)
    assert (found.block, found.finding.where) == ("each", "relation")
    drawn["settings"]["subject"] = "customer"
    drawn["blocks"][0]["config"]["event_type"] = "order.paid"
    assert [one.block for one in findings(rooms, drawn)] == ["each"]


def test_lines_are_there_since_their_order_was_placed_whenever_one_asks(rooms: FlowHouse) -> None:
    (anna,) = rooms.add_customers(1)
    three = paid(rooms, "D1", anna, ("milk", 60), ("tea", 70), ("tea", 1), ago=5)
    paid(rooms, "D2", anna, ("tea", 1), ago=4)
    rooms.settle()
    # As tills tell it: paid days after it was placed.
    rooms.owner("update order_line set paid_at = now() + interval '1 day' where order_id = %(one)s", {"one": three})
    rooms.owner("update sales_order set placed_at = now() - interval '6 days' where id = %(one)s", {"one": three})
    drawn = over_lines(condition="order.external_id starts with 'D' and count(lines) > 1 and sum(lines.amount) > 100")
    graph_ = parse_graph(drawn)
    asked_ = Question(new_id(), graph_, {}, frozenset({"*"}), days=7)
    found = replay(rooms.db, rooms.rooms, rooms.tenant, asked_, lambda done, total: None)
    assert found.result["blocks"]["dear"]["ports"] == {"yes": 2, "else": 1}
    assert found.result["entered"] == 1, "whoever goes by three branches entered once"
    assert sorted("entered" in one.marks for one in found.people) == [False, False, False, True]
    whose = Home(three, anna.bytes[15], anna, anna)
    # A coupon that no order used is there, too, for whoever asks about her coupons.
    drawn["blocks"][0]["config"]["condition"] += " and count(coupons) = 1 and count(used_coupons) = 0"
    flow = rooms.publish(drawn)
    rooms.owner(
        "update flow_version set published_at = now() - interval '9 days' where flow_id = %(flow)s", {"flow": flow}
    )
    rooms.owner("update event set received_at = occurred_at where subject_id = %(one)s", {"one": three})
    rooms.owner(
        "insert into coupon (bucket, id, tenant_id, customer_id, origin_id, template_id, code, status, issued_at, expires_at)"
        " values (tandem_bucket(%(c)s), tandem_new_id(), %(tenant)s, %(c)s, %(c)s, tandem_new_id(), 'D', 'issued', now() - interval '9 days', now())",
        {"c": anna},
    )
    judged = why(rooms.db, rooms.rooms, rooms.tenant, flow, "order", whose)
    assert [one.condition is not None and one.condition.holds for one in judged.tries] == [True]
    # A dry run has her other orders beside the one that is tried.
    drawn["blocks"][0]["config"]["condition"] = "count(lines) > 1 and count(orders) = 2"
    tried = dry_run(
        rooms.db, rooms.rooms, rooms.tenant, new_id(), parse_graph(drawn), {}, frozenset({"*"}), Trial([whose], "start"),
        closed=frozenset(),
    )  # fmt: skip
    assert [one.entry is not None and one.entry.holds for one in tried.passages] == [True]
    assert Counter(gone(tried))["dear"] == 3


def test_what_a_rehearsal_copies_is_looked_up_by_bucket(house: FlowHouse) -> None:
    """Her other orders and the product's other counts are found by keys: conditions beside each other would read the whole table."""
    for name, ways in (("order", 2), ("stock_item", 2)):
        entity = house.rooms.catalog.entities[name]
        where = copied(house.rooms.catalog, entity, every=False)[entity.table]
        assert " or " not in where
        named = where.count("o.bucket = any(%(homes)s::smallint[])")
        assert (where.count(" union ") + 1, named) == (ways, ways)
