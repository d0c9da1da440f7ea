"""Flows about something other than a customer: orders, which belong to one, and stock items, which belong to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.access.service import create_tenant
from tandem.catalog.label import Label
from tandem.domains.commerce.stock import StockIn, normalise_stock, set_line, upsert_stock
from tandem.flow import people, subjects
from tandem.flow.asking import ask_in
from tandem.flow.checks import Placed, check_graph
from tandem.flow.graph import parse_graph
from tandem.flow.runs import RunStatus
from tandem.kernel.crypto import MasterKey
from tandem.kernel.errors import Conflict, InvalidInput, TandemError
from tandem.kernel.ids import derived_id, new_id
from tandem.kernel.settings import settings
from tandem.stream.door.kinds import Envelope
from tandem.stream.events import NewEvent
from tandem.stream.identity import commands
from tandem.stream.inbox import emit
from tandem.stream.things import door, records, types
from tandem.stream.things.catalogue import catalog_of

ALWAYS = {"rule": "always", "concurrent": True}
EXIT = block("exit", "flow.exit")
DAY = {"amount": "1", "unit": "days"}


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database, whole=True) as opened:
        yield opened


def order(house: FlowHouse, number: str, customer: UUID | None, step: str = "paid", **more: Any) -> UUID:
    """A step of an order, by its number; the same number is the same order."""
    one = derived_id(house.tenant, "order", number)
    with house.tx("worker") as tx:
        at = tx.now - timedelta(seconds=1)
        payload = {"order_id": number, "source": "till", "status": step, "store": None, "channel": None}
        payload |= {"placed_at": at.isoformat(), "paid_at": at.isoformat(), "modified_at": tx.now.isoformat()}
        payload |= {"currency": "CNY", "total": 100, "discount": 0, "line_count": 0, "lines": [], **more}
        bucket = (customer or one).bytes[15]
        emit(
            tx,
            [
                NewEvent(
                    type=f"order.{step}",
                    bucket=bucket,
                    customer_id=customer,
                    subject_type="order",
                    subject_id=one,
                    occurred_at=tx.now,
                    payload=payload,
                )
            ],
        )
    return one


def count(house: FlowHouse, product: str, *quantities: int, at: datetime | None = None) -> UUID:
    """The door takes counts of stock, in one batch."""
    with house.tx("door") as tx:
        envelope = Envelope(house.tenant, "erp", f"{product}-{tx.now}", "stock", at or tx.now)
        found = [normalise_stock(envelope, StockIn(product, Decimal(one), "SH-1")).reference for one in quantities]
        upsert_stock(tx, found)
    return found[0].id  # type: ignore[union-attr]


def findings(house: FlowHouse, drawn: dict[str, Any]) -> list[Placed]:
    with house.tx() as tx:
        return check_graph(parse_graph(drawn), house.rooms.kinds, house.rooms.catalog, tx, frozenset({"*"}))


def shown(house: FlowHouse, flow: UUID) -> dict[UUID, tuple[str, int]]:
    return {run["subject_id"]: (run["block"], run["status"]) for run in house.runs(flow)}


def test_two_orders_of_one_customer_are_two_runs_and_each_hears_its_own_events(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    wait = block("wait", "wait.event", event_type="order.completed", timeout=DAY)
    ask = block("ask", "decide.condition", ways=[{"name": "big", "label": "大单", "condition": "order.total > 150"}])
    flow = house.publish(
        graph(
            [block("start", "start.event", event_type="order.paid"), ask, wait, EXIT],
            ["start.entered>ask", "ask.big>exit", "ask.else>wait", "wait.happened>exit", "wait.timeout>exit"],
            subject="order",
        )
    )
    one, two, big = order(house, "A1", anna), order(house, "A2", anna), order(house, "A3", anna, total=500)
    walk_in = order(house, "W1", None)
    house.settle()
    assert shown(house, flow) == {
        one: ("wait", RunStatus.ACTIVE),
        two: ("wait", RunStatus.ACTIVE),
        big: ("start", RunStatus.DONE),
        walk_in: ("wait", RunStatus.ACTIVE),
    }
    assert {run["customer_id"] for run in house.runs(flow)} == {anna, None}
    # Paid again is the same order: it is inside already. Completed concerns that order alone.
    order(house, "A1", anna)
    order(house, "A1", anna, "completed")
    order(house, "W1", None, "completed")
    house.settle()
    assert len(house.runs(flow)) == 4
    assert {one for one, (_, status) in shown(house, flow).items() if status == RunStatus.ACTIVE} == {two}


def test_a_run_about_an_order_moves_with_its_customer_and_with_the_order(house: FlowHouse) -> None:
    anna, bert = sorted(house.add_customers(2))
    flow = house.publish(
        graph(
            [
                block("start", "start.event", event_type="order.paid"),
                block(
                    "task",
                    "human.task",
                    title="备货",
                    role="store_manager",
                    answers=[{"name": "ok", "label": "好"}],
                    due=DAY,
                ),
                EXIT,
            ],
            ["start.entered>task", "task.ok>exit", "task.timeout>exit"],
            subject="order",
        )
    )
    hers, walk_in = order(house, "B1", bert), order(house, "W2", None)
    order(house, "B2", anna)
    house.settle()
    command(house, "merge", survivor_id=anna, loser_id=bert)
    command(
        house,
        "rehome",
        survivor_id=anna,
        subject_type="order",
        subject_id=walk_in,
        from_bucket=walk_in.bytes[15],
        origin_id=anna,
    )
    runs = {run["subject_id"]: run for run in house.runs(flow)}
    assert {run["bucket"] for run in runs.values()} == {anna.bytes[15]}
    assert {run["status"] for run in runs.values()} == {RunStatus.ACTIVE}
    assert (runs[hers]["customer_id"], runs[hers]["origin_id"]) == (anna, bert)
    assert runs[walk_in]["customer_id"] == anna
    for table in ("flow_due", "human_task", "flow_step_log"):
        assert house.owner(f"select distinct bucket, customer_id from {table}") == [(anna.bytes[15], anna)]
    house.forward(days=2)
    house.settle()
    assert {status for _, status in shown(house, flow).values()} == {RunStatus.DONE}
    ((merge,),) = house.owner("select id from customer_merge where undone_at is null")
    command(house, "undo", merge_id=merge)
    assert {run["subject_id"] for run in house.runs(flow) if run["customer_id"] == bert} == {hers}


def command(house: FlowHouse, verb: str, **columns: Any) -> None:
    names = "".join(f", {name}" for name in columns)
    values = "".join(f", %({name})s" for name in columns)
    with house.tx("worker") as tx:
        tx.execute(
            f"insert into merge_command (tenant_id, id, verb, reason, filed_at{names})"
            f" values (%(tenant)s, %(id)s, %(verb)s, 'test', now(){values})",
            {"tenant": house.tenant, "id": new_id(), "verb": verb, **columns},
        )
    while (outcome := commands.step(house.db, house.tenant, house.rooms)) is not None:
        assert outcome.status == "done", outcome
    house.settle()


def test_a_coupon_that_is_asked_for_goes_with_its_order(house: FlowHouse) -> None:
    anna, bert = house.add_customers(2)
    made = new_id()
    house.owner(
        "insert into coupon_template (id, tenant_id, name, kind, value, currency, valid_days, created_at, updated_at)"
        " values (%(coupon)s, %(tenant)s, '五元券', 'amount', 5, 'CNY', 30, now(), now())",
        {"coupon": made},
    )
    gift = block("gift", "marketing.issue_coupon", coupon_template=str(made))
    arrows = ["start.entered>gift", *(f"gift.{port}>exit" for port in ("issued", "sold_out", "limit_reached"))]
    start = block("start", "start.event", event_type="order.paid")
    flow = house.publish(graph([start, gift, EXIT], arrows, subject="order"))
    one = order(house, "M1", anna)
    house.turn()
    assert house.owner("select customer_id from coupon_request") == [(anna,)]
    moving = {"subject_type": "order", "subject_id": one, "from_bucket": anna.bytes[15], "origin_id": bert}
    command(house, "rehome", survivor_id=bert, loser_id=anna, **moving)
    assert house.owner("select customer_id from coupon") == [(bert,)]
    assert [(run["customer_id"], run["status"]) for run in house.runs(flow)] == [(bert, RunStatus.DONE)]


def test_a_batch_of_stock_items_runs_without_any_customer(house: FlowHouse) -> None:
    house.owner(
        "insert into product (tenant_id, product_id, name, category) values (%(tenant)s, 'milk', '牛奶', '乳品')"
    )
    items = [count(house, f"sku-{number}", 100) for number in range(8)] + [count(house, "milk", 100)]
    drawn = graph(
        [
            block("low", "start.event", event_type="stock.low"),
            block("hand", "start.hand"),
            block("daily", "start.each", every="day", at="00:00", condition="stock_item.quantity < stock_item.low_at"),
            block("split", "decide.split", arms=[{"name": "a", "label": "A", "share": "50"}, {"name": "b", "label": "B", "share": "50"}]),
            block("buy", "human.approval", title="补货", role="admin", due=DAY),
            block("wait", "wait.until", condition="stock_item.quantity >= stock_item.low_at", timeout={"amount": "9", "unit": "days"}),
            EXIT,
        ],
        [
            "low.entered>split", "hand.entered>split", "daily.entered>split", "split.a>wait", "split.b>wait", "wait.true>exit",
            "wait.timeout>exit", "buy.approved>exit", "buy.rejected>exit", "buy.timeout>exit",
        ],
        subject="stock_item",
    )  # fmt: skip
    assert "unreachable" in {one.finding.code for one in findings(house, drawn)}
    drawn["blocks"] = [one for one in drawn["blocks"] if one["id"] != "buy"]
    drawn["arrows"] = [one for one in drawn["arrows"] if one["from"] != "buy"]
    flow = house.publish(drawn)
    with house.tx() as tx:
        for item in items:
            set_line(tx, item, Decimal(20))
        ask_in(tx, flow, [], [items[0], new_id()], catalog=house.rooms.catalog)
    for number in range(1, 8):
        count(house, f"sku-{number}", 5)
    house.settle()
    runs = house.runs(flow)
    # Asked in by hand, the first had its line already and went through; the others wait until they are restored.
    assert shown(house, flow) == {items[0]: ("wait", RunStatus.DONE)} | dict.fromkeys(
        items[1:8], ("wait", RunStatus.ACTIVE)
    )
    assert all(run["customer_id"] is None and run["bucket"] == run["subject_id"].bytes[15] for run in runs)
    count(house, "sku-1", 50)
    house.settle()
    assert shown(house, flow)[items[1]] == ("wait", RunStatus.DONE)
    # By the clock: below its line, and inside already, or no longer.
    count(house, "milk", 10)
    house.owner("delete from inbox")
    house.forward(days=1)
    house.settle()
    assert shown(house, flow)[items[8]] == ("wait", RunStatus.ACTIVE)
    assert len(house.runs(flow)) == 9


def test_counts_of_one_time_are_each_told_and_the_last_of_a_batch_counts(house: FlowHouse) -> None:
    with house.tx() as tx:
        at = tx.now
    for quantity in (5, 7, 5):
        count(house, "sku", quantity, at=at)
        house.settle()
    count(house, "sku", 9, 3, 8, 8, at=at)
    count(house, "sku", 8, at=at)
    house.settle()
    told = house.owner(
        "select (payload ->> 'quantity')::float from event where type = 'stock.counted' order by received_at"
    )
    assert [quantity for (quantity,) in told] == [5, 7, 5, 8]
    assert house.count("inbox") == 0


def test_a_line_that_is_moved_tells_and_wakes_who_waits(house: FlowHouse) -> None:
    item = count(house, "sku", 5)
    flow = house.publish(
        graph(
            [
                block("start", "start.event", event_type="stock.low"),
                block("wait", "wait.until", condition="stock_item.low_at <= 3", timeout=DAY),
                EXIT,
            ],
            ["start.entered>wait", "wait.true>exit", "wait.timeout>exit"],
            subject="stock_item",
        )
    )
    for line, status in ((20, RunStatus.ACTIVE), (10, RunStatus.ACTIVE), (10, RunStatus.ACTIVE), (3, RunStatus.DONE)):
        with house.tx() as tx:
            set_line(tx, item, Decimal(line))
        house.settle()
        assert shown(house, flow) == {item: ("wait", status)}
    told = house.owner("select type, count(*) from event where type <> 'stock.counted' group by 1 order by 1")
    assert told == [("stock.line_changed", 3), ("stock.low", 1), ("stock.restored", 1)]


def test_events_that_never_reach_a_flow_are_said(house: FlowHouse) -> None:
    def said(subject: str, start: str, wait: str) -> set[str | None]:
        drawn = graph(
            [block("start", "start.event", event_type=start), block("wait", "wait.event", event_type=wait, timeout=DAY), EXIT],
            ["start.entered>wait", "wait.happened>exit", "wait.timeout>exit"],
            subject=subject,
        )  # fmt: skip
        return {one.block for one in findings(house, drawn) if one.finding.code == "event_not_about"}

    assert said("customer", "stock.low", "order.paid") == {"start"}
    assert said("customer", "order.paid", "stock.restored") == {"wait"}
    assert said("customer", "order.paid", "visit.recorded") == set()
    assert said("order", "order.moved", "order.moved") == {"start", "wait"}
    assert said("order", "order.paid", "stock.low") == {"wait"}
    assert said("customer", "order.moved", "order.paid") == {"start"}


def test_what_does_not_fit_the_subject_is_said_with_its_mend(house: FlowHouse) -> None:
    house.owner("insert into tag (tenant_id, name, label, created_at) values (%(tenant)s, '大客户', '大客户', now())")
    blocks = [
        block("start", "start.event", event_type="order.paid"),
        block("tag", "customer.add_tag", tag="大客户"),
        block("wait", "wait.event", event_type="visit.recorded", timeout=DAY),
        EXIT,
    ]
    arrows = ["start.entered>tag", "tag.done>wait", "wait.happened>exit", "wait.timeout>exit"]
    stock = {one.finding.code: one for one in findings(house, graph(blocks, arrows, subject="stock_item"))}
    assert stock["customer_needed"].block == "tag"
    assert "人工任务" in stock["customer_needed"].finding.mend.zh
    assert {
        one.block
        for one in findings(house, graph(blocks, arrows, subject="stock_item"))
        if one.finding.code == "event_not_about"
    } == {"start", "wait"}
    # An order may have a customer: the same blocks serve, and orders without one stay out, which is said.
    orders = findings(house, graph(blocks, arrows, subject="order"))
    assert [(one.finding.code, one.severity) for one in orders] == [("without_customer_stays_out", "warning")]
    assert [one.finding.code for one in findings(house, graph(blocks, arrows, subject="dragon"))] == ["subject_unknown"]
    flow = house.publish(graph(blocks, arrows, subject="order"))
    (anna,) = house.add_customers(1)
    order(house, "C1", anna)
    order(house, "W3", None)
    house.settle()
    assert [run["customer_id"] for run in house.runs(flow)] == [anna]
    with pytest.raises(InvalidInput):
        house.publish(graph([blocks[0], EXIT], ["start.entered>exit"], subject="stock_item"))


def define(house: FlowHouse) -> types.ThingKind:
    """A sort of things of the company's own."""
    fields = [
        types.ThingField("city", "城市", "City", "text"),
        types.ThingField("area", "面积", "Area", "number"),
        types.ThingField("opens_on", "开业日", "Opens on", "date"),
    ]
    stages = [types.Stage("signed", "已签约", "Signed"), types.Stage("open", "已开业", "Open")]
    with house.tx() as tx:
        return types.create(tx, house.rooms.catalog, "opening", Label("加盟开店", "Franchise opening"), fields, stages)


def test_an_opening_of_a_franchise_goes_through_its_levels(house: FlowHouse) -> None:
    of = define(house)
    flow = house.publish(
        graph(
            [
                block("start", "start.event", event_type="opening.created", condition="event.area >= 20"),
                block(
                    "levels",
                    "human.levels",
                    levels=[{"title": "选址"}, {"title": "装修"}],
                    due={"amount": "9", "unit": "days"},
                ),
                block("note", "flow.remember", values=[{"name": "when", "type": "date", "value": "opening.opens_on"}]),
                block(
                    "set",
                    "thing.set",
                    stage="open",
                    values=[{"field": "opens_on", "value": "run.when"}, {"field": "area", "value": "66"}],
                ),
                EXIT,
            ],
            ["start.entered>levels", "levels.done>note", "levels.timeout>exit", "note.done>set", "set.done>exit"],
            subject="opening",
        )
    )
    batch: list[dict[str, Any]] = [
        {
            "type": "opening",
            "number": f"K{n}",
            "title": f"店{n}",
            "fields": {"area": 10 + 10 * n, "opens_on": "2027-01-01"},
        }
        for n in range(4)
    ]
    problems = receive(
        house, [*batch, {"type": "opening", "number": "K9", "fields": {"size": 1}}, {"type": "boat", "number": "1"}]
    )
    assert problems == 2
    house.settle()
    runs = house.runs(flow)
    assert len(runs) == 3
    assert {run["customer_id"] for run in runs} == {None}
    for _ in range(2):
        for (task,) in house.owner("select id from human_task where state = 'open'"):
            with house.tx() as tx:
                people.decide(tx, task, "done", "")
        house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    with house.tx() as tx:
        rows = {row.number: row for row in records.page(tx, "opening", q=None, stage="open", after=None, limit=9)}
        found = subjects.things(tx, catalog_of(tx, house.rooms.catalog), [("opening", rows["K1"].id)])
        with pytest.raises(Conflict):
            types.delete(tx, of.name)
    assert {number: row.data["area"] for number, row in rows.items()} == {"K1": 66, "K2": 66, "K3": 66}
    assert found[rows["K1"].id].title == "店1 · K1"
    happened = house.owner("select type, count(*) from event where subject_type = 'opening' group by 1 order by 1")
    assert happened == [("opening.changed", 3), ("opening.created", 4), ("opening.stage_changed", 3)]


def receive(house: FlowHouse, payloads: list[dict[str, Any]]) -> int:
    """Records of the ordinary door; how many were refused."""
    refused = 0
    for payload in payloads:
        told = msgspec.convert(payload, door.ThingIn)
        try:
            with house.tx("door") as tx:
                meaning = door.THING.normalise(Envelope(house.tenant, "crm", payload["number"], "thing", tx.now), told)
                assert door.THING.upsert is not None
                door.THING.upsert(tx, [meaning.reference])
        except TandemError:
            refused += 1
    return refused


def test_another_company_sees_and_runs_nothing_of_it(house: FlowHouse) -> None:
    define(house)
    with house.tx() as tx:
        records.write(tx, types.kind(tx, "opening"), [records.Told("X1", "甲")])
    with house.db.connection("owner") as connection:
        master = MasterKey(settings().master_key_bytes())
        other = replace(house, tenant=create_tenant(connection, master, code="other", name="另一家"))
    with other.tx() as tx:
        assert types.kinds(tx) == []
        assert "opening" not in catalog_of(tx, house.rooms.catalog).entities
        assert tx.value("select count(*) from thing") == 0
    drawn = graph([block("start", "start.hand"), EXIT], ["start.entered>exit"], subject="opening")
    assert [one.finding.code for one in findings(other, drawn)] == ["subject_unknown"]


def test_a_flow_files_the_number_that_a_shop_is_to_be_told(house: FlowHouse) -> None:
    """Where the item's shop is connected; elsewhere it goes by the other way, and nothing is filed."""
    publish = block("tell", "trade.publish_stock", quantity="stock_item.quantity - 5")
    blocks = [block("start", "start.event", event_type="stock.low"), publish, EXIT]
    arrows = ["start.entered>tell", "tell.filed>exit", "tell.none>exit"]
    flow = house.publish(graph(blocks, arrows, subject="stock_item"))
    assert "stock_item_needed" in {one.finding.code for one in findings(house, graph(blocks, arrows))}
    shop, elsewhere = count(house, "told", 50), count(house, "told-not", 50)
    house.owner("update stock_level set source = 'elsewhere' where id = %(id)s", {"id": elsewhere})
    house.owner(
        "insert into source_account (tenant_id, id, connector, source, name, key_enc, secret_enc, created_at, updated_at) values (%(tenant)s, %(id)s, 'taobao', 'erp', '店', '', '', now(), now())",
        {"id": new_id()},
    )
    with house.tx() as tx:
        for item in (shop, elsewhere):
            set_line(tx, item, Decimal(60))
    house.settle()
    assert {run["subject_id"]: run["status"] for run in house.runs(flow)} == dict.fromkeys(
        (shop, elsewhere), RunStatus.DONE
    )
    assert house.owner("select item_id, quantity, state from stock_push") == [(shop, 45, "waiting")]
